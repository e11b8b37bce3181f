import type { Cancel, Clock } from '../../shared/clock.ts';
import { monotonicTime } from './clock.ts';

const CHECK_MS = 1000;
/** A process that had no turn for this long was stopped, or starved; a busy one is late by less. */
const LEAST_MS = 3000;
/** Whatever ends within this of a stall is put down to it, in real time: what came due meanwhile is handled first. */
const AFTERMATH_MS = 250;
/** … and of a suspend: the network comes back later than the machine. */
const WAKING_MS = 5000;

export interface Stall {
  from: number;
  to: number;
}

/**
 * Notices that this process stood still: stopped by a signal or a debugger, or given no time by the machine. Timers that come
 * due meanwhile fire as soon as it goes on, before anything is read, so that it can also be asked on the spot.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #monotonic: () => number;
  readonly #onStall: (ms: number) => void;
  #looked: number;
  #newest: (Stall & { aftermathMs: number }) | null = null;
  #cancel: Cancel | null = null;

  /** @param clock real time, for the looks @param onStall how long it stood still */
  constructor(clock: Clock, onStall: (ms: number) => void, monotonic = monotonicTime) {
    this.#clock = clock;
    this.#onStall = onStall;
    this.#monotonic = monotonic;
    this.#looked = monotonic();
  }

  start(): void {
    this.#looked = this.#monotonic();
    this.#schedule();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** The machine was suspended until now. The monotonic clock may have stood still with it. */
  slept(): void {
    const now = this.#monotonic();
    this.#looked = now;
    this.#newest = { from: now, to: now, aftermathMs: WAKING_MS };
  }

  /** The stall of which this is the aftermath, in the time of a clock; null: it is none. */
  justOver(clock: Clock): Stall | null {
    if (this.#cancel) this.#look();
    if (!this.#newest) return null;
    const now = this.#monotonic();
    if (now - this.#newest.to > this.#newest.aftermathMs) return null;
    const ago = (at: number): number => clock.now() - (now - at) * clock.scale;
    return { from: ago(this.#newest.from), to: ago(this.#newest.to) };
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(CHECK_MS, () => {
      this.#schedule();
      this.#look();
    });
  }

  #look(): void {
    const now = this.#monotonic();
    const from = this.#looked;
    // asked on the spot, the next look is still to come
    if (now - from < CHECK_MS) return;
    this.#looked = now;
    const ms = now - from - CHECK_MS;
    if (ms < LEAST_MS) return;
    this.#newest = { from, to: now, aftermathMs: AFTERMATH_MS };
    this.#onStall(ms);
  }
}
