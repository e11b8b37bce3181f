/** Centrifugo's JSON protocol: dense offsets in an epoch; a subscription says whether it was recovered. */
export const centrifugo = String.raw`
dialect: 2
name: centrifugo
label: Centrifugo
ids: {kind: dense, epoch: {hello: /subscribe/epoch}}
methods:
  websocket:
    url: '{base}/connection/websocket'
    framing: json-lines
    open:
      - {send: {id: 1, connect: {token: '{token?}'}}, await: {/id: 1}}
      - send: {id: 2, subscribe: {channel: '{channel}', recover: '{cursor?:flag}', epoch: '{epoch?}', offset: '{cursor?:number}'}}
        await: {/id: 2}
    messages:
      - {when: {/error: {exists: true}}, is: error, text: /error/message}
      - {when: {data: '{}'}, is: beat, answer: {}}
      - when: {/subscribe/was_recovering: true, /subscribe/recovered: {exists: false}}
        is: gap
        newest: /subscribe/offset
        then: go-on
        each: /subscribe/publications
      - {when: {/subscribe: {exists: true}}, is: hello, newest: /subscribe/offset, each: /subscribe/publications}
      - {when: {/connect: {exists: true}}, is: ignore}
      - {when: {/push/pub: {exists: true}}, is: event, id: /push/pub/offset, data: /push/pub/data}
      - {when: {/push/disconnect: {exists: true}}, is: error, text: /push/disconnect/reason}
      - {when: {/offset: {exists: true}}, is: event, id: /offset, data: /data}
      - {is: ignore}
    after:
      close: {3500-3999: stop, 4500-4999: stop}
`;
