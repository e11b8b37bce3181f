/** A watch of the Kubernetes API: a line of JSON for each change, bookmarks, and 410 where a version is gone. */
export const kubernetesWatch = String.raw`
dialect: 2
name: kubernetes-watch
label: Kubernetes watch
ids: {kind: opaque}
methods:
  sse:
    url: '{base}/api/v1/{channel}'
    first: {query: {watch: 'true', allowWatchBookmarks: 'true'}}
    resume: {query: {resourceVersion: '{cursor}'}}
    framing: ndjson
    messages:
      - {when: {/type: BOOKMARK}, is: cursor, id: /object/metadata/resourceVersion}
      - {when: {/type: ERROR, /object/code: 410}, is: gap, text: /object/message, then: restart}
      - {when: {/code: 410}, is: gap, text: /message, then: restart}
      - {when: {/type: ERROR}, is: error, text: /object/message}
      - {when: {/kind: Status}, is: error, text: /message}
      - {is: event, id: /object/metadata/resourceVersion, type: /type, data: /object}
    after:
      status: {401: refresh, 410: gap, 429: advice, 4xx: stop, 5xx: retry}
`;
