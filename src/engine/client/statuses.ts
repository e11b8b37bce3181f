import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterMs } from './backoff.ts';
import { ended } from './ended.ts';
import { adviceOfDigits } from './numbers.ts';
import type { Ended } from './signal.ts';

/** Coming back with the same request would change nothing. */
const FINAL = [400, 401, 403, 404, 405, 406, 410, 414, 415, 426, 431, 451, 501, 505];

const LET_IN = 'Add a header that lets it in: with --header, or among the headers of the target.';
const WAY_OUT: Record<number, string> = {
  401: LET_IN,
  403: LET_IN,
  404: 'Check path, channel and dialect.',
};

/** More of a server's own words than this is no sentence. */
const WORDS = 300;

/** How long, ms, and how much a refusal may explain itself. */
export const EXPLAIN_WITHIN = 2000;
export const EXPLAIN_BYTES = 64 * 1024;

/** Whether a refusal's body explains it (RFC 9457), so that it is worth waiting for. */
export const explains = (headers: IncomingHttpHeaders): boolean => mediaType(headers) === 'application/problem+json';

/** What a server says of its own refusal, in one line. */
function ownWords(headers: IncomingHttpHeaders, body: string | undefined): string | null {
  if (body === undefined || !explains(headers)) return null;
  try {
    const { detail, title } = JSON.parse(body) as { detail?: unknown; title?: unknown };
    const words = typeof detail === 'string' ? detail : typeof title === 'string' ? title : '';
    // eslint-disable-next-line no-control-regex -- whatever it is, it stays one line
    const line = words.replaceAll(/[\x00-\x20\x7f-\x9f]+/g, ' ').trim();
    return line === '' ? null : line.length > WORDS ? `${line.slice(0, WORDS)}…` : line;
  } catch {
    return null;
  }
}

/**
 * What a status that is not an answer means for the lane: server advice (429 or 503 with `Retry-After`), final, or a
 * drop to come back from.
 */
export function endOfStatus(
  status: number,
  headers: IncomingHttpHeaders,
  now: number,
  what: string,
  body?: string,
): Ended {
  const said = ownWords(headers, body);
  const detail = said === null ? what : `${what}: ${said}`;
  const evidence = `status:${status}` as const;
  const retryMs = adviceMs(headers, now);
  if ((status === 429 || status === 503) && retryMs !== null) {
    return ended(evidence, { announced: true, retryMs, by: 'server', detail });
  }
  if (FINAL.includes(status)) {
    const hint = WAY_OUT[status] ?? (said === null ? undefined : '');
    const notice = hint === undefined ? {} : { notice: { hint } };
    return ended(evidence, { final: true, why: 'refused-by-server', by: 'server', detail, ...notice });
  }
  return ended(evidence, { retryMs, detail });
}

/** When to come back, in ms from now: to the millisecond from a server of ours, else by `Retry-After`. */
export const adviceMs = (headers: IncomingHttpHeaders, now: number): number | null =>
  ownAdviceMs(headers) ?? retryAfterMs(headers['retry-after'], now);

/** `Events-Retry-Ms`: whole seconds would bring everyone back at the same moments. */
export function ownAdviceMs(headers: IncomingHttpHeaders): number | null {
  const text = headers['events-retry-ms'];
  return typeof text === 'string' && /^\d+$/.test(text) ? adviceOfDigits(text) : null;
}

/** `text/html; charset=utf-8` → `text/html`. */
export const mediaType = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
