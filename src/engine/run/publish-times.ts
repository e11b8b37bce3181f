/** When events were published, by cursor: what latency is measured from. Bounded; the oldest are forgotten first. */
export class PublishTimes {
  #at = new Map<string, number>();
  #keep: number;

  constructor(keep = 20_000) {
    this.#keep = keep;
  }

  note(cursor: string, at: number): void {
    this.#at.set(cursor, at);
    if (this.#at.size > this.#keep) this.#at.delete(this.#at.keys().next().value!);
  }

  of(cursor: string | null): number | null {
    return cursor === null ? null : (this.#at.get(cursor) ?? null);
  }
}
