import { define } from '../definition.ts';
import { DIRECTION_PARAM, directionSuffix } from '../direction-param.ts';
import { durationText } from '../quantity-text.ts';

export const latency = define({
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
    const { jitter } = params;
    return `latency ${durationText(params.delay)}${jitter > 0 ? ` ± ${durationText(jitter)}` : ''}${directionSuffix(params)}`;
  },
  explain: (_method, { delay, jitter, dir }) => (delay > 0 || jitter > 0 ? [{ kind: 'slow', dir, ms: delay }] : []),
});
