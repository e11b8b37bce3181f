import { plural } from './figures.ts';
import type { Probe } from './probe.ts';

/** Promise: one publish that was carried out twice. Asked only with a way to publish. */
export const repeatsRequests: Probe = {
  code: 'repeats-requests',
  judge(m) {
    const sent = m.published.filter((p) => p.ok);
    if (sent.length === 0) return { unknown: m.notTried['publish'] ?? 'It takes a way to publish: --publish.' };
    const watched = m.plain.filter((w) => w.events.length > 0);
    const counts = sent.map((p) =>
      Math.max(
        0,
        ...watched.map((w) => {
          const seen = w.events.filter((e) => e.data.includes(p.token));
          // the same id again is a repeat of the server's, and no second request
          return seen[0]?.id == null ? seen.length : new Set(seen.map((e) => e.id)).size;
        }),
      ),
    );
    const most = Math.max(0, ...counts);
    if (most === 0) return { unknown: 'Nothing of what was published came back.' };
    if (most === 1)
      return {
        verdict: 'ok',
        value: 1,
        text: `${plural(sent.length, 'publish', 'publishes')}, each carried out once.`,
        evidence: [],
      };
    return {
      verdict: 'problem',
      value: most,
      text: `One publish came ${most} times, under different ids: the request was repeated on the way.`,
      evidence: sent
        .filter((_, i) => counts[i]! > 1)
        .map((p) => ({ at: Math.round(p.at - m.startedAt), what: 'published once, came more often', bytes: p.token })),
    };
  },
};
