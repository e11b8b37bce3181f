/** Anthropic's Messages: named events from message_start to message_stop. */
export const anthropicMessages = String.raw`
dialect: 2
name: anthropic-messages
label: Messages (Anthropic)
ids: {kind: none}
methods:
  sse:
    url: '{base}/v1/messages'
    # the request itself is the endpoint's body: {"model": "…", "max_tokens": 1024, "messages": […]}
    first: {method: POST, headers: {anthropic-version: '2023-06-01'}, body: {stream: true}}
    resume: none
    messages:
      - {when: {/type: message_stop}, is: end}
      - {when: {/type: ping}, is: beat}
      - {when: {/type: error}, is: error, text: /error/message}
      - {when: {/type: content_block_delta}, is: event, type: /type, token: true}
      - {is: event, type: /type}
`;
