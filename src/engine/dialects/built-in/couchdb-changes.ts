/** The changes of a CouchDB database: as an event stream, by long poll, or asked for now and then. */
export const couchdbChanges = String.raw`
dialect: 2
name: couchdb-changes
label: CouchDB changes
ids: {kind: opaque}
start: {earliest: '0', now: now}
methods:
  short-polling:
    url: '{base}/{channel}/_changes'
    first: {query: {since: '{cursor?}'}}
    resume: {query: {since: '{cursor}'}}
    framing: list
    each: /results
    cursor: /last_seq
    messages:
      - {when: {/deleted: true}, is: event, id: /seq, type: /id}
      - {is: event, id: /seq, type: /id}
  long-polling:
    url: '{base}/{channel}/_changes'
    first: {query: {feed: longpoll, since: '{cursor?}'}}
    resume: {query: {since: '{cursor}'}}
    framing: list
    each: /results
    hold: {query: timeout, unit: ms}
    cursor: /last_seq
    messages:
      - {is: event, id: /seq, type: /id}
  sse:
    url: '{base}/{channel}/_changes'
    first: {query: {feed: eventsource, heartbeat: '20000', since: '{cursor?}'}}
    resume: {query: {since: '{cursor}'}}
    messages:
      - {when: {event: heartbeat}, is: beat}
      - {when: {/last_seq: {exists: true}}, is: cursor, id: /last_seq}
      - {is: event, type: /id}
`;
