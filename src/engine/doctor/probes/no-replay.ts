import { asksForCursor } from '../../../shared/dialect/plan.ts';
import { plural } from './figures.ts';
import type { Probe } from './probe.ts';

/** Promise: that events have no ids to resume from. */
export const noReplay: Probe = {
  code: 'no-replay',
  judge(m) {
    const events = [...m.plain, ...m.polled].flatMap((w) => w.events);
    if (events.length === 0)
      return { unknown: m.opened ? 'No event came that could have an id.' : 'No connection opened.' };
    const withId = events.filter((e) => e.id !== null).length;
    if (withId > 0) return { verdict: 'ok', text: 'Events have ids.', evidence: [] };
    // a poll that answers with a state has nothing to replay
    if (m.method === 'short-polling' && !asksForCursor(m.dialect, m.method)) return null;
    return {
      verdict: 'warning',
      text: `${plural(events.length, 'event')} came, none with an id: what comes while a client is away is lost to it.`,
      evidence: events.slice(0, 2).map((e) => ({
        at: Math.round(e.at - m.startedAt),
        what: 'an event without an id',
        bytes: e.data.slice(0, 200),
      })),
    };
  },
};
