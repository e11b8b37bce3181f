import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Dialect } from '../../../shared/dialect.ts';
import { withQuery } from '../../client/requests.ts';
import type { Rhythm } from '../polling/core.ts';

/** Asks to be held, asks again at once. An empty answer that nobody held is a failed attempt: a cached 204 would spin. */
export const longPolling = (dialect: Dialect): Rhythm => ({
  shape: (url, holdMs) => {
    const { wait } = dialect.poll;
    const seconds = String(Math.round(holdMs / 100) / 10);
    if (wait?.in === 'query') return { url: withQuery(url, wait.name, seconds), headers: {} };
    // RFC 7240: a delta of whole seconds
    if (wait?.in === 'prefer') return { url, headers: { prefer: `${wait.name}=${Math.ceil(holdMs / 1000)}` } };
    return { url, headers: {} };
  },
  tellsHold: dialect.poll.wait !== null,
  conditional: false,
  holdMs: ({ holdMs }) => holdMs,
  giveUpMs: ({ holdMs }) => holdMs + DEFAULTS.holdGraceMs,
  rest: ({ news, took, pollAfterMs }, { holdMs }) => {
    if (news === 0 && took < Math.min(1000, holdMs / 2)) return 'too-soon';
    return news > 0 ? 0 : (pollAfterMs ?? 0);
  },
});
