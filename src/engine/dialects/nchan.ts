import type { Dialect } from '../../shared/protocol/dialect.ts';

/**
 * nchan for nginx. A message's id is `<Unix seconds>:<tag>`: polls give it as Last-Modified and ETag, event streams as
 * `id`, WebSocket in the `ws+meta.nchan` block, so one id serves all four. One message an answer. The ids are not
 * dense, and a resume from beyond the buffer starts at the oldest kept without a word: continuity cannot be known.
 */
export const nchan: Dialect = {
  name: 'nchan',
  label: 'nchan (nginx)',
  dense: false,
  urls: {
    'short-polling': '{base}/poll/{channel}',
    'long-polling': '{base}/longpoll/{channel}',
    sse: '{base}/sse/{channel}',
    websocket: '{base}/ws/{channel}',
  },
  publish: '{base}/pub/{channel}',
  start: { earliest: null, now: null },
  poll: {
    ask: { in: 'validators' },
    body: { kind: 'one' },
    id: null,
    type: { header: 'x-eventsource-event' },
    time: null,
    data: null,
    cursor: null,
    nothingNew: [204, 304, 408],
    wait: null,
  },
  sse: { ask: { in: 'header', name: 'last-event-id' }, time: null, control: false },
  websocket: {
    ask: { in: 'query', name: 'last_event_id' },
    subprotocols: ['ws+meta.nchan'],
    framing: 'meta',
    id: { header: 'id' },
    type: { header: 'eventsource-event' },
    time: null,
    data: null,
  },
};
