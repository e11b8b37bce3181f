import type { Dialect } from '../../shared/protocol/dialect.ts';

/**
 * Any endpoint, with what the standards alone give: an event stream with its ids and `Last-Event-ID`; a poll whose
 * whole body is the message, new when it differs from the last; WebSocket messages as text.
 */
export const plain: Dialect = {
  name: 'plain',
  label: 'Plain (standards only)',
  dense: false,
  urls: {},
  publish: null,
  start: { earliest: null, now: null },
  poll: {
    ask: { in: 'none' },
    body: { kind: 'one' },
    id: null,
    type: null,
    time: null,
    data: null,
    cursor: null,
    nothingNew: [204, 304, 408],
    wait: null,
  },
  sse: { ask: { in: 'header', name: 'last-event-id' }, time: null, control: false },
  websocket: {
    ask: { in: 'none' },
    subprotocols: [],
    framing: 'text',
    id: null,
    type: null,
    time: null,
    data: null,
  },
};
