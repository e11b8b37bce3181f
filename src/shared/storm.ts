/** A reconnect stampede: what is asked, and what comes out. Times in milliseconds from the moment all were dropped. */

export const BACKOFFS = ['full-jitter', 'equal', 'none'] as const;
export type BackoffKind = (typeof BACKOFFS)[number];

/** How a client waits before it dials again. */
export interface BackoffPolicy {
  kind: BackoffKind;
  baseMs: number;
  capMs: number;
  floorMs: number;
}

/**
 * What a server tells a client that it turns away: nothing; an SSE `retry:` (2–6 s, as ours does when it is full);
 * `Retry-After` in whole seconds (1–3 s, as ours); or a place in the line: when its capacity gets to it.
 */
export const ADVICES = ['none', 'retry', 'retry-after', 'queue'] as const;
export type Advice = (typeof ADVICES)[number];

export interface StormSpec {
  clients: number;
  outageMs: number;
  /** Connections a second the server takes; null: as many as come. */
  capacity: number | null;
  policy: BackoffPolicy;
  seed: number;
}

/** One way through it. */
export interface StormCourse {
  advice: Advice;
  /** Most attempts in one second once the server is back, and when that second began. */
  peak: { perSecond: number; at: number };
  /** The peak as a multiple of the capacity; null where none was given. */
  overCapacity: number | null;
  /** When the last client was connected; null: not within the time that is looked at. */
  allBackMs: number | null;
  /** Attempts in all, those of the outage among them, and those turned away by a server that was back. */
  attempts: number;
  turnedAway: number;
  /** Clients connected in the end. */
  connected: number;
}

export interface StormResult {
  clients: number;
  outageMs: number;
  capacity: number | null;
  seed: number;
  policy: BackoffPolicy;
  /** Without any advice. */
  peak: { perSecond: number; at: number };
  overCapacity: number | null;
  allBackMs: number | null;
  attempts: number;
  /** Over how long a server that lets its clients go has to spread them, so that no second brings more than it takes. */
  safeWindowMs: number | null;
  advice: StormCourse[];
  /** Attempts and new connections by bin, without any advice. */
  histogram: { binMs: number; attempts: number[]; connected: number[] };
  tookMs: number;
}

export const STORM_LIMITS = { clients: 2_000_000, outageMs: 3_600_000 } as const;
