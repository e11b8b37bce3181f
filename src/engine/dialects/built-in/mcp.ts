/**
 * The Model Context Protocol of 2025-11-25 by Streamable HTTP. With a body it is one request: its stream begins with an empty
 * event that carries an id, ends with the response, and is resumed by a GET. Without one it is the session's own stream.
 */
export const mcp2025 = String.raw`
dialect: 2
name: mcp-2025-11-25
label: Model Context Protocol, 2025-11-25
ids: {kind: opaque}
methods:
  sse:
    # the session is the endpoint's: --var session=…, as the answer to initialize named it
    first:
      headers:
        accept: application/json, text/event-stream
        mcp-protocol-version: '2025-11-25'
        mcp-session-id: '{var.session?}'
    resume: {method: GET, headers: {last-event-id: '{cursor}'}, body: null}
    # what is asked for by GET goes on for as long as the session does
    ends: POST
    messages:
      - {when: {data: ''}, is: ignore}
      - {when: {/id: {exists: true}, /method: {exists: false}, /error: {exists: true}}, is: end, text: /error/message}
      - {when: {/id: {exists: true}, /method: {exists: false}, /result: {exists: true}}, is: end}
      - {when: {/method: ping}, is: beat}
      - {is: event, type: /method}
`;

/** The Model Context Protocol of 2026-07-28: each request stands alone, without a session, and none is resumed. */
export const mcp2026 = String.raw`
dialect: 2
name: mcp-2026-07-28
label: Model Context Protocol, 2026-07-28
ids: {kind: none}
methods:
  sse:
    # the request's own method and name stand in headers too: --var method=tools/call --var name=search
    first:
      method: POST
      headers:
        accept: application/json, text/event-stream
        mcp-protocol-version: '2026-07-28'
        mcp-method: '{var.method?}'
        mcp-name: '{var.name?}'
      body:
        params:
          _meta:
            io.modelcontextprotocol/protocolVersion: '2026-07-28'
            io.modelcontextprotocol/clientInfo: {name: heartline, version: '1'}
            io.modelcontextprotocol/clientCapabilities: {}
    resume: none
    messages:
      - {when: {/id: {exists: true}, /method: {exists: false}, /error: {exists: true}}, is: end, text: /error/message}
      - {when: {/id: {exists: true}, /method: {exists: false}, /result: {exists: true}}, is: end}
      - {when: {/method: notifications/subscriptions/acknowledged}, is: hello}
      - {is: event, type: /method}
`;
