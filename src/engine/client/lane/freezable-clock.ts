import type { Cancel, Clock, AbortSignalLike } from '../../../shared/clock.ts';
import { sleepOn } from '../../time/clock.ts';

interface Timer {
  due: number;
  order: number;
  fn: () => void;
  cancel: Cancel | null;
  /** Throttling does not hold it back. */
  ofNetwork: boolean;
}

/**
 * A lane's own clock: it can be put to sleep. While asleep no timer fires; on waking, overdue timers either fire at
 * once and in order (`fire`: the clock ran on, as after a suspend on most systems), or every timer is moved by the time
 * slept (`resume`: a monotonic clock that stopped, as on Linux). Throttled, it lets timers fire at certain times only, as a
 * browser does those of a tab in the background. `now()` always tells engine time.
 */
export class FreezableClock implements Clock {
  readonly scale: number;
  /** For timers that are the browser's own, not a page's: they sleep, but are not throttled. */
  readonly network: Clock;
  #base: Clock;
  #timers = new Set<Timer>();
  #order = 0;
  #frozenSince: number | null = null;
  #throttle: { since: number; everyMs: number } | null = null;

  constructor(base: Clock) {
    this.#base = base;
    this.scale = base.scale;
    this.network = {
      scale: base.scale,
      now: () => this.now(),
      unixTime: () => this.unixTime(),
      after: (ms, fn) => this.#schedule(ms, fn, true),
      sleep: (ms, signal) => sleepOn(this.network, ms, signal),
    };
  }

  get frozen(): boolean {
    return this.#frozenSince !== null;
  }

  now(): number {
    return this.#base.now();
  }

  unixTime(): number {
    return this.#base.unixTime();
  }

  after(ms: number, fn: () => void): Cancel {
    return this.#schedule(ms, fn, false);
  }

  #schedule(ms: number, fn: () => void, ofNetwork: boolean): Cancel {
    const timer: Timer = { due: this.now() + Math.max(0, ms), order: this.#order++, fn, cancel: null, ofNetwork };
    this.#timers.add(timer);
    if (!this.frozen) this.#arm(timer);
    return () => this.#cancel(timer);
  }

  sleep(ms: number, signal?: AbortSignalLike): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** From now on timers fire every so often only, and those that came due meanwhile together. */
  throttle(everyMs: number): void {
    this.#throttle = { since: this.now(), everyMs };
    this.#rearm();
  }

  /** What is overdue fires at once. */
  unthrottle(): void {
    if (!this.#throttle) return;
    this.#throttle = null;
    this.#rearm();
  }

  #rearm(): void {
    if (this.frozen) return;
    this.#disarm();
    this.#armOrFire();
  }

  freeze(): void {
    if (this.frozen) return;
    this.#frozenSince = this.now();
    this.#disarm();
  }

  #disarm(): void {
    for (const timer of this.#timers) {
      timer.cancel?.();
      timer.cancel = null;
    }
  }

  thaw(timers: 'fire' | 'resume'): void {
    if (this.#frozenSince === null) return;
    const slept = this.now() - this.#frozenSince;
    this.#frozenSince = null;
    if (timers === 'resume') for (const timer of this.#timers) timer.due += slept;
    this.#armOrFire();
  }

  #armOrFire(): void {
    const now = this.now();
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due || a.order - b.order)) {
      // an earlier one may have cancelled it, or put the lane to sleep again
      if (!this.#timers.has(timer) || this.frozen) continue;
      if (this.#dueOf(timer) <= now) this.#fire(timer);
      else this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#base.after(this.#dueOf(timer) - this.now(), () => this.#fire(timer));
  }

  /** When it may fire. */
  #dueOf({ due, ofNetwork }: Timer): number {
    if (!this.#throttle || ofNetwork) return due;
    const { since, everyMs } = this.#throttle;
    return since + Math.max(1, Math.ceil((due - since) / everyMs)) * everyMs;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    timer.fn();
  }

  #cancel(timer: Timer): void {
    this.#timers.delete(timer);
    timer.cancel?.();
    timer.cancel = null;
  }
}
