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
  /** null: not known of this stretch. */
  requests: number | null;
  /** Both ways; null: not known of this stretch. */
  bytes: number | null;
  latency: Histogram;
}

/** What a lane's counts were at a moment that is no window's beginning. */
interface Checkpoint {
  at: number;
  missed: number | null;
  requests: number;
  bytes: number;
}

/** A selection is told to the second. */
const CHECKPOINT_MS = 1000;
/** Two hours of them. */
const CHECKPOINTS = 7200;

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

  readonly #checkpoints = new TimeSeries<Checkpoint>(CHECKPOINTS);

  /** To be called before an observation is counted. */
  note(tally: LaneTally, at: number): void {
    const { missed } = tally.continuity;
    const before = this.#checkpoints.last;
    if (!before || at - before.at >= CHECKPOINT_MS || missed !== before.missed) {
      const { requests, bytesIn, bytesOut } = tally.overhead;
      this.#checkpoints.add({ at, missed, requests, bytes: bytesIn + bytesOut });
    }
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

  /**
   * What changed between two times: missed, requests, bytes; each null where it is not known so far back.
   * @param tally as it is now
   */
  between(from: number, to: number, tally: LaneTally): Pick<LaneCounts, 'missed' | 'requests' | 'bytes'> {
    const { items, completeFrom } = this.#checkpoints;
    const first = items[0];
    if (!first || completeFrom > from || first.at > from + CHECKPOINT_MS)
      return { missed: null, requests: null, bytes: null };
    const { missed, requests, bytes } = countsOf(tally);
    const now: Checkpoint = { at: Infinity, missed, requests: requests ?? 0, bytes: bytes ?? 0 };
    const begin = items[this.#checkpoints.indexFrom(from)] ?? now;
    const end = items[this.#checkpoints.indexFrom(to)] ?? now;
    return {
      missed: end.missed === null || begin.missed === null ? null : Math.max(0, end.missed - begin.missed),
      requests: Math.max(0, end.requests - begin.requests),
      bytes: Math.max(0, end.bytes - begin.bytes),
    };
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
    requests: less(now.requests ?? 0, begin.requests ?? 0),
    bytes: less(now.bytes ?? 0, begin.bytes ?? 0),
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
