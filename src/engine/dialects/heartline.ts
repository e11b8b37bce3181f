import { perMethod } from '../../shared/catalog.ts';
import type { Dialect } from '../../shared/protocol/dialect.ts';

const url = '{base}/events/{channel}';

/** The embedded server: one log, four transports, dense cursors. */
export const heartline: Dialect = {
  name: 'heartline',
  label: 'Heartline',
  dense: true,
  urls: perMethod(() => url),
  publish: url,
  start: { earliest: 'earliest', now: 'now' },
  poll: {
    ask: { in: 'query', name: 'after' },
    body: { kind: 'list', events: '/events' },
    id: { pointer: '/cursor' },
    type: { pointer: '/type' },
    time: { pointer: '/time' },
    data: { pointer: '/data' },
    cursor: { pointer: '/cursor' },
    nothingNew: [204, 304],
    wait: { in: 'query', name: 'wait' },
    pollAfterMs: '/pollAfterMs',
    more: '/more',
    ended: '/ended',
  },
  sse: {
    ask: { in: 'query', name: 'after' },
    resume: { in: 'header', name: 'last-event-id' }, // as an EventSource does
    time: { field: 'time' },
    control: true,
  },
  websocket: {
    ask: { in: 'query', name: 'after' },
    subprotocols: ['events.v1'],
    framing: 'events.v1',
    id: { pointer: '/cursor' },
    type: { pointer: '/type' },
    time: { pointer: '/time' },
    data: { pointer: '/data' },
  },
};
