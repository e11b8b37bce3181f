/** The figures that an expectation may name, and how each is read from a lane. */
import { STATES, type Cause, type Evidence, type State } from '../catalog.ts';
import type { LaneSummary } from '../lane-summary.ts';
import type { LossCounts } from './losses.ts';

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

export type Unit = 'count' | 'duration' | 'size' | 'state';
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
  proxy: 1,
  'no-token': 1,
  deadline: 1,
} satisfies Record<Exclude<Evidence, `${string}:${number}`>, 1>);
const CAUSES = Object.keys({
  'idle-limit': 1,
  cut: 1,
  'client-sleep': 1,
  'stood-still': 1,
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
  'kept-connection': 1,
  'too-big': 1,
} satisfies Record<Cause, 1>);
const REASONS = ['trimmed', 'epoch', 'future', 'hole', 'unknown'];

export interface MeasureInfo {
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
  [K in keyof LaneSummary]-?: LaneSummary[K] extends number | null ? K : never;
}[keyof LaneSummary];

const quantileMeasure = (key: 'latency' | 'timeToDetect' | 'timeToReopen' | 'timeToRecover'): MeasureInfo => ({
  unit: 'duration',
  parts: QUANTILES,
  needsPart: true,
  read: ({ summary }, part) => summary[key]?.[part as 'p50'] ?? null, // cast: checked against its parts
});

export const MEASURES = {
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
  ended: summaryMeasure('ended'),
  gaps: {
    unit: 'count',
    parts: REASONS,
    read: ({ losses }, part) => (part === null ? losses.gapCount : (losses.gaps[part] ?? 0)),
  },
  reconnects: summaryMeasure('reconnects'),
  peakReconnects: { unit: 'count', perRun: true, read: ({ peakReconnects }) => peakReconnects },
  latency: quantileMeasure('latency'),
  timeToDetect: quantileMeasure('timeToDetect'),
  timeToReopen: quantileMeasure('timeToReopen'),
  timeToRecover: quantileMeasure('timeToRecover'),
  heldOpen: summaryMeasure('heldOpenMs', 'duration'),
  longestSilence: summaryMeasure('longestSilenceMs', 'duration'),
  states: {
    unit: 'duration',
    parts: STATES,
    needsPart: true,
    read: ({ summary }, part) => summary.states[part as State] ?? 0, // cast: checked against its parts
  },
  state: { unit: 'state', read: ({ state }) => state },
} satisfies Record<string, MeasureInfo>;

export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as Measure[]; // cast: keys are those of the table
/** Whether it is one figure for all lanes together: no lane may be named with it. */
export const isPerRun = (measure: Measure): boolean => 'perRun' in MEASURES[measure];

export const everOpen = (summary: LaneSummary): boolean => summary.states.open !== undefined;
