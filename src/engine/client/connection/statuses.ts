import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterMs } from './retry-after.ts';
import { endedSignal } from './ended.ts';
import { adviceOfDigits } from '../../wire/numbers.ts';
import { refusalWords } from './refusal-words.ts';
import type { EndedSignal } from './signal.ts';

/** With `Retry-After` these ask to be asked later; without it they are worth another try all the same. */
const ASK_LATER = [408, 425, 429];

const AUTH_HINT = 'Add a header that lets it in: with --header, or among the headers of the target.';
const STATUS_HINTS: Record<number, string> = {
  401: AUTH_HINT,
  403: AUTH_HINT,
  404: 'Check path, channel and dialect.',
};

/** How long, ms, and how much a refusal may explain itself. */
export const REFUSAL_BODY_TIMEOUT_MS = 2000;
export const REFUSAL_BODY_LIMIT = 64 * 1024;

/**
 * What a status that is not an answer means for a poller, a WebSocket or a stream that is to be resilient: server advice
 * (408, 425, 429 or 503 with `Retry-After`), final (any other 4xx), or a drop to come back from.
 */
export function endedByStatus(
  status: number,
  headers: IncomingHttpHeaders,
  now: number,
  what: string,
  body?: string,
): EndedSignal {
  const words = refusalWords(headers, body);
  const detail = words === null ? what : `${what}: ${words}`;
  const evidence = `status:${status}` as const;
  const retryMs = adviceMs(headers, now);
  if ((ASK_LATER.includes(status) || status === 503) && retryMs !== null) {
    return endedSignal(evidence, { announced: true, retryMs, by: 'server', detail });
  }
  if (status >= 400 && status < 500 && !ASK_LATER.includes(status)) {
    const hint = STATUS_HINTS[status] ?? (words === null ? undefined : '');
    const notice = hint === undefined ? {} : { notice: { hint } };
    return endedSignal(evidence, { final: true, why: 'refused-by-server', by: 'server', detail, ...notice });
  }
  return endedSignal(evidence, { retryMs, detail });
}

/** When to come back, in ms from now: to the millisecond from a server of ours, else by `Retry-After`. */
export const adviceMs = (headers: IncomingHttpHeaders, now: number): number | null =>
  eventsRetryMs(headers) ?? retryAfterMs(headers['retry-after'], now);

/** `Events-Retry-Ms`: whole seconds would bring everyone back at the same moments. */
export function eventsRetryMs(headers: IncomingHttpHeaders): number | null {
  const text = headers['events-retry-ms'];
  return typeof text === 'string' && /^\d+$/.test(text) ? adviceOfDigits(text) : null;
}
