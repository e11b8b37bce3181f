/** What a trail keeps: things in the order of their time. */
export interface Timed {
  at: number;
}

/**
 * Things in order of time, bounded: the oldest go when it is full, in slices, so that adding stays cheap.
 * Lookups are binary searches, so that drawing costs what is in sight and not what is kept.
 */
export class Trail<T extends Timed> {
  readonly items: T[] = [];
  /** How many have gone. */
  forgotten = 0;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get last(): T | undefined {
    return this.items[this.items.length - 1];
  }

  /** The time from which nothing is missing here; −∞ while nothing has gone. */
  get completeFrom(): number {
    return this.forgotten === 0 ? -Infinity : (this.items[0]?.at ?? Infinity);
  }

  add(item: T): void {
    this.items.push(item);
    const slack = Math.max(16, this.#capacity >> 2);
    if (this.items.length >= this.#capacity + slack) {
      const gone = this.items.length - this.#capacity;
      this.items.splice(0, gone);
      this.forgotten += gone;
    }
  }

  /** Index of the first item at or after `time`. */
  from(time: number): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.items[mid]!.at < time) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /**
   * Calls back for each item with `since ≤ at ≤ until`.
   * @param reach also the `reach` items before, for things that last (a span that began out of sight)
   */
  between(since: number, until: number, visit: (item: T) => void, reach = 0): void {
    for (let i = Math.max(0, this.from(since) - reach); i < this.items.length; i++) {
      const item = this.items[i]!;
      if (item.at > until) break;
      visit(item);
    }
  }

  clear(): void {
    this.items.length = 0;
    this.forgotten = 0;
  }
}
