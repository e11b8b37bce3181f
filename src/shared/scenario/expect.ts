/** What a run must have come to: `missed == 0`, `timeToRecover.p95 < 5s`, `drops.idle-limit >= 1`. */
import { STATES, type Cause, type Evidence, type State } from '../catalog.ts';
import type { CheckResult } from '../check-result.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from '../duration.ts';
import { Failure } from '../failure.ts';
import type { LaneSummary } from '../lane-summary.ts';
import type { Observation } from '../observation.ts';
import { nearest } from '../path/params.ts';

export interface Expectation {
  /** As the report names it; the check itself unless the file says otherwise. */
  name: string;
  /** Lane ids; null is every lane. */
  lanes: string[] | null;
  check: Check;
}

export interface Check {
  measure: Measure;
  /** After the dot: a quantile, a state, a drop's evidence or cause, a gap's reason. */
  part: string | null;
  op: Op;
  /** Milliseconds, bytes, a count, or a state's name; null is `unknown`. */
  value: number | string | null;
}

/** A lane as it stood at the end. */
export interface LaneResult {
  summary: LaneSummary;
  state: State;
  /** How long it has been without its connection and not caught up; null when it is well. */
  downForMs: number | null;
  /** Events published and not yet received; null when that cannot be known. */
  behind: number | null;
  /** What the server saw of it; null where the server is not ours. */
  served: ServerCounts | null;
  losses: LossCounts;
  /** The most times that lanes of the run, all together, dialled again within any one second. */
  peakReconnects: number;
}

/** Counted at the server: it sees what the path repeats, and what the path answers by itself it does not see. */
export interface ServerCounts {
  /** Requests by the lane's method. */
  asked: number;
  /** Events in answers to polls, repeats included. */
  handed: number;
}

/** How a lane lost its connection and its place, counted by name. Plain data. */
export interface LossCounts {
  /** By evidence and by cause; a drop counts once for each name it bears. */
  drops: Record<string, number>;
  /** By reason. */
  gaps: Record<string, number>;
  gapCount: number;
}

export const newLossCounts = (): LossCounts => ({ drops: {}, gaps: {}, gapCount: 0 });

export function foldLossCounts(counts: LossCounts, o: Observation): void {
  if (o.type === 'drop') {
    for (const name of new Set<string>([o.evidence, ...(o.cause ? [o.cause] : [])])) {
      counts.drops[name] = (counts.drops[name] ?? 0) + 1;
    }
  } else if (o.type === 'gap') {
    counts.gapCount++;
    counts.gaps[o.reason] = (counts.gaps[o.reason] ?? 0) + 1;
  }
}

type Op = '==' | '!=' | '<=' | '>=' | '<' | '>';
type Unit = 'count' | 'duration' | 'size' | 'state';
type Value = number | string | null;

const QUANTILES = ['p50', 'p95', 'p99', 'max'] as const;
/** Exhaustive by type: a new word in the catalog has to be entered here. */
const EVIDENCE = Object.keys({
  fin: 1,
  rst: 1,
  'clean-end': 1,
  silence: 1,
  refused: 1,
  dns: 1,
  tls: 1,
  'connect-timeout': 1,
  'no-answer': 1,
  protocol: 1,
  offline: 1,
} satisfies Record<Exclude<Evidence, `${string}:${number}`>, 1>);
const CAUSES = Object.keys({
  'idle-limit': 1,
  cut: 1,
  'client-sleep': 1,
  offline: 1,
  'missed-heartbeats': 1,
  'pong-deadline': 1,
  restart: 1,
  kill: 1,
  'black-hole': 1,
  'close-after': 1,
  'half-close': 1,
  refuse: 1,
  'slow-consumer': 1,
  'target-unreachable': 1,
} satisfies Record<Cause, 1>);
const REASONS = ['trimmed', 'epoch', 'future', 'hole', 'unknown'];

interface MeasureInfo {
  unit: Unit;
  /** What may stand after the dot. */
  parts?: readonly string[];
  /** Without a part it means nothing. */
  needsPart?: boolean;
  /** One figure for all lanes together. */
  perRun?: true;
  read(lane: LaneResult, part: string | null): Value;
}

const summaryMeasure = (key: NumberKey, unit: Unit = 'count'): MeasureInfo => ({
  unit,
  read: ({ summary }) => summary[key],
});
type NumberKey = {
  [K in keyof LaneSummary]: LaneSummary[K] extends number | null ? K : never;
}[keyof LaneSummary];

const quantileMeasure = (key: 'latency' | 'timeToDetect' | 'timeToRecover'): MeasureInfo => ({
  unit: 'duration',
  parts: QUANTILES,
  needsPart: true,
  read: ({ summary }, part) => summary[key]?.[part as 'p50'] ?? null,
});

const MEASURES = {
  received: summaryMeasure('received'),
  unique: summaryMeasure('unique'),
  duplicates: summaryMeasure('duplicates'),
  missed: { unit: 'count', read: ({ summary }) => (everOpen(summary) ? summary.missed : null) },
  replayed: summaryMeasure('replayed'),
  behind: { unit: 'count', read: ({ behind }) => behind },
  requests: summaryMeasure('requests'),
  asked: { unit: 'count', read: ({ served }) => served?.asked ?? null },
  handed: { unit: 'count', read: ({ served }) => served?.handed ?? null },
  emptyResponses: summaryMeasure('emptyResponses'),
  notModified: summaryMeasure('notModified'),
  bytesIn: summaryMeasure('bytesIn', 'size'),
  bytesOut: summaryMeasure('bytesOut', 'size'),
  bytesPerEvent: summaryMeasure('bytesPerEvent', 'size'),
  drops: {
    unit: 'count',
    parts: [...new Set([...EVIDENCE, ...CAUSES])],
    read: ({ summary, losses }, part) => (part === null ? summary.drops : (losses.drops[part] ?? 0)),
  },
  gaps: {
    unit: 'count',
    parts: REASONS,
    read: ({ losses }, part) => (part === null ? losses.gapCount : (losses.gaps[part] ?? 0)),
  },
  reconnects: summaryMeasure('reconnects'),
  peakReconnects: { unit: 'count', perRun: true, read: ({ peakReconnects }) => peakReconnects },
  latency: quantileMeasure('latency'),
  timeToDetect: quantileMeasure('timeToDetect'),
  timeToRecover: quantileMeasure('timeToRecover'),
  heldOpen: summaryMeasure('heldOpenMs', 'duration'),
  longestSilence: summaryMeasure('longestSilenceMs', 'duration'),
  states: {
    unit: 'duration',
    parts: STATES,
    needsPart: true,
    read: ({ summary }, part) => summary.states[part as State] ?? 0,
  },
  state: { unit: 'state', read: ({ state }) => state },
} satisfies Record<string, MeasureInfo>;

export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES);
/** Whether it is one figure for all lanes together: no lane may be named with it. */
export const isPerRun = (measure: Measure): boolean => 'perRun' in MEASURES[measure];

const everOpen = (summary: LaneSummary): boolean => summary.states.open !== undefined;

/** One check from text. @throws Failure `bad-check` saying what would do */
export function parseCheck(text: string): Check {
  const m = /^\s*([A-Za-z]+)(?:\.([A-Za-z0-9:-]+))?\s*(==|!=|<=|>=|<|>)\s*(\S+)\s*$/.exec(text);
  if (!m) throw badCheck(`"${text}" is not a check.`, 'Write one such as missed == 0 or timeToRecover.p95 < 5s.');
  const [, name, part = null, op, valueText] = m as unknown as [string, string, string | null, Op, string];
  if (!Object.hasOwn(MEASURES, name)) throw badCheck(`There is no measure "${name}".`, suggest(name, MEASURE_NAMES));
  const info: MeasureInfo = MEASURES[name as Measure];
  checkPart(name, part, info);
  if (info.unit === 'state' && op !== '==' && op !== '!=') {
    throw badCheck(`${name} is a word: it is not more or less than another.`, 'Use == or !=.');
  }
  if (valueText === 'unknown' && op !== '==')
    throw badCheck('Whether it is unknown is asked with ==.', `Write ${name} == unknown.`);
  return { measure: name as Measure, part, op, value: valueText === 'unknown' ? null : valueOf(info.unit, valueText) };
}

function checkPart(name: string, part: string | null, { parts, needsPart }: MeasureInfo): void {
  if (part === null) {
    if (needsPart)
      throw badCheck(`${name} has several figures.`, `Write ${parts!.map((p) => `${name}.${p}`).join(', ')}.`);
    return;
  }
  if (!parts) throw badCheck(`${name} is one figure; nothing comes after it.`, `Write ${name}.`);
  if (parts.includes(part) || (name === 'drops' && /^(status|close):\d{3,4}$/.test(part))) return;
  throw badCheck(`${name} has no "${part}".`, suggest(part, parts));
}

function valueOf(unit: Unit, typed: string): number | string {
  if (unit === 'duration') return parseDuration(typed);
  if (unit === 'size') return parseSize(typed);
  if (unit === 'state') {
    if ((STATES as readonly string[]).includes(typed)) return typed;
    throw badCheck(`"${typed}" is not a state.`, suggest(typed, STATES));
  }
  if (/^\d+$/.test(typed)) return Number(typed);
  throw badCheck(`"${typed}" is not a count.`, 'Write a whole number, or unknown.');
}

/** Every expectation held against every lane it means. What is not known never passes, unless `unknown` is expected. */
export function checkLanes(expectations: readonly Expectation[], lanes: Record<string, LaneResult>): CheckResult[] {
  return expectations.flatMap(({ name, lanes: ids, check }) => {
    const expected = checkText(check);
    const [first] = Object.values(lanes);
    if (first && isPerRun(check.measure)) return [{ name, lane: null, expected, ...evaluate(check, first) }];
    return (ids ?? Object.keys(lanes)).map((lane): CheckResult => {
      const end = lanes[lane];
      if (!end) return { name, lane, expected, actual: 'there was no such lane', passed: false };
      return { name, lane, expected, ...evaluate(check, end) };
    });
  });
}

function evaluate(check: Check, lane: LaneResult): { actual: string; passed: boolean } {
  const { measure, part, op, value } = check;
  const info: MeasureInfo = MEASURES[measure];
  const { drops } = lane.summary;
  const atMost = op === '<' || op === '<=';
  if (measure === 'timeToRecover') {
    if (lane.downForMs !== null) {
      return { actual: `not recovered, down for ${formatDuration(Math.round(lane.downForMs))}`, passed: false };
    }
    if (drops === 0) return { actual: 'no drop to recover from', passed: atMost };
  }
  if (measure === 'timeToDetect' && drops === 0) return { actual: 'no drop to detect', passed: atMost };
  const actual = info.read(lane, part);
  if (actual === null) return { actual: whyUnknown(measure, lane), passed: value === null };
  if (value === null) return { actual: shown(info.unit, actual), passed: false };
  return { actual: shown(info.unit, actual), passed: compare(actual, op, value) };
}

function compare(a: number | string, op: Op, b: number | string): boolean {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

function whyUnknown(measure: Measure, { summary }: LaneResult): string {
  if (measure === 'asked' || measure === 'handed') return 'cannot know: the server is not ours';
  if (!everOpen(summary)) return 'cannot know: it never opened';
  return measure === 'latency' || measure === 'bytesPerEvent' ? 'nothing was measured' : 'cannot know';
}

/** As people write it. */
function checkText({ measure, part, op, value }: Check): string {
  const { unit }: MeasureInfo = MEASURES[measure];
  return `${measure}${part === null ? '' : `.${part}`} ${op} ${value === null ? 'unknown' : shown(unit, value)}`;
}

function shown(unit: Unit, value: number | string): string {
  if (typeof value === 'string') return value;
  if (unit === 'duration') return formatDuration(value);
  return unit === 'size' ? formatSize(value) : String(value);
}

const suggest = (typed: string, known: readonly string[]): string => {
  const near = nearest(typed, known);
  return near ? `Did you mean ${near}?` : `There are ${known.join(', ')}.`;
};

const badCheck = (message: string, hint: string): Failure => new Failure({ code: 'bad-check', message, hint, exit: 2 });
