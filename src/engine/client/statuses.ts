import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterMs } from './backoff.ts';
import { ended } from './ended.ts';
import type { Ended } from './signal.ts';

/** Coming back with the same request would change nothing. */
const FINAL = [400, 401, 403, 404, 405, 406, 410, 414, 415, 426, 431, 451, 501, 505];

/**
 * What a status that is not an answer means for the lane: server advice (429 or 503 with `Retry-After`), final, or a
 * drop to come back from.
 */
export function endOfStatus(status: number, headers: IncomingHttpHeaders, now: number, detail: string): Ended {
  const evidence = `status:${status}` as const;
  const retryMs = retryAfterMs(headers['retry-after'], now);
  if ((status === 429 || status === 503) && retryMs !== null) {
    return ended(evidence, { announced: true, retryMs, by: 'server', detail });
  }
  if (FINAL.includes(status)) return ended(evidence, { final: true, why: 'refused-by-server', by: 'server', detail });
  return ended(evidence, { retryMs, detail });
}

/** `text/html; charset=utf-8` → `text/html`. */
export const mediaType = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
