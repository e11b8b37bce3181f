import type { Method } from '../../shared/catalog.ts';
import type { Recovery, DropMark, GapMark } from './lane-marks.ts';
import type { LedgerEntry, Resume } from './ledger.ts';
import { TimeSeries } from './time-series.ts';

/** The time a lane is without its connection: dropped, announced or asleep. */
export interface Outage {
  from: number;
  entry: LedgerEntry | null;
  sleepStartedAt: number | null;
  sleptMs: number | null;
  /** When a connection was open again; null until then. */
  reconnectedAt: number | null;
  /** The server announced the end: not a drop, but the lane reconnects. */
  announced: boolean;
  /** The connection survived the sleep: a later drop is a new outage. */
  connectionSurvived: boolean;
  /** The lane has been open since: a drop now is a new outage, not a failed attempt. */
  reopened: boolean;
}

/** Tolerance between the times of observations of one moment. */
const SLACK_MS = 100;

const newOutage = (from: number, more: Partial<Outage> = {}): Outage => ({
  from,
  entry: null,
  sleepStartedAt: null,
  sleptMs: null,
  reconnectedAt: null,
  announced: false,
  connectionSurvived: false,
  reopened: false,
  ...more,
});

/** Follows a lane from losing its connection to resuming, through failed attempts and sleep. */
export class OutageTracker {
  /** Set from losing the connection until it has resumed. */
  current: Outage | null = null;
  wokeAt = -Infinity;
  readonly #sleeps = new TimeSeries<{ at: number; from: number }>(1000);
  readonly #lane: { id: string; method: Method };

  constructor(lane: { id: string; method: Method }) {
    this.#lane = lane;
  }

  /** Whether this lane woke from a sleep between two times. */
  wokeBetween(since: number, until: number): boolean {
    return this.#sleeps.indexFrom(since) < this.#sleeps.indexFrom(until + 1);
  }

  /** The sleep in which a connection ended that was found dead on waking; null when it ended awake. */
  sleepOf(drop: DropMark): { at: number; from: number } | null {
    const endedAt = drop.at - (drop.detected ?? 0);
    const sleep = this.#sleeps.items[this.#sleeps.indexFrom(endedAt)];
    if (sleep && sleep.from - SLACK_MS <= endedAt && endedAt < sleep.at) return sleep;
    // The engine says so itself, though not when.
    return drop.cause === 'client-sleep' ? (this.#sleeps.items[this.#sleeps.indexFrom(drop.at) - 1] ?? null) : null;
  }

  /** Bytes arrived after waking without a drop: the connection survived the sleep. */
  onActivity(): void {
    const outage = this.current;
    if (outage && !outage.entry && this.wokeAt > outage.from) outage.connectionSurvived = true;
  }

  /** A connection is open, or a poll is sent, again. */
  onReconnected(at: number): void {
    const outage = this.current;
    if (!outage || !(outage.entry || outage.announced || this.wokeAt > outage.from)) return;
    outage.reconnectedAt ??= at;
    if (outage.entry) outage.entry.reopenedAt ??= at;
  }

  onOpen(fromSleep: boolean): void {
    const outage = this.current;
    if (!outage) return;
    outage.reopened = true;
    if (fromSleep && !outage.entry) outage.connectionSurvived = true;
  }

  /** The server announced the end, or told the client to come back later. */
  onAnnouncedEnd(at: number): void {
    if (!this.current?.entry) this.current = newOutage(at, { announced: true });
  }

  clear(): void {
    this.current = null;
  }

  /** @returns a ledger entry when an outage begins; null when this was one more failed attempt */
  drop(o: DropMark): LedgerEntry | null {
    const previous = this.current;
    if (previous?.entry && !previous.reopened) {
      previous.entry.failedAttempts += 1;
      previous.reconnectedAt = null;
      previous.entry.reopenedAt = null;
      return null;
    }
    if (previous?.connectionSurvived || previous?.announced) this.current = null;
    const sleep = this.sleepOf(o);
    const slept = sleep ? sleep.at - sleep.from : null;
    const entry: LedgerEntry = { ...this.#newEntry(o.at), drop: o, sleptMs: slept };
    this.current = newOutage(this.current?.from ?? sleep?.from ?? o.at, {
      entry,
      sleepStartedAt: this.current?.sleepStartedAt ?? null,
      sleptMs: this.current?.sleptMs ?? slept,
    });
    return entry;
  }

  /** @returns the recovery, and a ledger entry when no drop began one */
  resume(o: Resume): { recovery: Recovery; entry: LedgerEntry | null } {
    const outage = this.current?.connectionSurvived && o.after !== 'sleep' ? null : this.current;
    const from = outage?.from ?? o.at;
    const slept = outage?.sleptMs ?? null;
    const recovery = {
      at: o.at,
      from,
      reconnectedAt: Math.max(from, outage?.reconnectedAt ?? o.at),
      resume: o,
      sleptMs: slept,
    };
    this.current = null;
    if (outage?.entry) {
      outage.entry.resume = o;
      return { recovery, entry: null };
    }
    const at = this.wokeAt > from ? this.wokeAt : from;
    const reopenedAt = outage?.reconnectedAt ?? at;
    return { recovery, entry: { ...this.#newEntry(at), sleptMs: slept, reopenedAt, resume: o } };
  }

  /** @returns a ledger entry for a gap on a connection that stayed open; otherwise the resume reports it */
  gap(o: GapMark): LedgerEntry | null {
    if (this.current && !this.current.connectionSurvived) return null;
    return { ...this.#newEntry(o.at), gap: o };
  }

  sleep(at: number): void {
    if (!this.current || this.current.connectionSurvived) this.current = newOutage(at);
    this.current.sleepStartedAt = at;
  }

  wake(at: number): void {
    this.wokeAt = at;
    const from = this.current?.sleepStartedAt ?? at;
    this.#sleeps.add({ at, from });
    if (this.current && this.current.sleepStartedAt !== null) this.current.sleptMs = at - from;
  }

  #newEntry(at: number): LedgerEntry {
    return {
      at,
      lane: this.#lane.id,
      method: this.#lane.method,
      drop: null,
      sleptMs: null,
      failedAttempts: 0,
      reopenedAt: null,
      resume: null,
      firstPublishedAt: null,
    };
  }
}
