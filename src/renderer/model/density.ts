interface Level {
  bucketMs: number;
  /** Buckets kept: with events in them, oldest first. */
  capacity: number;
  ids: number[];
  counts: number[];
  repeated: number[];
  /** The time from which nothing is missing here; −∞ while nothing has gone. */
  completeFrom: number;
}

const level = (bucketMs: number, capacity: number): Level => ({
  bucketMs,
  capacity,
  ids: [],
  counts: [],
  repeated: [],
  completeFrom: -Infinity,
});

/**
 * How many events fell into each stretch of time: finely for ten minutes, by the second for four hours, by the quarter
 * minute for two days. Counts survive when the events themselves no longer fit in memory, and drawing an hour costs what
 * is in sight and not what happened in it.
 */
export class Density {
  readonly #levels = [level(50, 12_000), level(1000, 14_400), level(15_000, 11_520)];

  add(at: number, repeated: boolean): void {
    for (const l of this.#levels) addTo(l, at, repeated);
  }

  /**
   * Calls back for each stretch with events between two times, oldest first.
   * @param widestMs stretches may be as wide as this, where that is enough for who asks
   * @returns how wide they are
   */
  between(
    since: number,
    until: number,
    visit: (at: number, count: number, repeated: number) => void,
    widestMs = 0,
  ): number {
    const l = this.#levelFor(since, widestMs);
    const last = Math.floor(until / l.bucketMs);
    for (let i = indexFrom(l.ids, Math.floor(since / l.bucketMs)); i < l.ids.length && l.ids[i]! <= last; i++) {
      visit(l.ids[i]! * l.bucketMs, l.counts[i]!, l.repeated[i]!);
    }
    return l.bucketMs;
  }

  /** Events between two times. */
  count(since: number, until: number): number {
    let sum = 0;
    this.between(since, until, (_at, n) => (sum += n));
    return sum;
  }

  /** The coarsest that is fine enough, else the finest that reaches back so far. */
  #levelFor(since: number, widestMs: number): Level {
    const reaching = this.#levels.filter((l) => l.completeFrom <= since);
    return reaching.findLast((l) => l.bucketMs <= widestMs) ?? reaching[0] ?? this.#levels.at(-1)!;
  }
}

function addTo(l: Level, at: number, repeated: boolean): void {
  const bucket = Math.floor(at / l.bucketMs);
  let i = l.ids.length - 1;
  if (i < 0 || bucket > l.ids[i]!) {
    l.ids.push(bucket);
    l.counts.push(0);
    l.repeated.push(0);
    i++;
    if (i >= l.capacity * 1.25) evict(l, i + 1 - l.capacity);
    i = l.ids.length - 1;
  } else if (l.ids[i] !== bucket) {
    i = indexFrom(l.ids, bucket);
    if (l.ids[i] !== bucket) {
      if (i === 0) return; // older than all that is kept
      l.ids.splice(i, 0, bucket);
      l.counts.splice(i, 0, 0);
      l.repeated.splice(i, 0, 0);
    }
  }
  l.counts[i]! += 1;
  if (repeated) l.repeated[i]! += 1;
}

function evict(l: Level, n: number): void {
  for (const list of [l.ids, l.counts, l.repeated]) list.splice(0, n);
  l.completeFrom = l.ids[0]! * l.bucketMs;
}

/** The first bucket at or after this one. */
function indexFrom(ids: readonly number[], bucket: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (ids[mid]! < bucket) low = mid + 1;
    else high = mid;
  }
  return low;
}
