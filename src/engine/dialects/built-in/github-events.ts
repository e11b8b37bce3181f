/** Events of the GitHub API: pages, newest first; an ETag makes asking free, X-Poll-Interval says how often. */
export const githubEvents = String.raw`
dialect: 2
name: github-events
label: GitHub events
ids: {kind: opaque}
methods:
  short-polling:
    url: '{base}/orgs/{channel}/events'
    first: {headers: {accept: application/vnd.github+json}}
    resume: none
    framing: list
    pace: {header: x-poll-interval, unit: s, floor: 1s}
    pages: {link: next, order: newest-first}
    messages:
      - {is: event, id: /id, type: /type, time: /created_at}
    after: {status: {403: advice, 429: advice, 5xx: retry}}
`;
