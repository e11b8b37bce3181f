import { define } from '../definition.ts';
import { NO_BUFFERING, NO_TRANSFORM } from '../effect.ts';

export const gzip = define({
  id: 'gzip',
  label: 'Gzip',
  what: 'Answers are compressed on the way: events come late, one behind or only at the end, and ETags change.',
  params: {
    hold: {
      kind: 'choice',
      label: 'A stream comes',
      default: 'until-end',
      options: {
        prompt: 'Event by event',
        'until-end': 'At its end, head and all',
        'body-until-end': 'At its end or with much more; the head and that of gzip with its first byte',
        'one-behind': 'Each event with the next one',
      },
    },
    etag: {
      kind: 'choice',
      label: 'ETag',
      default: 'weak',
      options: { weak: 'Weakened: W/"…"', suffix: 'Changed: "…-gzip"', same: 'Unchanged' },
    },
    for: {
      kind: 'choice',
      label: 'For',
      default: 'asked',
      options: { asked: 'Clients that accept gzip', all: 'All: to the others with its timing, uncompressed' },
    },
    accel: {
      kind: 'choice',
      label: 'X-Accel-Buffering: no',
      default: 'ignored',
      options: { ignored: 'Changes nothing', honoured: 'Lets events through at once' },
    },
    'no-transform': {
      kind: 'choice',
      label: 'Cache-Control: no-transform',
      default: 'ignored',
      options: { ignored: 'Changes nothing', honoured: 'The answer passes as it is, uncompressed' },
    },
  },
  summary: (params) => (params.hold === 'prompt' ? 'gzip' : `gzip, ${params.hold.replace(/-/g, ' ')}`),
  layer: 'http',
  explain(method, params) {
    if (method !== 'sse' || params.hold === 'prompt') return [];
    return [
      {
        kind: 'hold',
        until: params.hold === 'one-behind' ? 'next' : 'end',
        head: params.hold === 'until-end' ? 'as-body' : 'at-once',
        ...(params.hold === 'body-until-end' && { leads: true }),
        ...(params['no-transform'] === 'honoured' && { unless: NO_TRANSFORM }),
        ...(params.accel === 'honoured' && { unless: NO_BUFFERING }),
        ...(params.for === 'asked' && { gzipOnly: true }),
      },
    ];
  },
});
