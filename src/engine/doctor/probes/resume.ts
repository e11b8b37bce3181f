import type { SeenEvent, Watched } from '../connection/watched.ts';
import type { Judgement, Material, ResumeTry } from '../material.ts';
import { buffered } from './buffered.ts';
import { plural } from './figures.ts';
import type { Probe } from './probe.ts';

type IdEvent = SeenEvent & { id: string };

/** Promise: what a resume brings, held against what another connection had: nothing lost, nothing twice, or what was. */
export const resume: Probe = {
  code: 'resume',
  judge(m) {
    const timeline = seenInOrder(m);
    if (timeline.length === 0) {
      const any = m.plain.some((w) => w.events.length > 0);
      return any ? null : { unknown: m.opened ? `No event came that could be resumed from.` : 'No connection opened.' };
    }
    const tries = m.resumes.filter(
      (t) => t.watched.openAt !== null || t.watched.gaps.length > 0 || t.watched.end !== null,
    );
    if (tries.length === 0) return { unknown: m.notTried['resume'] ?? 'No resume was tried.' };
    const judged = tries.map((t) => judgeTry(m, t, timeline)).filter((j) => j !== null);
    const problem = ORDER.map((kind) => judged.find((j) => j.kind === kind)).find((j) => j !== undefined);
    if (problem) return problem;
    const good = judged.filter((j) => j.verdict === 'ok');
    if (good.length > 0) {
      return {
        verdict: 'ok',
        value: 0,
        text: `A resume brings what was missed, once: ${plural(good.length, 'cursor')} tried.`,
        evidence: good.flatMap((g) => g.evidence),
      };
    }
    return { unknown: 'Too few events came after a resume to tell.' };
  },
};

const ORDER = ['ignored', 'gap-unannounced', 'repeats', 'epoch-unannounced', 'stale-unannounced'];

type Judged = Exclude<Judgement, null | { unknown: string }>;

/** Every event with an id, in the order in which connections that were open had them. */
export function seenInOrder(m: Material): IdEvent[] {
  const lanes = [...m.plain, ...m.polled].filter((w) => w.order.cursor == null);
  const longest = lanes.sort((a, b) => b.events.length - a.events.length)[0];
  if (!longest) return [];
  const order = longest.events.filter((e): e is IdEvent => e.id !== null);
  const known = new Set(order.map((e) => e.id));
  for (const w of lanes) {
    for (const e of w.events) {
      if (e.id !== null && !known.has(e.id) && e.at > (order.at(-1)?.at ?? 0)) {
        known.add(e.id);
        order.push({ ...e, id: e.id });
      }
    }
  }
  return order.filter((e, i) => order.findIndex((o) => o.id === e.id) === i);
}

const announced = (w: Watched): boolean =>
  w.gaps.length > 0 ||
  /^status:(4\d\d|5\d\d)$/.test(w.end?.evidence ?? '') ||
  /^close:4\d\d\d$/.test(w.end?.evidence ?? '') ||
  w.events.some((e) =>
    /^(gap|reset|reload|resync|snapshot|stale|error|lost|missed|truncated|epoch|expired)/i.test(e.type),
  );

function judgeTry(m: Material, t: ResumeTry, timeline: readonly IdEvent[]): Judged | null {
  const { watched, cursor, kind } = t;
  const got = watched.events.filter((e): e is IdEvent => e.id !== null);
  const evidence = [
    {
      at: Math.round((watched.requestedAt ?? m.now()) - m.startedAt),
      what: `asked to go on after ${cursor ?? 'nothing'} (${kind}): first came ${got[0]?.id ?? 'nothing'}${watched.gaps.length > 0 ? ', a gap was announced' : ''}`,
      ...(watched.head ? { bytes: watched.head.text } : {}),
    },
  ];
  if (kind === 'stale' || kind === 'epoch') return judgeUnknownCursor(t, got, evidence, timeline);
  if (kind !== 'newest' && kind !== 'middle' && kind !== 'first') return null;
  const at = timeline.findIndex((e) => e.id === cursor);
  if (at < 0 || announced(watched)) return null;
  const requested = watched.requestedAt ?? Infinity;
  // what the other connection had before this one asked is due at once
  const due = timeline.slice(at + 1).filter((e) => e.at < requested - 100);
  const lies = got.find((e) => timeline.some((o) => o.id === e.id && o.data !== e.data && due.includes(o)));
  if (lies) {
    return {
      verdict: 'problem',
      kind: 'repeats',
      value: 1,
      text: `Under the id ${lies.id} a resume brings other data than before.`,
      evidence,
    };
  }
  const gotIds = new Set(got.map((e) => e.id));
  const again = timeline.slice(0, at + 1).filter((e) => gotIds.has(e.id));
  const missing = due.filter((e) => !gotIds.has(e.id));
  const live = got.some((e) => !due.some((d) => d.id === e.id) && !again.some((d) => d.id === e.id));
  // behind a buffer nothing at all says nothing
  const settled = got.length > 0 || (watchedLong(watched, m.now()) && !isHeldBack(m));
  if (due.length > 0 && missing.length === due.length && settled) {
    // nothing of what was missed: with news after it the cursor was not looked at; with old ones, it begins anew
    const fresh = m.resumes.find((r) => r.kind === 'fresh')?.watched.events.find((e) => e.id !== null)?.id;
    const text =
      again.length > 0 || (fresh !== undefined && fresh === got[0]?.id)
        ? 'A resume begins as if no cursor had been given'
        : live
          ? 'A resume goes on with what is new'
          : 'A resume brings nothing of what was missed';
    return {
      verdict: 'problem',
      kind: kind === 'first' && hasGoodMiddle(m, timeline) ? 'gap-unannounced' : 'ignored',
      value: due.length,
      text: `${text}: ${plural(due.length, 'event')} between were lost, without a word.`,
      evidence,
    };
  }
  if (again.length > 0) {
    const fromStart = again.length > 1 && at > 0 && again.length === at + 1;
    const fresh = m.resumes.find((r) => r.kind === 'fresh')?.watched.events.find((e) => e.id !== null)?.id;
    const ignored = again.length > 1 && (fromStart || (fresh !== undefined && fresh === got[0]?.id));
    return {
      verdict: 'problem',
      kind: ignored ? 'ignored' : 'repeats',
      value: again.length,
      text: ignored
        ? `A resume begins at the start again: ${plural(again.length, 'event')} came twice.`
        : `A resume repeats ${plural(again.length, 'event')} that had come before the cursor, or at it.`,
      evidence,
    };
  }
  const lost = missing.filter((e) =>
    got.some((g) => timeline.findIndex((o) => o.id === g.id) > timeline.indexOf(e) || g.at > e.at),
  );
  if (lost.length > 0 && got.length > 0) {
    return {
      verdict: 'problem',
      kind: 'gap-unannounced',
      value: lost.length,
      text: `A resume after ${cursor} skips ${plural(lost.length, 'event')} that had been sent, without announcing a gap.`,
      evidence,
    };
  }
  const twice = got.length - gotIds.size;
  if (twice > 0) {
    return {
      verdict: 'problem',
      kind: 'repeats',
      value: twice,
      text: `A resume brings ${plural(twice, 'event')} twice.`,
      evidence,
    };
  }
  return due.length > 0 && missing.length === 0 ? { verdict: 'ok', text: '', evidence } : null;
}

function isHeldBack(m: Material): boolean {
  const judged = buffered.judge(m);
  return judged === null || !('verdict' in judged) || judged.verdict !== 'ok';
}

const watchedLong = (w: Watched, now: number): boolean =>
  w.openAt !== null && (w.end?.at ?? (w.stopped ? (w.lastByteAt ?? now) : now)) - w.openAt > 1500;

/** A later cursor was gone on from as it should. */
const hasGoodMiddle = (m: Material, timeline: readonly IdEvent[]): boolean =>
  m.resumes.some(({ kind, watched, cursor }) => {
    if (kind !== 'middle' && kind !== 'newest') return false;
    const next = timeline[timeline.findIndex((e) => e.id === cursor) + 1];
    return next !== undefined && watched.events.find((e) => e.id !== null)?.id === next.id;
  });

/** A cursor that the server cannot have, or no longer: it should say so. */
function judgeUnknownCursor(
  t: ResumeTry,
  got: readonly IdEvent[],
  evidence: Judged['evidence'],
  timeline: readonly IdEvent[],
): Judged | null {
  const { watched, kind, cursor } = t;
  if (announced(watched)) return { verdict: 'ok', text: '', evidence };
  if (got.length === 0) return null;
  if (kind === 'epoch') {
    return {
      verdict: 'problem',
      kind: 'epoch-unannounced',
      value: 0,
      text: `A cursor of another epoch (${cursor}) is gone on from at ${got[0]!.id}, without a word that events may be missing.`,
      evidence,
    };
  }
  const next = nextOf(cursor);
  if (next === null || got[0]!.id === next || timeline.length < 2) return null;
  const distance = distanceOf(next, got[0]!.id);
  if (distance === null || distance <= 0) return null;
  return {
    verdict: 'problem',
    kind: 'stale-unannounced',
    value: distance,
    text: `A cursor older than what is kept (${cursor}) is gone on from at ${got[0]!.id}: ${plural(distance, 'event')} between are gone, without a word.`,
    evidence,
  };
}

const PARTS = /^(.*?)(\d{1,15})$/;

function nextOf(cursor: string | null): string | null {
  const [, prefix, digits] = PARTS.exec(cursor ?? '') ?? [];
  return digits === undefined ? null : `${prefix}${Number(digits) + 1}`;
}

/** How many numbers lie between two ids of one prefix. */
function distanceOf(from: string, to: string): number | null {
  const [, a, m] = PARTS.exec(from) ?? [];
  const [, b, n] = PARTS.exec(to) ?? [];
  return m === undefined || n === undefined || a !== b ? null : Number(n) - Number(m);
}
