import type { Cancel, Clock } from '../../../shared/clock.ts';

/** A shell's timers, by the names its core gives them. */
export class Timers {
  #clock: Clock;
  #armed = new Map<string, Cancel>();
  #fire: (name: string) => void;

  constructor(clock: Clock, fire: (name: string) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  arm(name: string, ms: number): void {
    this.disarm(name);
    this.#armed.set(
      name,
      this.#clock.after(ms, () => {
        this.#armed.delete(name);
        this.#fire(name);
      }),
    );
  }

  disarm(name: string): void {
    this.#armed.get(name)?.();
    this.#armed.delete(name);
  }

  clear(): void {
    for (const cancel of this.#armed.values()) cancel();
    this.#armed.clear();
  }
}
