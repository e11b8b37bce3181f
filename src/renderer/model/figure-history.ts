import type { Histogram } from '../../shared/measure/latency.ts';
import type { LaneTally } from '../../shared/measure/tally.ts';
import { TimeSeries } from './time-series.ts';

/** A lane's running counts at a moment, or their difference between two. */
export interface LaneCounts {
  received: number;
  unique: number;
  duplicates: number;
  /** null: cannot be known. */
  missed: number | null;
  requests: number;
  /** Both ways. */
  bytes: number;
  latency: Histogram;
}

/** Which stretch of the run the figures are about. */
export type FigureWindow = 'all' | 'minute' | 'ten-minutes' | 'change' | 'reset';

const WINDOW_MS: Partial<Record<FigureWindow, number>> = { minute: 60_000, 'ten-minutes': 600_000 };
/** A window begins up to this much late. */
const SLOT_MS = 5000;
/** Ten minutes, and some to spare. */
const CAPACITY = 128;

interface Mark {
  at: number;
  counts: LaneCounts;
}

function countsOf({ continuity, overhead, latency }: LaneTally): LaneCounts {
  return {
    received: continuity.received,
    unique: continuity.unique,
    duplicates: continuity.duplicates,
    missed: continuity.missed,
    requests: overhead.requests,
    bytes: overhead.bytesIn + overhead.bytesOut,
    latency,
  };
}

/** Counts of the past, kept so that a window's figures are the difference of two of them. */
export class FigureHistory {
  readonly #slots = new TimeSeries<Mark>(CAPACITY);
  readonly #begun: Partial<Record<FigureWindow, Mark>> = {};

  /** To be called before an observation is counted. */
  note(tally: LaneTally, at: number): void {
    const last = this.#slots.last;
    if (!last || at - last.at >= SLOT_MS) this.#slots.add({ at, counts: this.#copy(tally) });
  }

  /** The window begins now. */
  begin(window: 'change' | 'reset', tally: LaneTally, at: number): void {
    this.#begun[window] = { at, counts: this.#copy(tally) };
  }

  /** What was counted in the window that ends now. */
  over(window: FigureWindow, tally: LaneTally, now: number): LaneCounts {
    const counts = countsOf(tally);
    const length = WINDOW_MS[window];
    if (length === undefined) {
      const begun = this.#begun[window];
      return begun ? difference(counts, begun.counts) : counts;
    }
    // Nothing was counted between a window's beginning and the next mark but what fell into the mark's slot before it.
    const begin = this.#slots.items[this.#slots.indexFrom(now - length)];
    return begin ? difference(counts, begin.counts) : difference(counts, counts);
  }

  /** A histogram that has not changed since the last mark is shared with it. */
  #copy(tally: LaneTally): LaneCounts {
    const counts = countsOf(tally);
    const before = this.#slots.last?.counts.latency;
    const unchanged = before?.count === counts.latency.count;
    return { ...counts, latency: unchanged ? before : { ...counts.latency, buckets: { ...counts.latency.buckets } } };
  }
}

function difference(now: LaneCounts, begin: LaneCounts): LaneCounts {
  // The engine's own count may take the place of ours after a reconnect: never below zero.
  const less = (a: number, b: number): number => Math.max(0, a - b);
  return {
    received: less(now.received, begin.received),
    unique: less(now.unique, begin.unique),
    duplicates: less(now.duplicates, begin.duplicates),
    missed: now.missed === null ? null : less(now.missed, begin.missed ?? 0),
    requests: less(now.requests, begin.requests),
    bytes: less(now.bytes, begin.bytes),
    latency: histogramDifference(now.latency, begin.latency),
  };
}

/** `max` is that of the whole: of a part it is not kept. */
function histogramDifference(now: Histogram, begin: Histogram): Histogram {
  const buckets: Record<string, number> = {};
  for (const [bucket, n] of Object.entries(now.buckets)) {
    const left = n - (begin.buckets[bucket] ?? 0);
    if (left > 0) buckets[bucket] = left;
  }
  return { count: Math.max(0, now.count - begin.count), max: now.max, buckets };
}
