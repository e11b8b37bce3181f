/** A Mercure hub: Server-Sent Events by topic; its answer says which event a resume went on from. */
export const mercure = String.raw`
dialect: 2
name: mercure
label: Mercure hub
ids: {kind: opaque}
publish: '{base}/.well-known/mercure'
methods:
  sse:
    url: '{base}/.well-known/mercure?topic={channel}'
    first: {}
    resume: {headers: {last-event-id: '{cursor}'}}
    # another id than the one that was asked for: what came between is gone
    resumed: {header: last-event-id}
`;
