/** The UI message stream of the AI SDK: typed parts, then `[DONE]`. */
export const aiSdkUi = String.raw`
dialect: 2
name: ai-sdk-ui
label: UI message stream (AI SDK)
ids: {kind: none}
methods:
  sse:
    url: '{base}/api/chat'
    # the request itself is the endpoint's body: {"messages": […]}
    first: {method: POST}
    resume: none
    messages:
      - {when: {data: '[DONE]'}, is: end}
      - {when: {/type: error}, is: error, text: /errorText}
      - {when: {/type: {pattern: '-delta$'}}, is: event, type: /type, token: true}
      - {is: event, type: /type}
`;

/** AG-UI: what an agent does, as events from RUN_STARTED to RUN_FINISHED or RUN_ERROR. */
export const agUi = String.raw`
dialect: 2
name: ag-ui
label: AG-UI
ids: {kind: none}
methods:
  sse:
    # the request itself is the endpoint's body: {"threadId": "…", "runId": "…", "messages": […], …}
    first: {method: POST}
    resume: none
    messages:
      - {when: {/type: RUN_FINISHED}, is: end}
      - {when: {/type: RUN_ERROR}, is: end, text: /message}
      - {when: {/type: {pattern: '^(TEXT_MESSAGE|TOOL_CALL|REASONING_MESSAGE|THINKING_TEXT_MESSAGE)_(CONTENT|ARGS|CHUNK)$'}}, is: event, type: /type, time: {at: /timestamp, unit: ms}, token: true}
      - {is: event, type: /type, time: {at: /timestamp, unit: ms}}
`;
