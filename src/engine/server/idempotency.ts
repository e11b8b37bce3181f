import type { Clock } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { Receipt } from './serve-context.ts';

const MOST = 20_000;

/** What was published lately under which key, so that a publisher may safely say it again. */
export class Idempotency {
  #clock: Clock;
  #seen = new Map<string, { receipt: Receipt; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(key: string): Receipt | null {
    this.#forgetOld();
    return this.#seen.get(key)?.receipt ?? null;
  }

  /** Without its data, which may be large and is in the log. */
  keep(key: string, { cursor, seq, type, time }: Receipt): void {
    this.#seen.set(key, { receipt: { cursor, seq, type, time }, at: this.#clock.now() });
    if (this.#seen.size > MOST) this.#seen.delete(this.#seen.keys().next().value!);
  }

  /** Another life of the log: its cursors mean nothing any more. */
  clear(): void {
    this.#seen.clear();
  }

  /** Oldest first, as Map keeps them. */
  #forgetOld(): void {
    const limit = this.#clock.now() - DEFAULTS.idempotencyMs;
    for (const [key, { at }] of this.#seen) {
      if (at > limit) return;
      this.#seen.delete(key);
    }
  }
}
