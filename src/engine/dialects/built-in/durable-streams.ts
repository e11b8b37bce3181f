/** Durable Streams: an offset that every answer carries, opaque; JSON streams come as lists. */
export const durableStreams = String.raw`
dialect: 2
name: durable-streams
label: Durable Streams
ids: {kind: none, next: answer}
start: {earliest: '-1', now: now}
publish: '{base}/{channel}'
methods:
  short-polling:
    url: '{base}/{channel}'
    first: {query: {offset: '-1'}}
    resume: {query: {offset: '{cursor}'}}
    framing: list
    cursor: {header: stream-next-offset}
    after: {status: {410: gap}}
  long-polling:
    url: '{base}/{channel}'
    first: {query: {offset: '-1', live: long-poll}}
    resume: {query: {offset: '{cursor}'}}
    framing: list
    cursor: {header: stream-next-offset}
    after: {status: {410: gap}}
  sse:
    url: '{base}/{channel}'
    first: {query: {offset: '-1', live: sse}}
    resume: {query: {offset: '{cursor}'}}
    each: ''
    messages:
      - {when: {event: control, /streamClosed: true}, is: end}
      - {when: {event: control}, is: cursor, id: /streamNextOffset}
      - {is: event}
    after: {status: {410: gap}}
`;
