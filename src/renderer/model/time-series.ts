/** An item with a time. */
export interface Timed {
  at: number;
}

/**
 * A bounded list ordered by time: the oldest items are evicted in slices, so that adding stays cheap.
 * Lookups are binary searches, so that drawing costs what is in sight and not what is kept.
 */
export class TimeSeries<T extends Timed> {
  readonly items: T[] = [];
  /** How many items were evicted. */
  evicted = 0;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get last(): T | undefined {
    return this.items[this.items.length - 1];
  }

  /** The time from which nothing is missing here; −∞ while nothing has gone. */
  get completeFrom(): number {
    return this.evicted === 0 ? -Infinity : (this.items[0]?.at ?? Infinity);
  }

  add(item: T): void {
    this.items.push(item);
    const slack = Math.max(16, this.#capacity >> 2);
    if (this.items.length >= this.#capacity + slack) {
      const excess = this.items.length - this.#capacity;
      this.items.splice(0, excess);
      this.evicted += excess;
    }
  }

  /** Index of the first item at or after `time`. */
  indexFrom(time: number): number {
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
   * @param before also the `reach` items before, for things that last (a span that began out of sight)
   */
  forEachBetween(since: number, until: number, visit: (item: T) => void, before = 0): void {
    for (let i = Math.max(0, this.indexFrom(since) - before); i < this.items.length; i++) {
      const item = this.items[i]!;
      if (item.at > until) break;
      visit(item);
    }
  }

  clear(): void {
    this.items.length = 0;
    this.evicted = 0;
  }
}
