import type { latency as definition } from '../../../../shared/path/faults/latency.ts';
import type { Values } from '../../../../shared/path/definition.ts';
import type { Random } from '../../../../shared/random.ts';
import { affectsDirection } from './direction.ts';
import type { FaultImpl } from './fault.ts';
import { sleepUntil } from './sleep-until.ts';

/** Each chunk goes on `delay` after it arrived, give or take the jitter, and never before an earlier one. */
export const latency: FaultImpl<typeof definition> = {
  affects: (dir, params) => affectsDirection(dir, params) && (params.delay > 0 || params.jitter > 0),
  async *pipe(dir, chunks, params, conn) {
    const random = conn.random.fork(dir);
    let last = 0;
    for await (const chunk of chunks) {
      last = Math.max(last, chunk.at + sampleDelay(params, random));
      await sleepUntil(conn, last);
      yield chunk;
    }
  },
};

/** One delay in milliseconds, never negative. */
function sampleDelay(params: Values<typeof definition>, random: Random): number {
  const { delay, jitter, distribution } = params;
  if (jitter === 0) return delay;
  const u = random.next();
  switch (distribution) {
    case 'normal': // Box–Muller
      return Math.max(0, delay + jitter * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * random.next()));
    case 'long-tail': // exponential, mean = jitter
      return delay - jitter * Math.log(1 - u);
    default:
      return Math.max(0, delay + jitter * (2 * u - 1));
  }
}
