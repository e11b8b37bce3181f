import { delaysOf, keyOf } from './delays.ts';
import { median, msText, plural } from './figures.ts';
import type { Probe } from './probe.ts';

const LATE_MS = 250;

/** Promise: a coding that delays events, told by asking with and without it. One that is flushed is no problem. */
export const compressed: Probe = {
  code: 'compressed',
  judge(m) {
    const coded = m.coded.filter((w) => w.head !== null);
    // some code whether they were asked or not
    const forced = m.plain.filter((w) => isCoded(w.head?.fields));
    if (coded.length === 0 && forced.length === 0) {
      const waiting = m.coded[0];
      // no head with the coding while those without have theirs: the compressor waits for its first block
      if (
        waiting &&
        waiting.openAt === null &&
        waiting.requestedAt !== null &&
        m.plain.some((w) => w.events.length >= 3)
      ) {
        const ms = m.now() - waiting.requestedAt;
        if (ms > 2000) {
          return {
            verdict: 'problem',
            kind: 'unknown',
            value: Math.round(ms),
            text: `With Accept-Encoding neither head nor event came in ${msText(ms)}; without it both come.`,
            evidence: [],
          };
        }
      }
      return { unknown: m.notTried['coding'] ?? 'No answer was asked for with a coding.' };
    }
    const subject = coded.find((w) => isCoded(w.head?.fields)) ?? forced[0];
    if (!subject) return { verdict: 'ok', kind: 'none', text: 'It does not compress.', evidence: [] };
    const coding = subject.head!.fields['content-encoding']!;
    const lates = lateness(m, subject);
    if (lates === null)
      return { unknown: `It compresses (${coding}), and too few events came to tell whether that delays them.` };
    const { late, missing } = lates;
    const slow = late.filter((ms) => ms > LATE_MS);
    const evidence = [
      {
        at: Math.round((subject.openAt ?? 0) - m.startedAt),
        what: `${subject.order.name}: the head of the answer`,
        bytes: subject.head!.text,
      },
    ];
    if (slow.length + missing < Math.max(2, (late.length + missing) * 0.3)) {
      return {
        verdict: 'ok',
        kind: coding,
        text: `It compresses (${coding}) and lets each event go at once.`,
        evidence: [],
      };
    }
    const ms = slow.length > 0 ? median(slow) : m.now() - (subject.openAt ?? m.now());
    return {
      verdict: 'problem',
      kind: coding,
      value: Math.round(ms),
      text:
        missing > 0 && slow.length === 0
          ? `With ${coding} none of ${plural(missing, 'event')} came, which came at once without it.`
          : `With ${coding} events come ${msText(ms)} later than without.`,
      evidence,
    };
  },
};

const isCoded = (fields: Record<string, string> | undefined): boolean =>
  fields?.['content-encoding'] !== undefined && fields['content-encoding'] !== 'identity';

type M = Parameters<Probe['judge']>[0];

/** Against the same events without a coding; else against the events' own times. */
function lateness(m: M, subject: M['plain'][number]): { late: number[]; missing: number } | null {
  if (subject.openAt === null) return null;
  const bare = m.plain.filter((w) => w !== subject && !isCoded(w.head?.fields));
  const until = subject.end?.at ?? (subject.stopped ? (subject.lastByteAt ?? m.now()) : m.now());
  const quickest = new Map<string, number>();
  for (const w of bare) {
    for (const e of w.events) {
      if (e.at < subject.openAt + 200 || e.at > until - 1000) continue;
      if (w.openAt !== null && w.openAt > e.at - 100) continue;
      quickest.set(keyOf(e), Math.min(quickest.get(keyOf(e)) ?? Infinity, e.at));
    }
  }
  if (quickest.size >= 3) {
    const came = new Map(subject.events.map((e) => [keyOf(e), e.at]));
    const late: number[] = [];
    let missing = 0;
    for (const [key, at] of quickest) {
      const here = came.get(key);
      if (here === undefined) missing++;
      else late.push(here - at);
    }
    return { late, missing };
  }
  const own = delaysOf(m, subject).flatMap((d) => (d.late === null ? [] : [d.late]));
  if (own.length >= 3) return { late: own, missing: 0 };
  // nothing at all, while bytes of the coding came
  return null;
}
