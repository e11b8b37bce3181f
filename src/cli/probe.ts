/** How long an endpoint may take to show what it is before the run begins without knowing. */
const WITHIN_MS = 1500;

/**
 * Whether an endpoint names its head as ours do (`Events-Newest`). One that cannot be reached counts as ours: its lanes
 * will say what is wrong with it, with their evidence.
 */
export async function speaksOurs(url: string, headers: Record<string, string>): Promise<boolean> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), WITHIN_MS);
  try {
    const at = new URL(url.replace(/^ws/i, 'http'));
    at.searchParams.set('after', 'now');
    const answer = await fetch(at, { headers: { accept: 'application/json', ...headers }, signal: giveUp.signal });
    return answer.headers.has('events-newest');
  } catch {
    return !giveUp.signal.aborted;
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}
