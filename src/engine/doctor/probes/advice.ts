import { endedOf, endLine, endsStory } from './ends.ts';
import type { Probe } from './probe.ts';

/** Connections that end so close together were ended for one reason. */
const TOGETHER_MS = 400;

/** Promise: clients that were all let go at once, or turned away, without a word on when to come back. */
export const advice: Probe = {
  code: 'advice',
  judge(m) {
    const refused = m.firstAnswers.map(({ answer }) => answer.head).find((h) => h?.status === 503 || h?.status === 429);
    if (refused && refused.fields['retry-after'] === undefined) {
      return {
        verdict: 'warning',
        kind: 'no-retry-after',
        text: `It answered ${refused.status} without Retry-After.`,
        evidence: [{ at: 0, what: 'the refusal', bytes: refused.text }],
      };
    }
    if (!m.opened) return { unknown: 'No connection opened.' };
    if (m.method === 'short-polling' || m.method === 'long-polling') {
      return { unknown: 'It turned nobody away.' };
    }
    const { idle, lifetime } = endsStory(m);
    const ends = endedOf([...m.plain, ...m.pinged]).filter(
      (w) => !idle?.of.includes(w) && !lifetime?.of.includes(w) && w.end.cause === null,
    );
    const drained = ends.filter((a) =>
      ends.some(
        (b) =>
          b !== a && Math.abs(a.end.at - b.end.at) <= TOGETHER_MS && Math.abs(a.end.age - b.end.age) > TOGETHER_MS / 2,
      ),
    );
    const retry = m.plain.find((w) => w.retryMs !== null)?.retryMs ?? null;
    if (drained.length < 2) {
      if (retry !== null)
        return { verdict: 'ok', kind: 'retry', text: `It asks to wait ${retry} ms before coming back.`, evidence: [] };
      return { unknown: 'It has not let several connections go at once.' };
    }
    const advised = drained.filter(
      (w) => w.retryMs !== null || w.end.retryMs !== null || /^close:(1012|1013)$/.test(w.end.evidence),
    );
    if (advised.length === drained.length)
      return { verdict: 'ok', text: 'It says when to come back as it lets go.', evidence: [] };
    return {
      verdict: 'warning',
      kind: 'none',
      text: `${drained.length} connections were let go within ${TOGETHER_MS} ms, and none was told when to come back.`,
      evidence: drained.slice(0, 4).map((w) => endLine(m, w)),
    };
  },
};
