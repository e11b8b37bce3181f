/**
 * Who dials in which bin of time: a list a bin, linked through one array, so that a million clients cost no allocation.
 * Times beyond the last bin are kept in it.
 */
export class Calendar {
  readonly bins: number;
  readonly #heads: Int32Array;
  readonly #next: Int32Array;

  constructor(bins: number, clients: number) {
    this.bins = bins;
    this.#heads = new Int32Array(bins).fill(-1);
    this.#next = new Int32Array(clients).fill(-1);
  }

  add(bin: number, client: number): void {
    const at = Math.min(bin, this.bins - 1);
    this.#next[client] = this.#heads[at]!;
    this.#heads[at] = client;
  }

  /** Those of a bin, newest first; the bin is empty then. They may be added again meanwhile, to later bins. */
  *take(bin: number): Generator<number> {
    let client = this.#heads[bin]!;
    this.#heads[bin] = -1;
    while (client >= 0) {
      const next = this.#next[client]!;
      yield client;
      client = next;
    }
  }
}
