import { DEFAULTS } from '../../../shared/defaults.ts';
import { methodOf, type Dialect } from '../../../shared/dialect/model.ts';
import { withQuery } from '../../../shared/dialect/plan.ts';
import type { PollStrategy } from '../polling/strategy.ts';

/** Requests a hold, and polls again at once. An empty response that was not held is a failed attempt: a cached 204 would spin. */
export const longPolling = (dialect: Dialect): PollStrategy => ({
  requestFor: (url, holdMs) => {
    const { hold } = methodOf(dialect, 'long-polling');
    if (!hold) return { url, headers: {} };
    // RFC 7240: a delta of whole seconds
    if (hold.in === 'prefer') return { url, headers: { prefer: `${hold.name}=${Math.ceil(holdMs / 1000)}` } };
    const asked = String(hold.unit === 's' ? Math.round(holdMs / 100) / 10 : Math.round(holdMs));
    if (hold.in === 'query') return { url: withQuery(url, hold.name, asked), headers: {} };
    return { url, headers: { [hold.name]: asked } };
  },
  holdSettable: methodOf(dialect, 'long-polling').hold !== null,
  conditional: false,
  holdMs: ({ holdMs }) => holdMs,
  timeoutMs: ({ holdMs, headMs }) => holdMs + (headMs ?? DEFAULTS.holdGraceMs),
  nextDelay: ({ newEvents, more, took, pollAfterMs }, { holdMs, pollFloorMs }) => {
    if (newEvents === 0 && took < Math.min(1000, holdMs / 2)) return 'too-soon';
    const floor = more ? 0 : Math.max(0, (pollFloorMs ?? 0) - took);
    return Math.max(floor, newEvents > 0 ? 0 : (pollAfterMs ?? 0));
  },
});
