/** The updates of a Telegram bot: asking from the last id + 1 confirms all before it. */
export const telegram = String.raw`
dialect: 2
name: telegram
label: Telegram bot updates
ids: {kind: ordered, next: plus-one}
methods:
  short-polling:
    url: '{base}/bot{token}/getUpdates'
    first: {}
    resume: {query: {offset: '{cursor}'}}
    framing: list
    each: /result
    messages:
      - {when: {/ok: false}, is: error, text: /description}
      - {is: event, id: /update_id}
    after: {status: {401: stop, 404: stop, 409: stop, 429: advice, 5xx: retry}}
  long-polling:
    url: '{base}/bot{token}/getUpdates'
    first: {}
    resume: {query: {offset: '{cursor}'}}
    framing: list
    each: /result
    hold: {query: timeout, unit: s}
    messages:
      - {when: {/ok: false}, is: error, text: /description}
      - {is: event, id: /update_id}
    after: {status: {401: stop, 404: stop, 409: stop, 429: advice, 5xx: retry}}
`;
