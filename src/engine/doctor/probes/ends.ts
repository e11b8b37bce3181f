/** What the ends of several connections have in common: an age, a silence, or nothing. */
import type { EvidenceLine } from '../../../shared/doctor/report.ts';
import type { SeenEnd, Watched } from '../connection/watched.ts';
import type { Material } from '../material.ts';
import { agreeing, median, msText } from './figures.ts';
import { terminalOf } from './model-stream.ts';

export interface EndGroup {
  ms: number;
  min: number;
  max: number;
  of: Ended[];
}

export type Ended = Watched & { end: SeenEnd; openAt: number };

export interface EndsStory {
  idle: EndGroup | null;
  lifetime: EndGroup | null;
  /** Silent from beginning to end, so that age and silence are one. */
  allQuiet: boolean;
  /** A connection that was kept busy outlived the limit. */
  busyOutlived: boolean;
  /** The longest silence that a connection has survived. */
  survivedMs: number;
  ends: Ended[];
}

/** So close to its age a silence has lasted the whole life of the connection. */
const isQuiet = ({ end }: Ended): boolean => end.age - end.silence <= Math.max(300, end.age * 0.05);

/** Ages of one limit agree so closely, silences of one limit as the clock behind them allows. */
const AGE_SHARE = 0.03;
const SILENCE_SHARE = 0.05;
const LEAST_MS = 300;

export const endedOf = (all: readonly Watched[]): Ended[] =>
  all.filter(
    (w): w is Ended =>
      w.end !== null && w.openAt !== null && !w.end.final && !['protocol', 'offline'].includes(w.end.evidence),
  );

const told = new WeakMap<Material, { at: number; story: EndsStory }>();

export function endsStory(m: Material): EndsStory {
  const at = m.now();
  const before = told.get(m);
  if (before?.at === at) return before.story;
  const story = tell(m);
  told.set(m, { at, story });
  return story;
}

function tell(m: Material): EndsStory {
  // the answer of a model is over when it is over
  const ends = endedOf(m.plain).filter((w) => !isPingDeadline(w) && terminalOf(w) === null);
  const pinged = endedOf(m.pinged).filter((w) => w.end.cause === null && !isPingDeadline(w));
  const survivedMs = longestSurvived(m);
  const allQuiet = ends.length > 0 && ends.every(isQuiet);
  const story: EndsStory = { idle: null, lifetime: null, allQuiet, busyOutlived: false, survivedMs, ends };
  const busyAges = [...ends.filter((w) => !isQuiet(w)), ...pinged];
  const oneAge = agreeing(
    busyAges.map((w) => w.end.age),
    AGE_SHARE,
    100,
  );
  // those that were silent all along died of the same age, if that is what ends busy ones
  const sameAge = (w: Ended): boolean =>
    oneAge.length > 0 && Math.abs(w.end.age - median(oneAge)) <= Math.max(100, median(oneAge) * AGE_SHARE);
  const aged = [...busyAges, ...ends.filter(isQuiet)].filter(sameAge);
  const silent = silentGroup(ends, survivedMs);
  const outliving = [...m.pinged, ...m.plain].some((w) => silent !== null && aliveAge(w, m.now()) > silent.ms * 1.4);
  const lasting = m.pinged.some((w) => silent !== null && aliveAge(w, m.now()) > silent.ms * 1.4);
  story.busyOutlived = lasting;
  const agesAgree = oneAge.length >= 2 && aged.length >= 3;
  if (agesAgree && (silent === null || !outliving || oneAge.length >= busyAges.length)) {
    const ages = aged.map((w) => w.end.age);
    const silencesToo = silent !== null && !allQuiet && silent.of.length >= aged.length && silent.ms > survivedMs * 1.5;
    if (!silencesToo) story.lifetime = group(aged, ages);
  }
  if (silent && !(story.lifetime && silent.of.every((w) => aged.includes(w)))) story.idle = silent;
  return story;
}

/** A 1011 that comes in spite of our pongs is a deadline of theirs, and no limit of the path. */
const isPingDeadline = (w: Ended): boolean =>
  w.end.evidence === 'close:1011' && w.beats.some((b) => b.kind === 'ping' && b.dir === 'in');

function silentGroup(ends: readonly Ended[], survivedMs: number): EndGroup | null {
  const silences = ends.map((w) => w.end.silence);
  let same = agreeing(silences, SILENCE_SHARE, LEAST_MS);
  // a clock that ticks once a second or slower behind the limit
  if (same.length < 3) same = agreeing(silences, 0.1, 1500).length >= 3 ? agreeing(silences, 0.1, 1500) : same;
  if (same.length < 2) return null;
  const limit = median(same);
  if (limit < 250 || limit < survivedMs * 0.97) return null;
  const of = ends.filter((w) => same.includes(w.end.silence));
  return of.length * 2 >= ends.length ? group(of, same) : null;
}

const group = (of: Ended[], values: number[]): EndGroup => ({
  ms: Math.round(median(values)),
  min: Math.round(Math.min(...values)),
  max: Math.round(Math.max(...values)),
  of,
});

/** How old a connection that stands has got, or got before we let go of it. */
export function aliveAge(w: Watched, now: number): number {
  if (w.openAt === null || w.end !== null) return 0;
  return (w.stopped ? (w.lastByteAt ?? w.openAt) : now) - w.openAt;
}

/** The longest time without a byte that did not end a connection. */
function longestSurvived(m: Material): number {
  let longest = 0;
  for (const w of m.plain) {
    if (w.openAt === null) continue;
    const times = w.arrivals.map((a) => a.at).filter((at) => at >= w.openAt! - 1);
    for (let i = 1; i < times.length; i++) longest = Math.max(longest, times[i]! - times[i - 1]!);
    // a FIN or close frame comes with bytes of its own or none: the last wait is the one that ended it
    if (w.end === null && !w.stopped) longest = Math.max(longest, m.now() - (times.at(-1) ?? w.openAt));
  }
  return longest;
}

/** What the client saw of an end, in words. */
export function endText({ evidence, detail }: SeenEnd): string {
  if (evidence === 'fin') return 'FIN, without a word';
  if (evidence === 'rst') return 'RST, without a word';
  if (evidence === 'clean-end') return 'the end of the answer, in form';
  return detail ?? evidence;
}

export const endLine = (m: Material, w: Ended): EvidenceLine => ({
  at: Math.round(w.end.at - m.startedAt),
  what: `${w.order.name}: ${endText(w.end)}, ${msText(w.end.silence)} after the last byte, ${msText(w.end.age)} after it was made`,
  ...(w.end.reason === null ? {} : { bytes: w.end.reason }),
});

export const headLine = (m: Material, w: Watched): EvidenceLine[] =>
  w.head && w.openAt !== null
    ? [{ at: Math.round(w.openAt - m.startedAt), what: `${w.order.name}: the head of the answer`, bytes: w.head.text }]
    : [];
