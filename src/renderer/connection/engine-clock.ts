/**
 * The engine's clock as seen from here. Each message says what time it was there; a late message would set the clock
 * back, so the furthest estimate holds, and gives way slowly in case the two clocks drift.
 */
export class EngineClock {
  #scale = 1;
  #offset: number | null = null;
  readonly #local: () => number;

  constructor(local: () => number = () => performance.now()) {
    this.#local = local;
  }

  reset(now: number, scale: number): void {
    this.#scale = scale;
    this.#offset = now - this.#local() * scale;
  }

  /** Updates the estimate from the engine time in a message. */
  sync(now: number): void {
    const offset = now - this.#local() * this.#scale;
    if (this.#offset === null || offset > this.#offset) this.#offset = offset;
    else this.#offset -= Math.min(this.#offset - offset, 0.2 * this.#scale);
  }

  now(): number {
    return this.#offset === null ? 0 : this.#local() * this.#scale + this.#offset;
  }
}
