import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterMs } from './retry-after.ts';
import { endedSignal } from './ended.ts';
import { adviceOfDigits } from '../../wire/numbers.ts';
import type { EndedSignal } from './signal.ts';

/** Coming back with the same request would change nothing. */
const FINAL = [400, 401, 403, 404, 405, 406, 410, 414, 415, 426, 431, 451, 501, 505];

const AUTH_HINT = 'Add a header that lets it in: with --header, or among the headers of the target.';
const STATUS_HINTS: Record<number, string> = {
  401: AUTH_HINT,
  403: AUTH_HINT,
  404: 'Check path, channel and dialect.',
};

/** More of a server's own words than this is no sentence. */
const MAX_DETAIL_LENGTH = 300;

/** How long, ms, and how much a refusal may explain itself. */
export const PROBLEM_BODY_TIMEOUT_MS = 2000;
export const PROBLEM_BODY_LIMIT = 64 * 1024;

/** Whether a refusal's body explains it (RFC 9457), so that it is worth waiting for. */
export const hasProblemDetails = (headers: IncomingHttpHeaders): boolean =>
  mediaType(headers) === 'application/problem+json';

/** What a server says of its own refusal, in one line. */
function problemDetail(headers: IncomingHttpHeaders, body: string | undefined): string | null {
  if (body === undefined || !hasProblemDetails(headers)) return null;
  try {
    const { detail, title } = JSON.parse(body) as { detail?: unknown; title?: unknown };
    const text = typeof detail === 'string' ? detail : typeof title === 'string' ? title : '';
    // eslint-disable-next-line no-control-regex -- whatever it is, it stays one line
    const line = text.replaceAll(/[\x00-\x20\x7f-\x9f]+/g, ' ').trim();
    return line === '' ? null : line.length > MAX_DETAIL_LENGTH ? `${line.slice(0, MAX_DETAIL_LENGTH)}…` : line;
  } catch {
    return null;
  }
}

/**
 * What a status that is not an answer means for the lane: server advice (429 or 503 with `Retry-After`), final, or a
 * drop to come back from.
 */
export function endedByStatus(
  status: number,
  headers: IncomingHttpHeaders,
  now: number,
  what: string,
  body?: string,
): EndedSignal {
  const problem = problemDetail(headers, body);
  const detail = problem === null ? what : `${what}: ${problem}`;
  const evidence = `status:${status}` as const;
  const retryMs = adviceMs(headers, now);
  if ((status === 429 || status === 503) && retryMs !== null) {
    return endedSignal(evidence, { announced: true, retryMs, by: 'server', detail });
  }
  if (FINAL.includes(status)) {
    const hint = STATUS_HINTS[status] ?? (problem === null ? undefined : '');
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

/** `text/html; charset=utf-8` → `text/html`. */
export const mediaType = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
