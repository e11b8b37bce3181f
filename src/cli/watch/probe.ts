/** How long an endpoint may take to show what it is before the run begins without knowing. */
const PROBE_TIMEOUT_MS = 1500;
const MAX_REDIRECTS = 5;

/**
 * Whether an endpoint names its head as ours do (`Events-Newest`). One that cannot be reached counts as ours: its lanes
 * will say what is wrong with it, with their evidence. A long poll of another make holds the question; but it has an
 * answer to OPTIONS, and what has none either is as good as not there.
 */
export async function isHeartlineServer(
  url: string,
  headers: Record<string, string>,
  withinMs: number = PROBE_TIMEOUT_MS,
): Promise<boolean> {
  const at = new URL(url.replace(/^ws/i, 'http'));
  at.searchParams.set('after', 'now');
  const got = await probe(at, 'GET', headers, withinMs);
  if (got === 'silence')
    return (await probe(new URL(url.replace(/^ws/i, 'http')), 'OPTIONS', headers, withinMs)) === 'silence';
  return got === 'nothing' || got.has('events-newest');
}

async function probe(
  url: URL,
  method: string,
  headers: Record<string, string>,
  withinMs: number,
): Promise<Headers | 'nothing' | 'silence'> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), withinMs);
  try {
    let own = headers;
    for (let hops = 0; ; hops++) {
      const answer = await fetch(url, {
        method,
        headers: { accept: 'application/json', ...own },
        redirect: 'manual',
        signal: timeout.signal,
      });
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || location === null || hops >= MAX_REDIRECTS) {
        return answer.headers;
      }
      const to = new URL(location, url);
      // what a person gave is for the server it was given to
      if (to.origin !== url.origin) own = {};
      url = to;
    }
  } catch {
    return timeout.signal.aborted ? 'silence' : 'nothing';
  } finally {
    clearTimeout(timer);
    timeout.abort();
  }
}
