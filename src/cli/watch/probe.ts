import type { IncomingHttpHeaders } from 'node:http';
import { askOnce } from '../../engine/client/net/ask-once.ts';
import type { EndpointClient } from '../../engine/client/endpoint/endpoint-client.ts';
import type { ClientNetwork } from '../../engine/client/net/network.ts';
import { codeOf } from '../../shared/failure.ts';
import type { Clock } from '../../shared/clock.ts';

/** How long an endpoint may take to show what it is before the run begins without knowing. */
const PROBE_TIMEOUT_MS = 1500;

/** By which way, and as whom, the endpoint is asked: as its lanes will. */
export interface ProbeWay {
  endpoint: EndpointClient;
  network: () => ClientNetwork;
  clock: Clock;
}

/**
 * Whether an endpoint names its head as ours do (`Events-Newest`). One that cannot be reached counts as ours: its lanes
 * will say what is wrong with it, with their evidence. A long poll of another make holds the question; but it has an
 * answer to OPTIONS, and what has none either is as good as not there. Only ever asked by GET and OPTIONS.
 */
export async function isHeartlineServer(
  url: string,
  way: ProbeWay,
  withinMs: number = PROBE_TIMEOUT_MS,
): Promise<boolean> {
  const bare = new URL(url.replace(/^ws/i, 'http'));
  const at = new URL(bare);
  at.searchParams.set('after', 'now');
  const got = await probe(at.href, 'GET', way, withinMs);
  if (got === 'silence') return (await probe(bare.href, 'OPTIONS', way, withinMs)) === 'silence';
  return got === 'nothing' || got['events-newest'] !== undefined;
}

async function probe(
  url: string,
  method: string,
  { endpoint, network: open, clock }: ProbeWay,
  timeoutMs: number,
): Promise<IncomingHttpHeaders | 'nothing' | 'silence'> {
  const network = open();
  try {
    const attempt = await endpoint.attempt();
    const plan = { url, method: null, headers: {}, body: null };
    const { url: asked, headers } = attempt.request(plan, 'application/json', null);
    delete headers['content-type'];
    const answer = await askOnce({ network, clock, url: asked, method, headers, timeoutMs, headOnly: true });
    return answer.headers;
  } catch (error) {
    return codeOf(error) === 'no-answer' ? 'silence' : 'nothing';
  } finally {
    network.destroy();
  }
}
