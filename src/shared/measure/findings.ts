/**
 * What a lane concludes from what it has seen, in the Doctor's words. A fold over its observations: plain data in, plain
 * data out, so that a run, a page and a recording come to the same. Never a fact after one drop.
 */
import { METHOD_KIND, type Method } from '../catalog.ts';
import type { DoctorCode } from '../doctor/codes.ts';
import { formatDuration } from '../duration.ts';
import type { LaneFinding } from '../lane-summary.ts';
import type { DropFact, EventFact, Observation } from '../observation.ts';

export interface FindingsState {
  drops: { silence: number; age: number | null; evidence: string; known: boolean }[];
  zombies: number[];
  lateHeads: number[];
  atOnce: boolean;
  clumps: { at: number; size: number; late: number | null; before: number } | null;
  /** Clumps of three events or more after a second without any, those of them that came late, and events that came alone. */
  seen: { clumps: number; late: number; single: number; worst: number };
}

/** More drops than these tell nothing new. */
const KEPT = 50;
const TOGETHER_MS = 25;
const QUIET_MS = 1000;
const LATE_MS = 250;

export const newFindings = (): FindingsState => ({
  drops: [],
  zombies: [],
  lateHeads: [],
  atOnce: false,
  clumps: null,
  seen: { clumps: 0, late: 0, single: 0, worst: 0 },
});

/** Steps by one observation of the lane. Mutates. */
export function foldFindings(state: FindingsState, method: Method, o: Observation): void {
  if (o.type === 'drop') foldDrop(state, o);
  else if (o.type === 'event' && METHOD_KIND[method] !== 'poll') foldEvent(state, o.at, o);
  else if (o.type === 'notice') {
    if (o.code === 'answers-at-once' || o.code === 'empty-too-soon') state.atOnce = true;
    const seconds = o.code === 'head-late' ? /(\d+(?:\.\d+)?) s\b/.exec(o.message)?.[1] : undefined;
    if (seconds !== undefined && state.lateHeads.length < KEPT) state.lateHeads.push(Number(seconds) * 1000);
  }
}

/** Ends that are our own doing say nothing of the path. */
const OWN = ['client-sleep', 'stood-still', 'offline', 'cut'];

function foldDrop(state: FindingsState, o: DropFact): void {
  if (o.cause === 'missed-heartbeats' || (o.evidence === 'silence' && o.cause === undefined)) {
    if (state.zombies.length < KEPT) state.zombies.push(o.silence);
    return;
  }
  if ((o.cause && OWN.includes(o.cause)) || o.by === 'client') return;
  if (state.drops.length >= KEPT) state.drops.shift();
  state.drops.push({
    silence: o.silence,
    age: o.age ?? null,
    evidence: o.evidence,
    known: o.cause === 'idle-limit',
  });
}

function foldEvent(state: FindingsState, at: number, { latency, replayed, duplicate }: EventFact): void {
  if (replayed || duplicate) return;
  const clump = state.clumps;
  if (clump && at - clump.at <= TOGETHER_MS) {
    clump.size++;
    clump.at = at;
    if (latency !== null) clump.late = Math.max(clump.late ?? 0, latency);
    return;
  }
  closeClump(state);
  state.clumps = { at, size: 1, late: latency, before: clump ? at - clump.at : 0 };
}

function closeClump({ clumps, seen }: FindingsState): void {
  if (!clumps) return;
  if (clumps.size === 1) seen.single++;
  if (clumps.size < 3 || clumps.before < QUIET_MS) return;
  seen.clumps++;
  if (clumps.late !== null && clumps.late > LATE_MS) {
    seen.late++;
    seen.worst = Math.max(seen.worst, clumps.late);
  }
}

/** What is concluded by now, the surest first. */
export function findingsOf(state: FindingsState, method: Method): LaneFinding[] {
  const found = [
    idleLimit(state, method),
    lifetime(state),
    zombie(state),
    headLate(state),
    buffered(state),
    answersAtOnce(state),
  ].filter((f) => f !== null);
  return found.sort((a, b) => b.confidence - a.confidence);
}

const span = (ms: number): string =>
  ms < 10_000
    ? `${Math.round(ms / 100) / 10} s`
    : formatDuration(Math.round(ms / 1000) * 1000).replace(/(?<=\d)(?=[a-z])/, ' ');

/** So many that agree make one so sure. */
const sureOf = (n: number): number => (n <= 2 ? 0.6 : n === 3 ? 0.8 : 0.9);

function idleLimit({ drops }: FindingsState, method: Method): LaneFinding | null {
  const known = drops.filter((d) => d.known);
  const poll = METHOD_KIND[method] === 'poll';
  const code: DoctorCode = poll ? 'hold-limit' : 'idle-limit';
  const what = poll ? 'A poll that is held' : 'A connection that is silent';
  if (known.length > 0) {
    const ms = middle(known.map((d) => d.silence));
    return finding(code, ms, `${what} for ${span(ms)} is ended by the path.`, 1);
  }
  const same = agreeing(
    drops.filter((d) => d.silence >= LATE_MS && d.age !== null && endsOpen(d.evidence, poll)),
    (d) => d.silence,
    0.05,
    300,
  );
  if (same.length < 2) return null;
  const ms = middle(same.map((d) => d.silence));
  const quiet = !poll && same.every((d) => d.age! - d.silence <= Math.max(300, d.age! * 0.05));
  // one of which everything is silent may as well have died of age
  const confidence = quiet ? Math.min(0.7, sureOf(same.length)) : sureOf(same.length);
  const doubt = quiet ? ' Nothing else came on them, so it may be their age as well.' : '';
  return finding(
    code,
    ms,
    `${same.length} times ${poll ? 'a held poll' : 'a connection'} ended after ${span(ms)} of silence: most likely a limit of the path.${doubt}`,
    confidence,
  );
}

const endsOpen = (evidence: string, poll: boolean): boolean =>
  ['fin', 'rst', 'clean-end'].includes(evidence) ||
  evidence.startsWith('close:') ||
  (poll && /^status:(408|50[0-4]|52\d)$/.test(evidence));

function lifetime({ drops }: FindingsState): LaneFinding | null {
  const same = agreeing(
    drops.filter((d) => !d.known && d.age !== null && d.age > 500 && d.age - d.silence > Math.max(300, d.age * 0.05)),
    (d) => d.age!,
    0.03,
    100,
  );
  if (same.length < 3) return null;
  const silences = agreeing(same, (d) => d.silence, 0.05, 100);
  if (silences.length === same.length && middle(same.map((d) => d.silence)) > LATE_MS) return null;
  const ms = middle(same.map((d) => d.age!));
  return finding(
    'lifetime',
    ms,
    `${same.length} connections ended at an age of ${span(ms)}, with events on them: most likely a limit on their age.`,
    sureOf(same.length),
  );
}

function zombie({ zombies }: FindingsState): LaneFinding | null {
  if (zombies.length === 0) return null;
  const ms = middle(zombies);
  const times = zombies.length === 1 ? 'A connection was' : `${zombies.length} connections were`;
  return finding(
    'zombie',
    ms,
    `${times} silent for ${span(ms)} and taken for dead: nothing on the way told that it was.`,
    zombies.length === 1 ? 0.5 : 0.8,
  );
}

function headLate({ lateHeads }: FindingsState): LaneFinding | null {
  if (lateHeads.length === 0) return null;
  const ms = middle(lateHeads);
  return finding(
    'head-late',
    ms,
    `The head of the answer had not come after ${span(ms)}: something holds it until the first event.`,
    lateHeads.length === 1 ? 0.5 : 0.8,
  );
}

function buffered(state: FindingsState): LaneFinding | null {
  const { clumps, late, single, worst } = state.seen;
  if (late >= 3 && late * 2 > clumps) {
    return finding(
      'buffered',
      worst,
      `Events come in clumps, the oldest of each ${span(worst)} late: something on the way collects them.`,
      sureOf(late),
    );
  }
  return clumps >= 5 && single === 0 && late === 0 && state.clumps?.late == null
    ? {
        code: 'buffered',
        verdict: 'warning',
        text: `Events come in clumps only (${clumps}); they carry no times, so it may be the origin’s own habit.`,
        confidence: 0.3,
      }
    : null;
}

const answersAtOnce = ({ atOnce }: FindingsState): LaneFinding | null =>
  atOnce
    ? {
        code: 'answers-at-once',
        verdict: 'problem',
        text: 'Polls that ask to be held are answered at once, with nothing new.',
        confidence: 0.8,
      }
    : null;

const finding = (code: DoctorCode, value: number, text: string, confidence: number): LaneFinding => ({
  code,
  verdict: confidence >= 0.8 ? 'problem' : 'warning',
  value: Math.round(value),
  text,
  confidence,
});

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** The largest group whose values lie within a share, or so many ms, of each other. */
function agreeing<T>(all: readonly T[], of: (one: T) => number, share: number, leastMs: number): T[] {
  const sorted = [...all].sort((a, b) => of(a) - of(b));
  let best: T[] = [];
  for (let from = 0; from < sorted.length; from++) {
    const room = Math.max(leastMs, of(sorted[from]!) * share);
    const group = sorted.slice(from).filter((one) => of(one) - of(sorted[from]!) <= room);
    if (group.length > best.length) best = group;
  }
  return best;
}
