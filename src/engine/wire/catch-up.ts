import type { Clock } from '../../shared/clock.ts';

/** Real milliseconds of catching up before others get their turn. */
const TURN_MS = 8;

/** Writes on for one reader, until it takes no more. */
interface Pump<Reader> {
  pump(reader: Reader): void;
}

/**
 * Readers that have fallen behind, waiting to read on from the log. With many of them that is more work than a turn of
 * the event loop may take, so the rest of them wait for the next one.
 */
export class CatchUpQueue<Reader> {
  readonly #clock: Clock;
  readonly #waiting = new Map<Reader, Pump<Reader>>();
  #scheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(reader: Reader, pump: Pump<Reader>): void {
    this.#waiting.set(reader, pump);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    const until = this.#clock.now() + TURN_MS * this.#clock.scale;
    for (const [reader, pump] of this.#waiting) {
      this.#waiting.delete(reader);
      pump.pump(reader);
      if (this.#clock.now() >= until) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
