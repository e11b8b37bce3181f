/**
 * nchan for nginx. A message's id is `<Unix seconds>:<tag>`: polls give it as Last-Modified and ETag, event streams as
 * `id`, WebSocket in the `ws+meta.nchan` block, so one id serves all four. One message an answer. The ids are not
 * dense, and a resume from beyond the buffer starts at the oldest kept without a word: continuity cannot be known.
 */
export const nchan = String.raw`
dialect: 2
name: nchan
label: nchan (nginx)
ids: {kind: opaque}
publish: '{base}/pub/{channel}'
methods:
  short-polling:
    url: '{base}/poll/{channel}'
    first: {validators: '{cursor?}'}
    resume: {validators: '{cursor}'}
    framing: one
    cursor: validators
    nothingNew: [204, 304, 408]
    messages:
      - {is: event, type: {header: x-eventsource-event}}
  long-polling:
    url: '{base}/longpoll/{channel}'
    first: {validators: '{cursor?}'}
    resume: {validators: '{cursor}'}
    framing: one
    cursor: validators
    nothingNew: [204, 304, 408]
    messages:
      - {is: event, type: {header: x-eventsource-event}}
  sse:
    url: '{base}/sse/{channel}'
  websocket:
    url: '{base}/ws/{channel}'
    first: {query: {last_event_id: '{cursor?}'}}
    resume: {query: {last_event_id: '{cursor}'}}
    subprotocols: [ws+meta.nchan]
    framing: meta
    messages:
      - {is: event, id: {header: id}, type: {header: eventsource-event}}
`;
