import type { IncomingHttpHeaders } from 'node:http';
import type { AfterEnd, MethodDialect } from '../../../shared/dialect/model.ts';
import { endedSignal } from '../connection/ended.ts';
import type { Sink } from '../connection/output.ts';
import type { EndedSignal } from '../connection/signal.ts';
import { adviceMs, endedByStatus } from '../connection/statuses.ts';
import { afterCode } from './after.ts';
import type { MessageFlow } from './flow.ts';
import { Subject } from './subject.ts';

interface Refusal {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  now: number;
  /** What was seen of it, as a sentence has it. */
  what: string;
}

/**
 * What follows an answer that is no success, where the dialect says so: its body by the rules for gaps, errors and ends first,
 * then its status.
 * @returns null where the dialect says nothing of it
 */
export function endByDialect(flow: MessageFlow, method: MethodDialect, r: Refusal, out: Sink): EndedSignal | null {
  const { status } = r;
  const evidence = `status:${status}` as const;
  const judged = r.body === '' ? null : flow.judge.judge(bodyOf(r), ['gap', 'error', 'end']);
  const after = afterCode(method.after.status, status);
  const rule = after ? { rule: `dialect, after.status ${after.rule}` } : {};
  switch (judged?.is) {
    case 'gap': {
      const effect = flow.gap(judged, out, evidence);
      if (effect?.do === 'end') return { ...effect.end, rule: 'dialect, a rule of its messages' };
      break;
    }
    case 'end': {
      const effect = flow.apply(judged, out);
      if (effect?.do === 'end') return { ...effect.end, evidence, rule: 'dialect, a rule of its messages' };
      break;
    }
    case 'error':
      flow.apply(judged, out);
      break;
    default:
  }
  if (!after) return null;
  const seen = endedByStatus(status, r.headers, r.now, r.what, r.body);
  // the server's words have been told
  const told = judged?.is === 'error' ? { notice: null } : {};
  if (after.then === 'gap') {
    const gap = { oldest: null, newest: null, epoch: null, missed: null, reason: null, text: null, then: null };
    const effect = flow.gap({ is: 'gap', ...gap }, out, evidence);
    return effect?.do === 'end' ? { ...effect.end, ...rule } : { ...seen, ...rule };
  }
  return { ...endedAs(after.then, seen, adviceMs(r.headers, r.now)), ...told, ...rule };
}

/** An end as a dialect's rule has it. @param advice what the server says of when to come back */
export function endedAs(then: Exclude<AfterEnd, 'gap'>, seen: EndedSignal, advice: number | null): EndedSignal {
  const { evidence, by, detail, reason } = seen;
  const base = { by, ...(detail === undefined ? {} : { detail }), ...(reason === undefined ? {} : { reason }) };
  switch (then) {
    case 'retry':
      return endedSignal(evidence, base);
    case 'advice':
      return endedSignal(evidence, { ...base, announced: advice !== null, retryMs: advice });
    case 'end':
      return endedSignal(evidence, {
        ...base,
        announced: true,
        final: true,
        why: 'ended',
        by: 'server',
        terminal: true,
      });
    case 'stop':
      return endedSignal(evidence, { ...base, final: true, why: 'refused-by-server', by: 'server', ...noticeOf(seen) });
    case 'refresh':
      return endedSignal(evidence, {
        ...base,
        final: true,
        why: 'refused-by-server',
        by: 'server',
        refresh: true,
        ...noticeOf(seen),
      });
  }
}

const noticeOf = ({ notice }: EndedSignal): Pick<EndedSignal, 'notice'> => (notice === undefined ? {} : { notice });

function bodyOf({ body, headers }: Refusal): Subject {
  const subject = new Subject().ofText(body, Buffer.byteLength(body));
  subject.headers = headers;
  return subject;
}
