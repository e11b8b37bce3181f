import { DEFAULTS } from '../../../shared/defaults.ts';

/**
 * Decides when silence means a dead connection. It stays unarmed until a beat was promised or seen twice: without a beat, silence
 * is normal, and a watchdog would hide every idle limit of 50, 60 or 300 seconds from the person looking for it.
 */
export class Watchdog {
  #setting: 'auto' | 'off' | number;
  #promisedMs: number | null = null;
  #observedPeriodMs: number | null = null;
  #lastBeat: number | null = null;

  constructor(setting: 'auto' | 'off' | number) {
    this.#setting = setting;
  }

  /** @param periodMs what the server says it will beat at; null: it says that it will not */
  setPromisedPeriod(periodMs: number | null): void {
    this.#promisedMs = periodMs;
    this.#observedPeriodMs = null;
    this.#lastBeat = null;
  }

  beat(now: number): void {
    if (this.#lastBeat !== null && now > this.#lastBeat) {
      this.#observedPeriodMs = Math.max(this.#observedPeriodMs ?? 0, now - this.#lastBeat);
    }
    this.#lastBeat = now;
  }

  /** The period the watch rests on; null when no beat is known. */
  get periodMs(): number | null {
    return this.#promisedMs ?? this.#observedPeriodMs;
  }

  /** What an end by silence is put down to: heartbeats can be missed only where some were promised or seen. */
  silence(detail: string): { cause?: 'missed-heartbeats'; detail: string } {
    if (this.periodMs !== null) return { cause: 'missed-heartbeats', detail };
    return { detail: `${detail}, the client’s own limit (no heartbeat was promised or seen)` };
  }

  /** How much silence is death; null: no watch is kept. */
  get limitMs(): number | null {
    if (this.#setting === 'off') return null;
    if (typeof this.#setting === 'number') return this.#setting;
    const period = this.periodMs;
    return period === null ? null : Math.max(DEFAULTS.deadAfterFloorMs, DEFAULTS.deadAfterPeriods * period);
  }
}
