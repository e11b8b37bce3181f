import type { Clock } from '../../src/shared/clock.ts';
import { sleepOn } from '../../src/engine/time/clock.ts';

interface Timer {
  due: number;
  order: number;
  fn: () => void;
}

/** Time that stands still until it is told to pass. */
export class FakeClock implements Clock {
  readonly scale = 1;
  #now: number;
  #timers: Timer[] = [];
  #order = 0;

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  /** How far the wall clock was set ahead. */
  wallLead = 0;

  unixTime(): number {
    return this.#now + this.wallLead;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, ms), order: this.#order++, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** When the next timer is due, in ms from now; null when none is armed. */
  next(): number | null {
    const first = this.#first();
    return first ? first.due - this.#now : null;
  }

  /** Lets `ms` pass, firing timers in order, and gives promises a turn after each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let t = this.#first(); t && t.due <= end; t = this.#first()) {
      this.#now = Math.max(this.#now, t.due);
      this.#timers = this.#timers.filter((x) => x !== t);
      t.fn();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #first() {
    return this.#timers.reduce<Timer | undefined>(
      (a, b) => (!a || b.due < a.due || (b.due === a.due && b.order < a.order) ? b : a),
      undefined,
    );
  }
}

/** Lets everything that is already under way get as far as it can without time passing. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((r) => setImmediate(r));
}
