import type { Advice, StormCourse, StormSpec } from '../../shared/storm.ts';
import { seeded, type Random } from '../../shared/random.ts';
import { backoffDelay } from '../client/lane/backoff.ts';
import { adviceFor } from './advise.ts';
import { Calendar } from './calendar.ts';

/** Time is looked at in bins of so many ms; a peak is over a second of them. */
export const BIN_MS = 100;
const BINS_A_SECOND = 1000 / BIN_MS;
/** So long after the outage is looked at. */
const RECOVERY_MS = 1_800_000;
/** Work between two looks at whether others want their turn. */
const STEP = 20_000;

export interface Course extends StormCourse {
  /** By bin, from the drop on. */
  attemptsByBin: Uint32Array;
  connectedByBin: Uint32Array;
}

/** Where everybody stands when the outage is over. */
export interface Outage {
  attempts: number;
  attemptsByBin: Uint32Array;
  /** By client: the bin of its next attempt, and how many it has made. */
  next: Uint32Array;
  tries: Uint8Array;
}

/**
 * All are dropped at 0, and every attempt is refused at once, with the back-off of the lanes. A generator, as the rest:
 * whoever plays it may do other things in between.
 */
export function* playOutage({ clients, outageMs, policy, seed }: StormSpec): Generator<undefined, Outage> {
  const random = seeded(seed).fork('storm');
  const attemptsByBin = new Uint32Array(Math.ceil((outageMs + RECOVERY_MS) / BIN_MS));
  const next = new Uint32Array(clients);
  const tries = new Uint8Array(clients);
  let attempts = 0;
  for (let client = 0; client < clients; client++) {
    // nobody sees anybody meanwhile: each client's is played by itself
    let at = 0;
    let n = 0;
    for (;;) {
      at += backoffDelay(policy.kind, n, null, random, policy);
      if (at >= outageMs) break;
      attemptsByBin[(at / BIN_MS) | 0]!++;
      n++;
    }
    attempts += n;
    tries[client] = Math.min(n, 255);
    next[client] = Math.min((at / BIN_MS) | 0, attemptsByBin.length - 1);
    if (client % STEP === 0) yield;
  }
  return { attempts, attemptsByBin, next, tries };
}

/** After the outage: the server takes what its capacity allows in each bin, and turns the rest away with its advice. */
export function* playReturn(spec: StormSpec, outage: Outage, advice: Advice): Generator<undefined, Course> {
  const { clients, outageMs, capacity, policy } = spec;
  const random = seeded(spec.seed).fork(`return/${advice}`);
  const attemptsByBin = outage.attemptsByBin.slice();
  const bins = attemptsByBin.length;
  const connectedByBin = new Uint32Array(bins);
  const tries = outage.tries.slice();
  const calendar = new Calendar(bins, clients);
  for (let client = 0; client < clients; client++) calendar.add(outage.next[client]!, client);
  let { attempts } = outage;
  const first = Math.floor(outageMs / BIN_MS);
  let connected = 0;
  let turnedAway = 0;
  let allBackMs: number | null = null;
  let room = 0;
  for (let bin = first; bin < bins && connected < clients; bin++) {
    room = capacity === null ? Infinity : Math.min(room, 1) + (capacity * BIN_MS) / 1000;
    let done = 0;
    for (const client of calendar.take(bin)) {
      attemptsByBin[bin]!++;
      attempts++;
      if (room >= 1) {
        room--;
        connectedByBin[bin]!++;
        connected++;
      } else {
        turnedAway++;
        const waiting = clients - connected;
        const told = adviceFor(advice, random, { waiting, capacity: capacity ?? Infinity });
        const n = Math.min(tries[client]! + 1, 255);
        tries[client] = n;
        const delay = backoffDelay(policy.kind, n, told, random, policy);
        if (bin < bins - 1) calendar.add(Math.max(bin + 1, Math.floor(bin + delay / BIN_MS)), client);
      }
      if (++done % STEP === 0) yield;
    }
    if (connected === clients) allBackMs = (bin + 1) * BIN_MS;
    if (bin % 1000 === 0) yield;
  }
  const peak = peakSecond(attemptsByBin, first);
  return {
    advice,
    peak,
    overCapacity: capacity === null ? null : peak.perSecond / capacity,
    allBackMs,
    attempts,
    turnedAway,
    connected,
    attemptsByBin,
    connectedByBin,
  };
}

/** The busiest second from a bin on: any second, not only those that begin at a full one. */
export function peakSecond(byBin: Uint32Array, first: number): { perSecond: number; at: number } {
  let sum = 0;
  let best = { perSecond: 0, at: first * BIN_MS };
  for (let bin = first; bin < byBin.length; bin++) {
    sum += byBin[bin]! - (bin - BINS_A_SECOND >= first ? byBin[bin - BINS_A_SECOND]! : 0);
    if (sum > best.perSecond) best = { perSecond: sum, at: Math.max(first, bin - BINS_A_SECOND + 1) * BIN_MS };
  }
  return best;
}

/** Chance that costs nothing to draw twice: the same clients for each width that is tried. */
export const drawsOf = (random: Random, count: number): Float64Array => {
  const draws = new Float64Array(count);
  for (let i = 0; i < count; i++) draws[i] = random.next();
  return draws;
};
