import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Dialect } from '../../../shared/protocol/dialect.ts';
import { withQuery } from '../../client/connection/request-headers.ts';
import type { PollStrategy } from '../polling/strategy.ts';

/** Requests a hold, and polls again at once. An empty response that was not held is a failed attempt: a cached 204 would spin. */
export const longPolling = (dialect: Dialect): PollStrategy => ({
  requestFor: (url, holdMs) => {
    const { wait } = dialect.poll;
    const seconds = String(Math.round(holdMs / 100) / 10);
    if (wait?.in === 'query') return { url: withQuery(url, wait.name, seconds), headers: {} };
    // RFC 7240: a delta of whole seconds
    if (wait?.in === 'prefer') return { url, headers: { prefer: `${wait.name}=${Math.ceil(holdMs / 1000)}` } };
    return { url, headers: {} };
  },
  holdSettable: dialect.poll.wait !== null,
  conditional: false,
  holdMs: ({ holdMs }) => holdMs,
  timeoutMs: ({ holdMs, headMs }) => holdMs + (headMs ?? DEFAULTS.holdGraceMs),
  nextDelay: ({ newEvents, more, took, pollAfterMs }, { holdMs, pollFloorMs }) => {
    if (newEvents === 0 && took < Math.min(1000, holdMs / 2)) return 'too-soon';
    const floor = more ? 0 : Math.max(0, (pollFloorMs ?? 0) - took);
    return Math.max(floor, newEvents > 0 ? 0 : (pollAfterMs ?? 0));
  },
});
