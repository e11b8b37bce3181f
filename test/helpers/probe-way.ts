import { plainEndpoint } from '../../src/engine/client/endpoint/endpoint-client.ts';
import { ClientNetwork } from '../../src/engine/client/net/network.ts';
import { Causes } from '../../src/engine/evidence/causes.ts';
import { realClock } from '../../src/engine/time/clock.ts';
import type { ProbeWay } from '../../src/cli/watch/probe.ts';

/** How an endpoint is asked with these headers, and nothing else. */
export function probeWay(headers: Record<string, string> = {}): ProbeWay {
  const clock = realClock(1);
  return {
    endpoint: plainEndpoint('sse', headers),
    clock,
    network: () =>
      new ClientNetwork({
        lane: '',
        clock,
        causes: new Causes(),
        enter: async (_lane, host, port) => ({ host, port }),
      }),
  };
}
