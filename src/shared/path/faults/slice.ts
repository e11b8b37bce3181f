import { define } from '../definition.ts';
import { DIRECTION_PARAM, directionSuffix } from '../direction-param.ts';
import { durationText, sizeText } from '../quantity-text.ts';

export const slice = define({
  id: 'slice',
  label: 'Slice',
  what: 'Messages arrive in small pieces, with a pause between the pieces.',
  params: {
    size: { kind: 'size', label: 'Piece', help: '0 leaves chunks whole.', default: 64, min: 0, max: 1024 * 1024 },
    variation: {
      kind: 'size',
      label: 'Variation',
      help: 'How far a piece may differ in size.',
      default: 0,
      min: 0,
      max: 1024 * 1024,
    },
    delay: { kind: 'duration', label: 'Pause between pieces', default: 10, min: 0, max: 60_000 },
    dir: DIRECTION_PARAM,
  },
  disabledParams: { size: 0 },
  summary: (params) => {
    const pause = params.delay;
    const { variation } = params;
    const size = sizeText(params.size) + (variation > 0 ? ` ± ${sizeText(variation)}` : '');
    return `${size} slices${pause > 0 ? ` every ${durationText(pause)}` : ''}${directionSuffix(params)}`;
  },
  explain: (_method, { size, delay, dir }) =>
    size > 0 && delay > 0 ? [{ kind: 'slow', dir, bytesPerSecond: (size * 1000) / delay }] : [],
});
