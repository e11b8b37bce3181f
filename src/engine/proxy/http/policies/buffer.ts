import { dropField, field } from '../framing.ts';
import type { Policy } from '../policy.ts';
import { BlockFilter, DelayFilter, FirstByteFilter, OneBehindFilter } from '../body-filters.ts';
import { sizeText, durationText } from '../../../../shared/path/quantity-text.ts';

/** How an intermediary keeps answers back. */
export const buffer: Policy = {
  id: 'buffer',
  label: 'Response buffering',
  what: 'The answer reaches the client in blocks, late, or only at its end; a stream may show nothing at all.',
  params: {
    hold: {
      kind: 'choice',
      label: 'Holds back',
      default: 'block',
      options: {
        none: 'Nothing',
        block: 'Head and body, until there is a block or the end',
        'until-end': 'Everything, until the end',
        'body-until-end': 'The body, until the end',
        'first-byte': 'The head, until the first byte of the body',
        delay: 'Everything for a moment, to send more at once',
        'one-behind': 'Every piece, until the next one comes',
      },
    },
    bytes: { kind: 'size', label: 'Block', default: 4096, min: 1, max: 16 * 1024 * 1024 },
    time: { kind: 'duration', label: 'Moment', default: 200, min: 1, max: 60_000 },
    pieces: {
      kind: 'number',
      label: 'Pieces in a moment',
      help: 'So many go together without waiting any longer. Linux has room for 18.',
      default: 18,
      min: 1,
      max: 1e6,
      whole: true,
    },
    accel: {
      kind: 'choice',
      label: 'X-Accel-Buffering: no',
      default: 'ignored',
      options: { ignored: 'Passes and changes nothing', honoured: 'Turns buffering off and is taken out' },
    },
  },
  disabledParams: { hold: 'none' },
  summary: (params) => {
    const hold = String(params['hold']);
    if (hold === 'block') return `buffers ${sizeText(Number(params['bytes']))}`;
    if (hold === 'delay') return `delays ${durationText(Number(params['time']))}`;
    return hold === 'none' ? 'no buffering' : hold === 'first-byte' ? 'holds headers' : 'holds answers';
  },
  http: {
    bodyFilter(x, params, emit) {
      if (params['accel'] === 'honoured') {
        const no = field(x.response!, 'x-accel-buffering')?.toLowerCase() === 'no';
        dropField(x.response!, 'x-accel-buffering');
        if (no) return null;
      }
      switch (params['hold']) {
        case 'block':
          return new BlockFilter(emit, Number(params['bytes']), true);
        case 'until-end':
        case 'body-until-end':
          return new BlockFilter(emit, Infinity, params['hold'] === 'until-end');
        case 'first-byte':
          return new FirstByteFilter(emit);
        case 'delay':
          return new DelayFilter(emit, Number(params['time']), Number(params['pieces']), x.clock);
        case 'one-behind':
          return new OneBehindFilter(emit);
        default:
          return null;
      }
    },
  },
};
