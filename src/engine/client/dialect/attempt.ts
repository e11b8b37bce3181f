/** The request of one attempt: what the dialect says, laid over what the endpoint and the method say. */
import { planRequest, type RequestPlan } from '../../../shared/dialect/plan.ts';
import { methodOf, type Dialect } from '../../../shared/dialect/model.ts';
import { NoValue, type TemplateValues } from '../../../shared/dialect/template.ts';
import type { Method } from '../../../shared/catalog.ts';
import type { Signal } from '../connection/signal.ts';
import type { IdReader } from './ids.ts';

export interface PlannedAttempt extends RequestPlan {
  /** Said once a lane: why the cursor is not named. */
  notice: Extract<Signal, { kind: 'notice' }> | null;
}

interface AttemptFrom {
  dialect: Dialect;
  method: Method;
  url: string;
  /** Where the lane got to. */
  cursor: string | null;
  resume: boolean;
  /** The epoch that the server named last. */
  epoch: string | null;
  values?: TemplateValues | undefined;
  ids: IdReader;
}

/** @throws NoValue where something that the dialect needs was not given */
export function planAttempt(from: AttemptFrom): PlannedAttempt {
  const { dialect, method, url, cursor, resume, ids } = from;
  const asked = cursor === null ? null : ids.asked(cursor);
  const values: TemplateValues = (name) =>
    name === 'epoch' ? (from.epoch ?? (cursor === null ? null : ids.epochOf(cursor))) : from.values?.(name);
  const plan = (at: string | null): RequestPlan =>
    encoded(planRequest(dialect, method, url, { cursor: at, resume }, values));
  if (asked === null) return { ...plan(null), notice: null };
  try {
    const whole = plan(asked);
    if (Object.values(whole.headers).every(isHeaderSafe)) return { ...whole, notice: null };
    return { ...plan(null), notice: notice('cursor-unsaid', OMITTED) };
  } catch (error) {
    if (!(error instanceof NoValue) || error.template !== 'epoch') throw error;
    return { ...plan(null), notice: notice('epoch-unknown', NO_EPOCH) };
  }

  function encoded(p: RequestPlan): RequestPlan {
    // validators came in headers, and go back as the bytes they were
    if (methodOf(dialect, method).cursor === 'validators') return p;
    const headers = Object.fromEntries(Object.entries(p.headers).map(([name, value]) => [name, utf8Bytes(value)]));
    return { ...p, headers };
  }
}

const OMITTED = 'The last ID has characters that no header may carry: the lane resumes without it.';
const NO_EPOCH = 'The server has not named its epoch, which a resume has to name: the lane starts anew.';

const notice = (code: string, message: string): PlannedAttempt['notice'] => ({
  kind: 'notice',
  level: 'warn',
  code,
  message,
});

/** A header's value goes out as Latin-1, one byte a character: this makes those bytes UTF-8 (WHATWG HTML, 9.2.4). */
const utf8Bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
/** What RFC 9110, 5.5 lets stand in a value, as Node checks it. */
const isHeaderSafe = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** @param memory the lane's */
export function reportOnce(
  said: PlannedAttempt['notice'],
  memory: Map<string, string>,
  emit: (s: Signal) => void,
): void {
  if (!said || memory.has(said.code)) return;
  memory.set(said.code, 'yes');
  emit(said);
}
