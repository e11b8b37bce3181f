import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Random } from '../../../shared/random.ts';
import type { BackoffKind, BackoffPolicy } from '../../../shared/storm.ts';

export type { BackoffKind };

/**
 * How long to wait before dialling again, in ms. Full jitter is random in [0, min(cap, base · 2ⁿ)]; equal jitter keeps
 * half of that fixed; none neither grows nor varies. Server advice is a floor, and nothing is ever sooner than the
 * floor of the policy (100 ms).
 * @param attempt 0 for the first try after a connection that had proved itself
 * @param advice not before so many ms, where the server said so
 */
export function backoffDelay(
  kind: BackoffKind,
  attempt: number,
  advice: number | null,
  random: Pick<Random, 'next'>,
  policy: Omit<BackoffPolicy, 'kind'> = DEFAULTS.backoff,
): number {
  const { baseMs, capMs, floorMs } = policy;
  const ceiling = attempt < 30 ? Math.min(capMs, baseMs * (1 << attempt)) : capMs;
  const jittered =
    kind === 'none' ? 0 : kind === 'equal' ? ceiling / 2 + (random.next() * ceiling) / 2 : random.next() * ceiling;
  return Math.round(Math.max(floorMs, jittered, advice ?? 0));
}
