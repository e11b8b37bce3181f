/** When events were published, by cursor: what latency is measured from. Bounded; the oldest are forgotten first. */
export class PublishTimes {
  #byCursor = new Map<string, number>();
  #limit: number;

  constructor(keep = 20_000) {
    this.#limit = keep;
  }

  note(cursor: string, at: number): void {
    this.#byCursor.set(cursor, at);
    if (this.#byCursor.size > this.#limit) this.#byCursor.delete(this.#byCursor.keys().next().value!);
  }

  of(cursor: string | null): number | null {
    return cursor === null ? null : (this.#byCursor.get(cursor) ?? null);
  }
}
