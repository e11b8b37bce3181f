/** Chat completions as OpenAI and many others stream them: chunks, then `[DONE]`. */
export const openaiChat = String.raw`
dialect: 2
name: openai-chat
label: Chat completions (OpenAI and compatible)
ids: {kind: none}
methods:
  sse:
    url: '{base}/chat/completions'
    # the request itself is the endpoint's body: {"model": "…", "messages": […]}
    first: {method: POST, body: {stream: true}}
    resume: none
    messages:
      - {when: {data: '[DONE]'}, is: end}
      - {when: {/error/message: {exists: true}}, is: error, text: /error/message}
      - {when: {/error: {pattern: '[^]'}}, is: error, text: /error}
      - {when: {/choices/0/delta/content: {pattern: '[^]'}}, is: event, type: /object, token: true}
      - {when: {/choices/0/delta/reasoning_content: {pattern: '[^]'}}, is: event, type: /object, token: true}
      - {when: {/choices/0/delta/refusal: {pattern: '[^]'}}, is: event, type: /object, token: true}
      - {when: {/choices/0/delta/tool_calls/0: {exists: true}}, is: event, type: /object, token: true}
      - {when: {/choices/0/text: {pattern: '[^]'}}, is: event, type: /object, token: true}
      - {is: event, type: /object}
`;

/** OpenAI's Responses: typed events, each with its number, and one of three that end it. */
export const openaiResponses = String.raw`
dialect: 2
name: openai-responses
label: Responses (OpenAI)
ids: {kind: dense}
methods:
  sse:
    url: '{base}/responses'
    # the request itself is the endpoint's body: {"model": "…", "input": "…"}
    first: {method: POST, body: {stream: true}}
    resume: none
    messages:
      - {when: {/type: response.completed}, is: end}
      - {when: {/type: response.incomplete}, is: end, text: /response/incomplete_details/reason}
      - {when: {/type: response.failed}, is: end, text: /response/error/message}
      - {when: {/type: error}, is: error, text: /message}
      - {when: {data: '[DONE]'}, is: ignore}
      - {when: {/type: {pattern: '\.delta$'}}, is: event, id: /sequence_number, type: /type, token: true}
      - {is: event, id: /sequence_number, type: /type}
`;
