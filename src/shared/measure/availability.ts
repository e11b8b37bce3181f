import type { Evidence, Phase, State } from '../catalog.ts';
import type { DropFact, Observation } from '../observation.ts';
import { newHistogram, record, type Histogram } from './latency.ts';

/** Where a lane spent its time, and how it lost and found its connection. Plain data, milliseconds. */
export interface Availability {
  state: State;
  everOpened: boolean;
  phase: Phase | null;
  /** Since when the current state and phase stand; null before the first. */
  since: number | null;
  states: Partial<Record<State, number>>;
  /** How long a request or a stream stood open: `open`, but not `resting` between polls. */
  heldOpenMs: number;
  /** When anything last went over the open connection. */
  lastActiveAt: number | null;
  longestSilenceMs: number;
  drops: number;
  /** Part of `drops`: attempts that never stood. Absent before the first. */
  failedAttempts?: number;
  /** Planned ends, announced by the protocol. */
  ended: number;
  reconnects: number;
  timeToDetect: Histogram;
  /** From a drop to open again. */
  timeToReopen: Histogram;
  /** From a drop to the first event after it, or to the word that there is none. */
  timeToRecover: Histogram;
  /** When the outage began that has not been recovered from. */
  downSince: number | null;
  /** When the drop was after which the lane has not opened again. */
  closedSince: number | null;
  /** Time asleep before each of these: sleeping is no time to recover. */
  asleepBefore: { down: number; closed: number };
}

export const newAvailability = (): Availability => ({
  state: 'idle',
  everOpened: false,
  phase: null,
  since: null,
  states: {},
  heldOpenMs: 0,
  lastActiveAt: null,
  longestSilenceMs: 0,
  drops: 0,
  ended: 0,
  reconnects: 0,
  timeToDetect: newHistogram(),
  timeToReopen: newHistogram(),
  timeToRecover: newHistogram(),
  downSince: null,
  closedSince: null,
  asleepBefore: { down: 0, closed: 0 },
});

/** Ends before a connection stood: their silence is not one of an open connection. */
const NEVER_OPEN: readonly Evidence[] = ['refused', 'dns', 'tls', 'connect-timeout', 'offline', 'proxy', 'no-token'];

/** An attempt to connect that failed, on the client's side of the path or beyond it: nothing was lost that had stood. */
export const neverStood = ({ evidence, cause }: DropFact): boolean =>
  NEVER_OPEN.includes(evidence) || cause === 'target-unreachable' || cause === 'refuse';

export function foldAvailability(a: Availability, o: Observation): void {
  switch (o.type) {
    case 'state':
      addElapsed(a, o.at);
      noteActivity(a, o.at);
      a.state = o.to;
      a.everOpened ||= o.to === 'open';
      a.phase = o.to === 'open' ? (o.phase ?? null) : null;
      a.since = o.at;
      a.lastActiveAt = isHeld(a) ? o.at : null;
      if (o.to === 'open') endClosed(a, o.at);
      return;
    case 'gap':
      a.everOpened = true;
      return;
    case 'event':
    case 'resume':
      a.everOpened = true;
      endOutage(a, o.at);
      return noteActivity(a, o.at);
    case 'response':
      if (o.empty && o.status < 400) endOutage(a, o.at);
      return noteActivity(a, o.at);
    case 'request':
    case 'heartbeat':
    case 'wire':
      return noteActivity(a, o.at);
    case 'drop':
      a.drops++;
      if (neverStood(o)) a.failedAttempts = (a.failedAttempts ?? 0) + 1;
      if (!NEVER_OPEN.includes(o.evidence)) a.longestSilenceMs = Math.max(a.longestSilenceMs, o.silence);
      noteActivity(a, o.at);
      if (o.detected !== null) record(a.timeToDetect, o.detected);
      beginOutage(a, o.at);
      return;
    case 'ended':
      a.ended++;
      return;
    case 'reconnect':
      a.reconnects++;
      return;
    default:
  }
}

/** The count as of `now`, the running state included. */
export function availabilityAt(
  a: Availability,
  now: number,
): Pick<Availability, 'states' | 'heldOpenMs' | 'longestSilenceMs'> {
  const running: Availability = { ...a, states: { ...a.states } };
  addElapsed(running, now);
  if (isHeld(running)) noteActivity(running, now);
  return { states: running.states, heldOpenMs: running.heldOpenMs, longestSilenceMs: running.longestSilenceMs };
}

const isHeld = (a: Availability): boolean => a.state === 'open' && a.phase !== 'resting';

/** Adds the time since the last change to the current state. */
function addElapsed(a: Availability, now: number): void {
  if (a.since === null) return;
  const ms = Math.max(0, now - a.since);
  a.states[a.state] = (a.states[a.state] ?? 0) + ms;
  if (isHeld(a)) a.heldOpenMs += ms;
  a.since = now;
}

function noteActivity(a: Availability, at: number): void {
  if (a.lastActiveAt === null) return;
  a.longestSilenceMs = Math.max(a.longestSilenceMs, at - a.lastActiveAt);
  a.lastActiveAt = Math.max(a.lastActiveAt, at);
}

const asleepAt = (a: Availability, at: number): number =>
  (a.states.asleep ?? 0) + (a.state === 'asleep' && a.since !== null ? Math.max(0, at - a.since) : 0);

function beginOutage(a: Availability, at: number): void {
  if (a.downSince === null) {
    a.downSince = at;
    a.asleepBefore.down = asleepAt(a, at);
  }
  if (a.closedSince === null) {
    a.closedSince = at;
    a.asleepBefore.closed = asleepAt(a, at);
  }
}

function endClosed(a: Availability, at: number): void {
  if (a.closedSince === null) return;
  record(a.timeToReopen, at - a.closedSince - (asleepAt(a, at) - a.asleepBefore.closed));
  a.closedSince = null;
}

function endOutage(a: Availability, at: number): void {
  if (a.downSince === null) return;
  record(a.timeToRecover, at - a.downSince - (asleepAt(a, at) - a.asleepBefore.down));
  a.downSince = null;
}
