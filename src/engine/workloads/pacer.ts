import type { Clock } from '../../shared/clock.ts';

/** When it lags further than this (a sleeping computer), the missed events are skipped instead of caught up with. */
const MAX_LAG_MS = 1000;
/** When too slow for its rate, a workload still yields to the event loop this often: in real time, whatever it costs. */
const TURN_MS = 8;
/** A rate that was not kept is reported again after so long at the earliest. */
const REPORT_EVERY_MS = 60_000;
/** A computer that slept is late by one long wait; one that is too slow, by many. */
const WAITS_TOO_SLOW = 10;

/** Events a second. */
export interface MissedPace {
  wanted: number;
  kept: number;
}

/** Keeps the time between a workload's events, so that work in between adds no drift. */
export class Pacer {
  readonly #clock: Clock;
  readonly #onMissed: (missed: MissedPace) => void;
  #due: number;
  #turnBegan: number;
  #published = 0;
  /** Since it was last on time. */
  #late: { since: number; due: number; published: number; waits: number } | null = null;
  #reportedAt = -Infinity;

  constructor(clock: Clock, onMissed: (missed: MissedPace) => void) {
    this.#clock = clock;
    this.#onMissed = onMissed;
    this.#due = this.#turnBegan = clock.now();
  }

  countPublished(): void {
    this.#published++;
  }

  /** Lets so many engine milliseconds pass since the last wait was due. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const { scale } = this.#clock;
    const now = this.#clock.now();
    this.#due += ms;
    const left = this.#due - now;
    if (left > 0) this.#late = null;
    else if (this.#late) this.#late.waits++;
    else this.#late = { since: now, due: this.#due, published: this.#published, waits: 0 };
    if (left < -MAX_LAG_MS * scale) this.#skip(now);
    if (left <= 0 && now - this.#turnBegan < TURN_MS * scale && !signal.aborted) return;
    await this.#clock.sleep(Math.max(0, left), signal);
    this.#turnBegan = this.#clock.now();
  }

  /** Gives up what is missed. */
  #skip(now: number): void {
    const late = this.#late;
    if (late && late.waits >= WAITS_TOO_SLOW && now - this.#reportedAt >= REPORT_EVERY_MS) {
      const kept = (1000 * (this.#published - late.published)) / (now - late.since);
      const share = (this.#due - late.due) / (now - late.since);
      this.#reportedAt = now;
      this.#onMissed({ wanted: kept / share, kept });
    }
    this.#due = now;
    this.#late = null;
  }
}
