/**
 * Agent2Agent: the stream of a task, by JSON-RPC or plain HTTP, of protocol 0.3 (`kind`, `final`) and 1.0 (a member that
 * names what it is). It is over once the task is over or waits for somebody, or with the one message it is answered with.
 */
export const a2a = String.raw`
dialect: 2
name: a2a
label: Agent2Agent
ids: {kind: none}
methods:
  sse:
    # the request itself is the endpoint's body: {"jsonrpc": "2.0", "id": 1, "method": "SendStreamingMessage", "params": {…}}
    first: {method: POST}
    resume: none
    messages:
      - {when: {/error: {exists: true}}, is: end, text: /error/message}
      # 0.3
      - {when: {/result/kind: status-update, /result/final: true}, is: end}
      - {when: {/result/kind: message}, is: end}
      - {when: {/result/kind: task, /result/status/state: {pattern: '^(completed|failed|canceled|rejected|input-required|auth-required)$'}}, is: end}
      - {when: {/result/kind: artifact-update}, is: event, type: /result/kind, token: true}
      - {when: {/result/kind: {exists: true}}, is: event, type: /result/kind}
      # 1.0
      - {when: {/result/statusUpdate/status/state: {pattern: '_(COMPLETED|FAILED|CANCELED|CANCELLED|REJECTED|INPUT_REQUIRED|AUTH_REQUIRED)$'}}, is: end}
      - {when: {/result/task/status/state: {pattern: '_(COMPLETED|FAILED|CANCELED|CANCELLED|REJECTED|INPUT_REQUIRED|AUTH_REQUIRED)$'}}, is: end}
      - {when: {/result/message: {exists: true}}, is: end}
      - {when: {/result/artifactUpdate: {exists: true}}, is: event, token: true}
      - {when: {/result: {exists: true}}, is: event}
      # 1.0 by plain HTTP
      - {when: {/statusUpdate/status/state: {pattern: '_(COMPLETED|FAILED|CANCELED|CANCELLED|REJECTED|INPUT_REQUIRED|AUTH_REQUIRED)$'}}, is: end}
      - {when: {/task/status/state: {pattern: '_(COMPLETED|FAILED|CANCELED|CANCELLED|REJECTED|INPUT_REQUIRED|AUTH_REQUIRED)$'}}, is: end}
      - {when: {/message: {exists: true}}, is: end}
      - {when: {/artifactUpdate: {exists: true}}, is: event, token: true}
      - {is: event}
`;
