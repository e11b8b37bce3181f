/**
 * How many events fell into each short stretch of time, for the last while. Counts survive when the events themselves
 * no longer fit in memory, so a busy minute can still be drawn.
 */
export class Density {
  readonly bucketMs: number;
  readonly #counts: Uint32Array;
  readonly #repeatedCounts: Uint32Array;
  readonly #bucketIds: Float64Array;

  constructor(bucketMs = 50, spanMs = 600_000) {
    this.bucketMs = bucketMs;
    const size = Math.ceil(spanMs / bucketMs) + 1;
    this.#counts = new Uint32Array(size);
    this.#repeatedCounts = new Uint32Array(size);
    this.#bucketIds = new Float64Array(size).fill(-1);
  }

  add(at: number, repeated: boolean): void {
    const bucket = Math.floor(at / this.bucketMs);
    const slot = bucket % this.#counts.length;
    if (this.#bucketIds[slot]! > bucket) return; // older than what this slot holds
    if (this.#bucketIds[slot] !== bucket) {
      this.#bucketIds[slot] = bucket;
      this.#counts[slot] = 0;
      this.#repeatedCounts[slot] = 0;
    }
    this.#counts[slot]! += 1;
    if (repeated) this.#repeatedCounts[slot]! += 1;
  }

  /** Calls back for each stretch with events between two times, oldest first. */
  between(since: number, until: number, visit: (at: number, count: number, repeated: number) => void): void {
    const size = this.#counts.length;
    const last = Math.floor(until / this.bucketMs);
    const first = Math.max(Math.floor(since / this.bucketMs), last - size + 1);
    for (let bucket = first; bucket <= last; bucket++) {
      const slot = ((bucket % size) + size) % size;
      if (this.#bucketIds[slot] === bucket)
        visit(bucket * this.bucketMs, this.#counts[slot]!, this.#repeatedCounts[slot]!);
    }
  }

  /** Events between two times. */
  count(since: number, until: number): number {
    let sum = 0;
    this.between(since, until, (_at, n) => (sum += n));
    return sum;
  }
}
