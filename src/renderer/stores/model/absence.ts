import type { Method } from '../../../shared/catalog.ts';
import type { Bridge, DropMark, GapMark } from './lane-marks.ts';
import type { LedgerEntry, Resume } from './ledger.ts';
import { Trail } from './trail.ts';

/** A lane that has lost its connection, or sleeps. */
export interface Away {
  from: number;
  entry: LedgerEntry | null;
  sleptFrom: number | null;
  slept: number | null;
  /** When a connection stood again. */
  back: number | null;
  /** Ended with notice: no drop, but the lane comes back all the same. */
  announced: boolean;
  /** Woke up with its connection alive: what comes later is another story. */
  survived: boolean;
  /** The lane has been open since: what ends now is another connection, not another try. */
  opened: boolean;
}

/** How far apart the engine may note what happened at one moment. */
const SLACK_MS = 100;

const away = (from: number, more: Partial<Away> = {}): Away => ({
  from,
  entry: null,
  sleptFrom: null,
  slept: null,
  back: null,
  announced: false,
  survived: false,
  opened: false,
  ...more,
});

/** How a lane loses its connection and comes back: one story from the loss to the resume, whatever lies between. */
export class Absence {
  /** Set from losing the connection until it has resumed. */
  current: Away | null = null;
  awakeAt = -Infinity;
  readonly #sleeps = new Trail<{ at: number; from: number }>(1000);
  readonly #lane: { id: string; method: Method };

  constructor(lane: { id: string; method: Method }) {
    this.#lane = lane;
  }

  /** Whether this lane woke from a sleep between two times. */
  slept(since: number, until: number): boolean {
    return this.#sleeps.from(since) < this.#sleeps.from(until + 1);
  }

  /** The sleep in which a connection ended that was found dead on waking; null when it ended awake. */
  sleepOf(drop: DropMark): { at: number; from: number } | null {
    const endedAt = drop.at - (drop.detected ?? 0);
    const sleep = this.#sleeps.items[this.#sleeps.from(endedAt)];
    if (sleep && sleep.from - SLACK_MS <= endedAt && endedAt < sleep.at) return sleep;
    // The engine says so itself, though not when.
    return drop.cause === 'client-sleep' ? (this.#sleeps.items[this.#sleeps.from(drop.at) - 1] ?? null) : null;
  }

  /** Something came after waking and nothing was lost: the connection lived through the sleep. */
  heard(): void {
    const now = this.current;
    if (now && !now.entry && this.awakeAt > now.from) now.survived = true;
  }

  /** A connection stands, or a question is asked, again. */
  back(at: number): void {
    const now = this.current;
    if (now && (now.entry || now.announced || this.awakeAt > now.from)) now.back ??= at;
  }

  opened(fromSleep: boolean): void {
    const now = this.current;
    if (!now) return;
    now.opened = true;
    if (fromSleep && !now.entry) now.survived = true;
  }

  /** The server said goodbye, or not now. */
  announced(at: number): void {
    if (!this.current?.entry) this.current = away(at, { announced: true });
  }

  over(): void {
    this.current = null;
  }

  /** @returns a ledger entry when a story begins; null when this was one more try of the last one */
  drop(o: DropMark): LedgerEntry | null {
    const before = this.current;
    if (before?.entry && !before.opened) {
      before.entry.failedTries += 1;
      before.back = null;
      return null;
    }
    if (before?.survived || before?.announced) this.current = null;
    const found = this.sleepOf(o);
    const slept = found ? found.at - found.from : null;
    const entry: LedgerEntry = {
      at: o.at,
      lane: this.#lane.id,
      method: this.#lane.method,
      drop: o,
      slept,
      failedTries: 0,
      resume: null,
    };
    this.current = away(this.current?.from ?? found?.from ?? o.at, {
      entry,
      sleptFrom: this.current?.sleptFrom ?? null,
      slept: this.current?.slept ?? slept,
    });
    return entry;
  }

  /** @returns the bridge, and a ledger entry where no drop began one */
  resume(o: Resume): { bridge: Bridge; entry: LedgerEntry | null } {
    const now = this.current?.survived && o.after !== 'sleep' ? null : this.current;
    const from = now?.from ?? o.at;
    const slept = now?.slept ?? null;
    const bridge = { at: o.at, from, back: Math.max(from, now?.back ?? o.at), resume: o, slept };
    this.current = null;
    if (now?.entry) {
      now.entry.resume = o;
      return { bridge, entry: null };
    }
    const at = this.awakeAt > from ? this.awakeAt : from;
    const { id, method } = this.#lane;
    return { bridge, entry: { at, lane: id, method, drop: null, slept, failedTries: 0, resume: o } };
  }

  /** @returns a ledger entry when a gap opens in what was a living connection; else its resume tells of it */
  gap(o: GapMark): LedgerEntry | null {
    if (this.current && !this.current.survived) return null;
    const { id, method } = this.#lane;
    return { at: o.at, lane: id, method, drop: null, slept: null, failedTries: 0, resume: null, gap: o };
  }

  sleep(at: number): void {
    if (!this.current || this.current.survived) this.current = away(at);
    this.current.sleptFrom = at;
  }

  wake(at: number): void {
    this.awakeAt = at;
    const from = this.current?.sleptFrom ?? at;
    this.#sleeps.add({ at, from });
    if (this.current && this.current.sleptFrom !== null) this.current.slept = at - from;
  }
}
