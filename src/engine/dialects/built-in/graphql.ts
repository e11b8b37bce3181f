/** GraphQL over SSE, in distinct connections mode: a POST for each operation, ended by the event complete. */
export const graphqlSse = String.raw`
dialect: 2
name: graphql-sse
label: GraphQL over SSE
ids: {kind: none}
methods:
  sse:
    url: '{base}/graphql/stream'
    # the operation itself is the endpoint's body: {"query": "subscription { … }"}
    first: {method: POST, headers: {accept: text/event-stream}, body: {query: '{var.query?}'}}
    resume: none
    messages:
      - {when: {event: complete}, is: end}
      - {when: {event: next, /errors: {exists: true}, /data: {exists: false}}, is: error, text: /errors/0/message}
      - {when: {event: next}, is: event, data: /data}
      - {when: {/errors: {exists: true}}, is: error, text: /errors/0/message}
      - {is: ignore}
`;

/** GraphQL over WebSocket, by the subprotocol of graphql-ws. */
export const graphqlTransportWs = String.raw`
dialect: 2
name: graphql-transport-ws
label: GraphQL over WebSocket
ids: {kind: none}
methods:
  websocket:
    url: '{base}/graphql'
    resume: none
    subprotocols: [graphql-transport-ws]
    framing: json
    open:
      - {send: {type: connection_init}, await: {/type: connection_ack}, within: 5s}
      - {send: {id: '1', type: subscribe, payload: {query: '{var.query}'}}}
    messages:
      - {when: {/type: complete}, is: end}
      - {when: {/type: error}, is: error, text: /payload/0/message}
      - {when: {/type: ping}, is: beat, answer: {type: pong}}
      - {when: {/type: pong}, is: pong}
      - {when: {/type: connection_ack}, is: ignore}
      - {when: {/type: next}, is: event, data: /payload}
    beat: {send: {type: ping}, expect: {/type: pong}}
    after:
      close: {4400-4499: stop}
`;
