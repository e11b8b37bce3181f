/** The most of something within any stretch of a length. Times come in order. */
export class Peak {
  readonly #stretchMs: number;
  #within: number[] = [];
  #most = 0;

  constructor(stretchMs: number) {
    this.#stretchMs = stretchMs;
  }

  get most(): number {
    return this.#most;
  }

  note(at: number): void {
    this.#within.push(at);
    while (this.#within[0]! <= at - this.#stretchMs) this.#within.shift();
    this.#most = Math.max(this.#most, this.#within.length);
  }
}
