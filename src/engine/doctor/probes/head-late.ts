import { median, msText, plural, rangeOf } from './figures.ts';
import type { Probe } from './probe.ts';

const LATE_MS = 1000;

/** Promise: a head that comes later than it could, by how much. Held polls are meant to be late, and not asked. */
export const headLate: Probe = {
  code: 'head-late',
  judge(m) {
    const waits = [...m.plain, ...m.polled.slice(0, 3)].flatMap((w) => {
      if (w.requestedAt === null) return [];
      const connected = Math.max(w.requestedAt, w.connectedAt ?? w.requestedAt);
      if (m.method === 'short-polling') return w.answers.map((a) => ({ w, ms: a.took, came: true }));
      if (w.openAt !== null) return [{ w, ms: w.openAt - connected, came: true }];
      if (w.head !== null || w.end?.evidence.startsWith('status:')) return [];
      if (w.end !== null && w.end.evidence !== 'no-answer' && w.end.evidence !== 'fin' && w.end.evidence !== 'rst')
        return [];
      return [{ w, ms: (w.end?.at ?? m.now()) - connected, came: false }];
    });
    const first = m.firstAnswers.at(-1)?.answer;
    if (m.method === 'sse' && first) {
      const connectMs = first.connectMs ?? 0;
      if (first.head && first.headMs !== null) waits.push({ w: m.plain[0]!, ms: first.headMs - connectMs, came: true });
    }
    if (waits.length === 0) return { unknown: 'No head has been waited for.' };
    const late = waits.filter((one) => one.ms > LATE_MS);
    if (late.length * 2 <= waits.length) {
      return {
        verdict: 'ok',
        value: Math.round(median(waits.map((one) => one.ms))),
        text: `The head comes after ${msText(median(waits.map((one) => one.ms)))}.`,
        evidence: [],
      };
    }
    if (late.length < 2 && m.plain.length + m.polled.length > 1) return { unknown: 'Only one head has been late.' };
    const came = late.filter((one) => one.came).map((one) => one.ms);
    const ms = median(came.length > 0 ? came : late.map((one) => one.ms));
    const never = came.length === 0;
    return {
      verdict: 'problem',
      kind: never ? 'never' : 'late',
      value: Math.round(ms),
      ...(came.length > 1 && { range: rangeOf(Math.min(...came), Math.max(...came)) }),
      text: never
        ? `The head of the answer had not come after ${msText(ms)}: ${plural(late.length, 'connection')}.`
        : `The head of the answer comes ${msText(ms)} after it was asked for.`,
      evidence: late.slice(0, 4).map(({ w, ms: waited, came: did }) => ({
        at: Math.round((w.openAt ?? m.now()) - m.startedAt),
        what: did ? `a head after ${msText(waited)}` : `no head after ${msText(waited)}`,
      })),
    };
  },
};
