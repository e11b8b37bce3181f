import { define } from '../definition.ts';
import { durationText } from '../quantity-text.ts';

export const wsPing = define({
  id: 'ws-ping',
  label: 'WebSocket pings',
  what: 'The client of a WebSocket is pinged; one that answers with no pong in time gets close 1011.',
  params: {
    every: { kind: 'duration', label: 'Every', help: '0 is never.', default: 20_000, min: 0, max: 864_000_000 },
    pong: { kind: 'duration', label: 'A pong within', default: 20_000, min: 1, max: 864_000_000 },
  },
  disabledParams: { every: 0 },
  summary: ({ every, pong }) => `pings every ${durationText(every)}, pongs within ${durationText(pong)}`,
  layer: 'http',
  // A client that answers pings, as any should, is not ended.
  explain: () => [],
});
