import { define } from '../definition.ts';
import { endBy, UNPREDICTED } from '../effect.ts';
import { DIRECTION_PARAM, directionSuffix } from '../direction-param.ts';
import { durationText, sizeText } from '../quantity-text.ts';

export const closeAfter = define({
  id: 'close-after',
  label: 'Close after',
  what: 'Every connection is ended at this age, or when this many bytes have come through.',
  params: {
    time: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 30_000, min: 0, max: 864_000_000 },
    bytes: {
      kind: 'size',
      label: 'Bytes',
      help: 'Counted in each direction from the moment this is set. 0 is no limit.',
      default: 0,
      min: 0,
      max: 1024 ** 4,
    },
    end: { kind: 'choice', label: 'How it ends', default: 'fin', options: { fin: 'FIN', rst: 'RST' } },
    dir: { ...DIRECTION_PARAM, label: 'Count bytes' },
  },
  disabledParams: { time: 0, bytes: 0 },
  impliedParams: (typed) => (typed.includes('bytes') && !typed.includes('time') ? { time: 0 } : {}),
  summary: (params) => {
    const { time, bytes } = params;
    const limits = [time > 0 && durationText(time), bytes > 0 && `${sizeText(bytes)}${directionSuffix(params)}`].filter(
      Boolean,
    );
    return limits.length > 0 ? `closes after ${limits.join(' or ')}` : 'closes never';
  },
  explain: (_method, { time, bytes, end }) => [
    ...endBy({ on: 'age', ms: time, of: 'connection' }, end),
    ...(bytes > 0 ? [UNPREDICTED] : []),
  ],
});
