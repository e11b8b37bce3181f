import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Random } from '../../../shared/random.ts';

export type BackoffKind = 'full-jitter' | 'equal' | 'none';

/**
 * How long to wait before dialling again, in ms. Full jitter is random in [0, min(cap, base · 2ⁿ)]; equal jitter keeps
 * half of that fixed; none neither grows nor varies. Server advice is a floor, and nothing is ever sooner than 100 ms.
 * @param attempt 0 for the first try after a connection that had proved itself
 * @param advice not before so many ms, where the server said so
 */
export function backoffDelay(kind: BackoffKind, attempt: number, advice: number | null, random: Random): number {
  const { baseMs, capMs, floorMs } = DEFAULTS.backoff;
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
  const jittered =
    kind === 'none' ? 0 : kind === 'equal' ? ceiling / 2 + (random.next() * ceiling) / 2 : random.next() * ceiling;
  return Math.round(Math.max(floorMs, jittered, advice ?? 0));
}
