/** The largest number of events within any sliding window. Times come in order. */
export class WindowPeak {
  readonly #windowMs: number;
  #times: number[] = [];
  #max = 0;

  constructor(stretchMs: number) {
    this.#windowMs = stretchMs;
  }

  get max(): number {
    return this.#max;
  }

  note(at: number): void {
    this.#times.push(at);
    while (this.#times[0]! <= at - this.#windowMs) this.#times.shift();
    this.#max = Math.max(this.#max, this.#times.length);
  }
}
