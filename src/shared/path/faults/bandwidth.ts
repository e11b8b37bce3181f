import { define } from '../definition.ts';
import { DIRECTION_PARAM, directionSuffix } from '../direction-param.ts';
import { sizeText } from '../quantity-text.ts';

export const bandwidth = define({
  id: 'bandwidth',
  label: 'Bandwidth',
  what: 'Bytes trickle: no more than this many a second get through, and the rest queues up.',
  params: {
    rate: {
      kind: 'size',
      label: 'Rate, bytes a second',
      help: '0 is no limit.',
      default: 64 * 1024,
      min: 0,
      max: 1024 ** 3,
    },
    dir: DIRECTION_PARAM,
  },
  disabledParams: { rate: 0 },
  summary: (params) => `${sizeText(params.rate)}/s${directionSuffix(params)}`,
  explain: (_method, { rate, dir }) => (rate > 0 ? [{ kind: 'slow', dir, bytesPerSecond: rate }] : []),
});
