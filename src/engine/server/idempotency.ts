import type { Clock } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { LogEvent } from '../../shared/events.ts';

const MOST = 20_000;

/** What was published lately under which key, so that a publisher may safely say it again. */
export class Idempotency {
  #clock: Clock;
  #seen = new Map<string, { event: LogEvent; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(key: string): LogEvent | null {
    this.#forgetOld();
    return this.#seen.get(key)?.event ?? null;
  }

  keep(key: string, event: LogEvent): void {
    this.#seen.set(key, { event, at: this.#clock.now() });
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
