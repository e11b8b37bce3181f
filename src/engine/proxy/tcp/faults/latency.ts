import type { ParamValues } from '../../../../shared/path/params.ts';
import type { Random } from '../../../../shared/random.ts';
import { affectsDirection, DIRECTION_PARAM, directionSuffix } from './direction.ts';
import type { Fault } from './fault.ts';
import { sleepUntil } from './sleep-until.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';

/** Each chunk goes on `delay` after it arrived, give or take the jitter, and never before an earlier one. */
export const latency: Fault = {
  id: 'latency',
  label: 'Latency',
  what: 'Everything arrives later, in order: each way takes this much longer.',
  params: {
    delay: { kind: 'duration', label: 'Delay each way', default: 100, min: 0, max: 600_000 },
    jitter: { kind: 'duration', label: 'Jitter', help: 'How far the delay varies.', default: 0, min: 0, max: 600_000 },
    distribution: {
      kind: 'choice',
      label: 'Spread',
      default: 'uniform',
      options: {
        uniform: 'Even, delay ± jitter',
        normal: 'Bell, σ = jitter',
        'long-tail': 'Delay + mostly short, sometimes long',
      },
    },
    dir: DIRECTION_PARAM,
  },
  disabledParams: { delay: 0, jitter: 0 },
  summary: (params) => {
    const jitter = Number(params['jitter']);
    return `latency ${durationText(Number(params['delay']))}${jitter > 0 ? ` ± ${durationText(jitter)}` : ''}${directionSuffix(params)}`;
  },
  affects: (dir, params) =>
    affectsDirection(dir, params) && (Number(params['delay']) > 0 || Number(params['jitter']) > 0),
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
function sampleDelay(params: ParamValues, random: Random): number {
  const delay = Number(params['delay']);
  const jitter = Number(params['jitter']);
  if (jitter === 0) return delay;
  const u = random.next();
  switch (params['distribution']) {
    case 'normal': // Box–Muller
      return Math.max(0, delay + jitter * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * random.next()));
    case 'long-tail': // exponential, mean = jitter
      return delay - jitter * Math.log(1 - u);
    default:
      return Math.max(0, delay + jitter * (2 * u - 1));
  }
}
