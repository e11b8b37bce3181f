/**
 * Any endpoint, with what the standards alone give: an event stream with its ids and `Last-Event-ID`; a poll whose
 * whole body is the message, new when it differs from the last; WebSocket messages as text.
 */
export const plain = String.raw`
dialect: 2
name: plain
label: Plain (standards only)
ids: {kind: opaque}
methods:
  short-polling: {resume: none, framing: one, nothingNew: [204, 304, 408]}
  long-polling: {resume: none, framing: one, nothingNew: [204, 304, 408]}
  sse: {framing: sse}
  websocket: {resume: none, framing: text}
`;
