import type { Cancel, Clock, AbortSignalLike } from '../../../shared/clock.ts';
import { sleepOn } from '../../time/clock.ts';

interface Timer {
  due: number;
  order: number;
  fn: () => void;
  cancel: Cancel | null;
}

/**
 * A lane's own clock: it can be put to sleep. While asleep no timer fires; on waking, overdue timers either fire at
 * once and in order (`fire`: the clock ran on, as after a suspend on most systems), or every timer is moved by the time
 * slept (`resume`: a monotonic clock that stopped, as on Linux). `now()` always tells engine time.
 */
export class FreezableClock implements Clock {
  readonly scale: number;
  #base: Clock;
  #timers = new Set<Timer>();
  #order = 0;
  #frozenSince: number | null = null;

  constructor(base: Clock) {
    this.#base = base;
    this.scale = base.scale;
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
    const timer: Timer = { due: this.now() + Math.max(0, ms), order: this.#order++, fn, cancel: null };
    this.#timers.add(timer);
    if (!this.frozen) this.#arm(timer);
    return () => this.#cancel(timer);
  }

  sleep(ms: number, signal?: AbortSignalLike): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  freeze(): void {
    if (this.frozen) return;
    this.#frozenSince = this.now();
    for (const timer of this.#timers) {
      timer.cancel?.();
      timer.cancel = null;
    }
  }

  thaw(timers: 'fire' | 'resume'): void {
    if (this.#frozenSince === null) return;
    const now = this.now();
    const slept = now - this.#frozenSince;
    this.#frozenSince = null;
    const waiting = [...this.#timers].sort((a, b) => a.due - b.due || a.order - b.order);
    for (const timer of waiting) {
      if (timers === 'resume') timer.due += slept;
      // an earlier one may have cancelled it, or put the lane to sleep again
      if (!this.#timers.has(timer) || this.frozen) continue;
      if (timer.due <= now) this.#fire(timer);
      else this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#base.after(timer.due - this.now(), () => this.#fire(timer));
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
