import type { Method } from '../catalog.ts';
import type { Observation } from '../observation.ts';
import { availabilityAt, foldAvailability, newAvailability, type Availability } from './availability.ts';
import { foldContinuity, newContinuityCounts, type ContinuityCounts } from './continuity.ts';
import { findingsOf, foldFindings, newFindings, type FindingsState } from './findings.ts';
import { newHistogram, quantiles, record, type Histogram } from './latency.ts';
import { bytesPerEvent, foldOverhead, newOverhead, type Overhead } from './overhead.ts';
import { foldTokens, newTokenCounts, tokenSummary, type TokenCounts } from './tokens.ts';
import type { LaneSummary } from '../lane-summary.ts';

/** One lane's running count: plain data, so that a snapshot can carry it and the page can go on folding. */
export interface LaneTally {
  method: Method;
  url: string;
  continuity: ContinuityCounts;
  overhead: Overhead;
  availability: Availability;
  latency: Histogram;
  /** Absent: no stream has ended, or none has a terminal message. */
  truncated?: boolean;
  /** Absent in snapshots of earlier versions. */
  tokens?: TokenCounts;
  /** Absent in snapshots of earlier versions. */
  findings?: FindingsState;
  /** The client's last sleep, or how long it stood still; `to` is null while it lasts. Absent before the first. */
  sleep?: { from: number; to: number | null };
  /** It takes any certificate. */
  insecure?: true;
}

export function newTally(method: Method, url: string): LaneTally {
  return {
    method,
    url,
    continuity: newContinuityCounts(),
    overhead: newOverhead(),
    availability: newAvailability(),
    latency: newHistogram(),
    tokens: newTokenCounts(),
    findings: newFindings(),
  };
}

/** Steps the tally by one observation of its lane (or of no lane: `path`, `sleep`). Mutates and returns it. */
export function fold(tally: LaneTally, observation: Observation): LaneTally {
  foldContinuity(tally.continuity, observation);
  foldOverhead(tally.overhead, observation);
  foldAvailability(tally.availability, observation);
  if (tally.tokens && observation.lane !== null) foldTokens(tally.tokens, observation);
  if (tally.findings && observation.lane !== null) foldFindings(tally.findings, tally.method, observation);
  if (observation.type === 'sleep') {
    const { at, phase } = observation;
    tally.sleep = phase === 'begin' ? { from: at, to: null } : { from: tally.sleep?.from ?? at, to: at };
  }
  if (observation.type === 'notice' && observation.code === 'stood-still') {
    tally.sleep = { from: observation.since ?? observation.at, to: observation.at };
  }
  if (observation.type === 'notice' && observation.code === 'insecure-tls') tally.insecure = true;
  if (observation.type === 'notice' && observation.code === 'truncated') tally.truncated = true;
  if (observation.type === 'state' && observation.to === 'stopped' && observation.reason === 'ended')
    tally.truncated = false;
  const latency = measuredLatency(tally, observation);
  if (latency !== null) record(tally.latency, latency);
  return tally;
}

/** Null for what is no measure of lateness: replayed, seen before, or published while the client slept. */
function measuredLatency({ sleep }: LaneTally, o: Observation): number | null {
  if (o.type !== 'event' || o.latency === null || o.replayed || o.duplicate) return null;
  const publishedAt = o.at - o.latency;
  const asleep = sleep !== undefined && publishedAt >= sleep.from && publishedAt < (sleep.to ?? Infinity);
  return asleep ? null : o.latency;
}

/** The count as of engine time `now`. */
export function summarise(tally: LaneTally, now: number): LaneSummary {
  const { continuity, overhead, availability } = tally;
  const { everOpened } = availability;
  const { states, heldOpenMs, longestSilenceMs } = availabilityAt(availability, now);
  return {
    method: tally.method,
    url: tally.url,
    received: everOpened ? continuity.received : null,
    unique: continuity.unique,
    duplicates: everOpened && continuity.repeatsKnown ? continuity.duplicates : null,
    missed: everOpened ? continuity.missed : null,
    replayed: continuity.replayed,
    requests: overhead.requests,
    emptyResponses: overhead.emptyResponses,
    notModified: overhead.notModified,
    bytesIn: overhead.bytesIn,
    bytesOut: overhead.bytesOut,
    bytesPerEvent: bytesPerEvent(overhead, continuity.unique),
    drops: availability.drops,
    ended: availability.ended,
    reconnects: availability.reconnects,
    latency: quantiles(tally.latency),
    timeToDetect: quantiles(availability.timeToDetect),
    timeToReopen: quantiles(availability.timeToReopen),
    timeToRecover: quantiles(availability.timeToRecover),
    truncated: tally.truncated ?? null,
    tokens: tally.tokens ? tokenSummary(tally.tokens, everOpened ? continuity.missed : null) : null,
    heldOpenMs: Math.round(heldOpenMs),
    longestSilenceMs: Math.round(longestSilenceMs),
    ...(tally.insecure ? { insecure: true } : {}),
    findings: tally.findings ? findingsOf(tally.findings, tally.method) : [],
    states: Object.fromEntries(Object.entries(states).map(([state, ms]) => [state, Math.round(ms)])),
  };
}
