import { define } from '../definition.ts';
import { NO_BUFFERING, type Hold } from '../effect.ts';
import { durationText, sizeText } from '../quantity-text.ts';

export const buffer = define({
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
    methods: {
      kind: 'choice',
      label: 'Answers to',
      default: 'all',
      options: { all: 'All requests', get: 'GET and HEAD; those to POST and the like pass at once' },
    },
  },
  disabledParams: { hold: 'none' },
  summary: (params) => {
    const { hold } = params;
    if (hold === 'block') return `buffers ${sizeText(params.bytes)}`;
    if (hold === 'delay') return `delays ${durationText(params.time)}`;
    if (hold === 'one-behind') return 'one event behind';
    return hold === 'none' ? 'no buffering' : hold === 'first-byte' ? 'holds headers' : 'holds answers';
  },
  layer: 'http',
  explain(method, { hold, bytes, time, accel }) {
    // The end of an answer brings all of it: only one that does not end is held back.
    if (method !== 'sse' || hold === 'none') return [];
    return [{ kind: 'hold', ...HOLDS[hold](bytes, time), ...(accel === 'honoured' && { unless: NO_BUFFERING }) }];
  },
});

const HOLDS = {
  block: (bytes: number) => ({ until: 'block', head: 'as-body', bytes }),
  'until-end': () => ({ until: 'end', head: 'as-body' }),
  'body-until-end': () => ({ until: 'end', head: 'at-once' }),
  'first-byte': () => ({ until: 'nothing', head: 'until-first-byte' }),
  delay: (_bytes: number, ms: number) => ({ until: 'moment', head: 'at-once', ms }),
  'one-behind': () => ({ until: 'next', head: 'at-once' }),
} as const satisfies Record<string, (bytes: number, ms: number) => Omit<Hold, 'kind'>>;
