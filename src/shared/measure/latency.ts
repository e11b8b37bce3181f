import type { Quantiles } from '../lane-summary.ts';

/** Below this, whole milliseconds are kept as they are. */
const EXACT_MS = 100;
/** Above it a bucket spans 2 %, so that its middle is at most 1 % off. */
const RATIO = Math.log(1.02);
/** Some 30 days; all that is longer shares the last bucket (`max` stays exact). */
const LAST = EXACT_MS + Math.floor(Math.log(2_592_000_000 / EXACT_MS) / RATIO);

/**
 * A bounded histogram of milliseconds as plain data: exact to 100 ms, then within 1 %. At most some 960 buckets, of
 * which only those that were hit are kept.
 */
export interface Histogram {
  count: number;
  max: number;
  /** Bucket number → how many. Integer keys, so they iterate in ascending order. */
  buckets: Record<string, number>;
}

export const newHistogram = (): Histogram => ({ count: 0, max: 0, buckets: {} });

/** Counts one value, milliseconds. A value below 0 (two clocks rounding) counts as 0. */
export function record(histogram: Histogram, ms: number): void {
  if (!Number.isFinite(ms)) return;
  const value = Math.max(0, ms);
  const bucket = bucketOf(value);
  histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
  histogram.count++;
  if (value > histogram.max) histogram.max = value;
}

/** p50, p95, p99 (nearest rank) and max, whole milliseconds; null when nothing was counted. */
export function quantiles(histogram: Histogram): Quantiles | null {
  if (histogram.count === 0) return null;
  const shares = [0.5, 0.95, 0.99];
  const found: number[] = [];
  let seen = 0;
  for (const [bucket, n] of Object.entries(histogram.buckets)) {
    seen += n;
    while (found.length < shares.length && seen >= Math.ceil(shares[found.length]! * histogram.count)) {
      found.push(Math.round(Math.min(middleOf(Number(bucket)), histogram.max)));
    }
  }
  const [p50 = 0, p95 = 0, p99 = 0] = found;
  return { p50, p95, p99, max: Math.round(histogram.max) };
}

/** The distribution as steps, for a CDF: value in ms and the share of counts at or below it. */
export function cumulative(histogram: Histogram): { ms: number; share: number }[] {
  let seen = 0;
  return Object.entries(histogram.buckets).map(([bucket, n]) => {
    seen += n;
    return { ms: Math.min(middleOf(Number(bucket)), histogram.max), share: seen / histogram.count };
  });
}

function bucketOf(ms: number): number {
  const whole = Math.round(ms);
  if (whole <= EXACT_MS) return whole;
  return Math.min(LAST, EXACT_MS + 1 + Math.floor(Math.log(ms / EXACT_MS) / RATIO));
}

/** The value a bucket stands for: the middle of its span, by ratio. */
function middleOf(bucket: number): number {
  return bucket <= EXACT_MS ? bucket : EXACT_MS * Math.exp((bucket - EXACT_MS - 0.5) * RATIO);
}
