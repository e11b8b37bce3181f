/** How an observation reads as one row of the Events list. */
import { METHOD_LABEL, type Method } from '../../../shared/catalog.ts';
import { hostSleepText } from '../../../shared/host-sleep.ts';
import type { DropFact, Observation, SleepFact } from '../../../shared/observation.ts';
import { neverStood } from '../../../shared/measure/availability.ts';
import { dropLabel, evidenceLabel } from '../../labels/drop.ts';
import { bytes, clockFine, seconds, span, UNKNOWN } from '../../ui/format.ts';
import { faultLabel, laneFactLabel, scenarioLabel, settingFactLabel } from '../../labels/setting.ts';

export interface EventRow {
  n: number;
  at: string;
  lane: string | null;
  method: Method | null;
  kind: string;
  cursor: string;
  /** What it was: an event's type, a drop's evidence. */
  what: string;
  latency: string;
  /** How long the lane waits before it connects again. */
  backoff: string;
  bytes: string;
  loss: boolean;
  /** A sentence: it has neither cursor nor latency, and takes their room. */
  isSentence: boolean;
  /** It has a cursor but neither latency nor bytes, and takes their room. */
  wide: boolean;
}

export const KINDS = [
  'events',
  'heartbeats',
  'drops',
  'resumes',
  'answers',
  'states',
  'conditions',
  'notices',
] as const;
export type Kind = (typeof KINDS)[number];

const KIND_OF: Partial<Record<Observation['type'], Kind>> = {
  event: 'events',
  heartbeat: 'heartbeats',
  drop: 'drops',
  ended: 'drops',
  gap: 'drops',
  resume: 'resumes',
  reconnect: 'resumes',
  response: 'answers',
  state: 'states',
  sleep: 'conditions',
  path: 'conditions',
  setting: 'conditions',
  fault: 'conditions',
  scenario: 'conditions',
  lane: 'conditions',
  notice: 'notices',
};

export const kindOf = (o: Observation): Kind | null => KIND_OF[o.type] ?? null;

/** What is shown when nobody has chosen: what arrived and what went wrong, not each step on the way. */
export const DEFAULT_KINDS: readonly Kind[] = ['events', 'heartbeats', 'drops', 'resumes', 'conditions', 'notices'];

export function methodOfLane(lane: string | null): Method | null {
  if (lane === null) return null;
  const name = lane.replace(/-\d+$/, '');
  // cast: just asked for
  return Object.hasOwn(METHOD_LABEL, name) ? (name as Method) : null;
}

/** Why events are missing, as short as a row has room for. */
const GAP_BRIEF: Record<string, string> = {
  trimmed: 'no longer kept',
  epoch: 'another epoch',
  future: 'the server is behind',
  hole: 'numbers skip',
};

const SENTENCE_TYPES = new Set<Observation['type']>([
  'notice',
  'path',
  'setting',
  'fault',
  'state',
  'sleep',
  'scenario',
  'lane',
]);

export function eventRow(o: Observation, startedAt: number): EventRow {
  const method = methodOfLane(o.lane);
  const row: EventRow = {
    n: o.n,
    at: clockFine(o.at - startedAt, 2),
    lane: o.lane,
    method,
    kind: o.type,
    cursor: UNKNOWN,
    what: '',
    latency: UNKNOWN,
    backoff: '',
    bytes: UNKNOWN,
    loss: false,
    isSentence: SENTENCE_TYPES.has(o.type),
    wide: false,
  };
  switch (o.type) {
    case 'event':
      return {
        ...row,
        kind: o.duplicate ? 'repeat' : o.replayed ? 'replay' : 'event',
        cursor: o.cursor ?? o.id ?? UNKNOWN,
        what: o.event,
        latency: span(o.latency),
        bytes: bytes(o.bytes),
        loss: o.duplicate,
      };
    case 'heartbeat':
      return {
        ...row,
        kind: o.kind,
        what:
          o.dir === 'out'
            ? 'heartbeat sent'
            : o.rtt === undefined
              ? 'heartbeat'
              : `heartbeat, answered after ${span(o.rtt)}`,
      };
    case 'drop':
      return {
        ...row,
        kind: neverStood(o) ? 'failed' : 'drop',
        what: dropText(o, method),
        loss: true,
        wide: true,
      };
    case 'ended':
      return { ...row, what: `ended as announced${o.reason === null ? '' : `: ${o.reason}`}`, latency: UNKNOWN };
    case 'resume':
      return {
        ...row,
        cursor: o.sent ?? UNKNOWN,
        what: `${o.missed === null ? 'missed: cannot know' : `${o.missed} missed`}, ${o.repeated === null ? 'repeated: cannot know' : `${o.repeated} repeated`}, ${o.first === null ? 'no news' : `then ${o.first}`}`,
        wide: true,
        loss: (o.missed ?? 0) > 0,
      };
    case 'reconnect':
      return { ...row, cursor: o.cursor ?? UNKNOWN, what: `attempt ${o.attempt}`, backoff: span(o.delay) };
    case 'gap':
      return {
        ...row,
        cursor: o.from ?? UNKNOWN,
        what: `${o.missed === null ? 'missed: cannot know' : `${o.missed} missed`} · ${GAP_BRIEF[o.reason] ?? o.reason}`,
        wide: true,
        loss: true,
      };
    case 'response':
      return {
        ...row,
        kind: String(o.status),
        what: `${o.empty ? 'nothing new' : 'answer'} after ${span(o.took)}`,
        bytes: bytes(o.bytes),
        loss: o.status >= 500,
      };
    case 'state':
      return {
        ...row,
        what: `${o.from} → ${o.to}${o.phase ? `, ${o.phase}` : ''} · ${o.reason}${o.evidence ? ` · ${evidenceLabel(o.evidence)}` : ''}`,
      };
    case 'sleep':
      return {
        ...row,
        what: sleepText(o),
      };
    case 'path':
      return { ...row, what: o.label };
    case 'setting':
      return { ...row, kind: o.name.replaceAll('-', ' '), what: settingFactLabel(o).value };
    case 'fault':
      return { ...row, what: faultLabel(o) };
    case 'scenario':
      return { ...row, what: scenarioLabel(o), loss: o.passed === false && !o.stopped };
    case 'lane':
      return { ...row, what: laneFactLabel(o) };
    case 'notice':
      return {
        ...row,
        kind: o.level === 'info' ? 'notice' : o.level,
        what: o.hint ? `${o.message} ${o.hint}` : o.message,
        loss: o.level === 'error',
      };
    default:
      return row;
  }
}

function sleepText({ what, phase, ms }: SleepFact): string {
  if (what === 'host') return phase === 'begin' ? 'this machine falls asleep' : hostSleepText(ms);
  return phase === 'begin' ? 'the client falls asleep' : 'the client wakes';
}

/** What ended, how old it was and how silent, and how long its end went unnoticed. */
function dropText(o: Observation & DropFact, method: Method | null): string {
  const parts = [method ? dropLabel(o, method) : o.evidence];
  if (o.age != null) parts.push(`age ${seconds(o.age)}, silent ${seconds(o.silence)}`);
  if (o.detected !== null && o.detected > 0) parts.push(`noticed after ${span(o.detected)}`);
  return parts.join(' · ');
}

export const rowText = (r: EventRow): string =>
  [r.at, r.lane ?? '', r.kind, r.cursor, r.what, r.latency, r.backoff, r.bytes].join('\t');
