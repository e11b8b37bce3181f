import type { StormSpec } from '../../shared/storm.ts';
import { seeded } from '../../shared/random.ts';
import { backoffDelay } from '../client/lane/backoff.ts';
import { BIN_MS, drawsOf, peakSecond } from './course.ts';

/** A window is found to within this share of it. */
const PRECISION = 0.01;
const MAX_WINDOW_MS = 86_400_000;

/**
 * The shortest time over which a server that lets all its clients go has to spread their return (`bye` with `retryMs`,
 * `Retry-After`), so that no second brings more than it takes. Each client waits its own first back-off or the advice,
 * whichever is longer. Null: no window of a day would do.
 */
export function* safeWindow(spec: StormSpec): Generator<undefined, number | null> {
  const { clients, capacity, policy } = spec;
  if (capacity === null) return null;
  if (clients <= capacity) return 0;
  const random = seeded(spec.seed).fork('window');
  const places = drawsOf(random, clients);
  const own = new Float64Array(clients);
  for (let i = 0; i < clients; i++) own[i] = backoffDelay(policy.kind, 0, null, random, policy);
  yield;
  const fits = (windowMs: number): boolean => {
    const byBin = new Uint32Array(Math.ceil((windowMs + policy.capMs) / BIN_MS) + 1);
    for (let i = 0; i < clients; i++) byBin[(Math.max(own[i]!, places[i]! * windowMs) / BIN_MS) | 0]!++;
    return peakSecond(byBin, 0).perSecond <= capacity;
  };
  let low = 0;
  let high = (1000 * clients) / capacity;
  while (!fits(high)) {
    yield;
    low = high;
    high *= 1.25;
    if (high > MAX_WINDOW_MS) return null;
  }
  while (high - low > PRECISION * high) {
    yield;
    const middle = (low + high) / 2;
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return Math.ceil(high);
}
