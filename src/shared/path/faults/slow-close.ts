import { define } from '../definition.ts';
import { DIRECTION_PARAM, directionSuffix } from '../direction-param.ts';
import { durationText } from '../quantity-text.ts';

export const slowClose = define({
  id: 'slow-close',
  label: 'Slow close',
  what: 'What was said arrives at once, but the end of the connection arrives this much later.',
  params: {
    delay: { kind: 'duration', label: 'Delay of the end', default: 1000, min: 0, max: 600_000 },
    dir: DIRECTION_PARAM,
  },
  disabledParams: { delay: 0 },
  summary: (params) => `ends ${durationText(params.delay)} late${directionSuffix(params)}`,
  explain: (_method, { delay, dir }) => (delay > 0 ? [{ kind: 'slow', dir, of: 'end', ms: delay }] : []),
});
