/** The embedded server: one log, four transports, dense cursors. */
export const heartline = String.raw`
dialect: 2
name: heartline
label: Heartline
ids:
  kind: dense
  epoch: {pattern: '^(?:(?<epoch>\S{0,64})\.)?(?<seq>\d{1,100})$'}
publish: '{base}/events/{channel}'
start: {earliest: earliest, now: now}
methods:
  short-polling:
    url: '{base}/events/{channel}'
    first: {query: {after: '{cursor?}'}}
    resume: {query: {after: '{cursor}'}}
    framing: list
    each: /events
    cursor: /cursor
    pace: {pointer: /pollAfterMs, unit: ms, idle: true}
    more: /more
    ended: /ended
    messages:
      - {is: event, id: /cursor, type: /type, time: /time, data: /data}
  long-polling:
    url: '{base}/events/{channel}'
    first: {query: {after: '{cursor?}'}}
    resume: {query: {after: '{cursor}'}}
    framing: list
    each: /events
    hold: {query: wait, unit: s}
    cursor: /cursor
    pace: {pointer: /pollAfterMs, unit: ms, idle: true}
    more: /more
    ended: /ended
    messages:
      - {is: event, id: /cursor, type: /type, time: /time, data: /data}
  sse:
    url: '{base}/events/{channel}'
    first: {query: {after: '{cursor?}'}}
    # as an EventSource does
    resume: {query: {after: null}, headers: {last-event-id: '{cursor}'}}
    framing: events.v1
  websocket:
    url: '{base}/events/{channel}'
    first: {query: {after: '{cursor?}'}}
    resume: {query: {after: '{cursor}'}}
    subprotocols: [events.v1]
    framing: events.v1
`;
