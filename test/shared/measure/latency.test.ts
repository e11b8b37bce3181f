import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cumulative, newHistogram, quantiles, record } from '../../../src/shared/measure/latency.ts';

function of(values: number[]) {
  const h = newHistogram();
  for (const v of values) record(h, v);
  return h;
}

/** Nearest rank on the sorted values: what the histogram stands in for. */
function exact(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

describe('the latency histogram', () => {
  it('says nothing of nothing', () => expect(quantiles(newHistogram())).toBeNull());

  it('is exact to 100 ms', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 300 }), (values) => {
        expect(quantiles(of(values))).toEqual({
          p50: exact(values, 0.5),
          p95: exact(values, 0.95),
          p99: exact(values, 0.99),
          max: Math.max(...values),
        });
      }),
    );
  });

  it('is within 1 % (and the rounding to a whole ms) above, and never above the maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500_000_000 }), { minLength: 1, maxLength: 300 }), (values) => {
        const q = quantiles(of(values))!;
        for (const [got, share] of [
          [q.p50, 0.5],
          [q.p95, 0.95],
          [q.p99, 0.99],
        ] as const) {
          const want = exact(values, share);
          expect(Math.abs(got - want)).toBeLessThanOrEqual(want * 0.01 + 0.5);
          expect(got).toBeLessThanOrEqual(q.max);
        }
        expect(q.max).toBe(Math.max(...values));
      }),
    );
  });

  it('stays bounded whatever is thrown at it', () => {
    const h = of([]);
    for (let v = 0.1; v < 1e15; v *= 1.003) record(h, v);
    expect(Object.keys(h.buckets).length).toBeLessThan(1000);
    record(h, Number.NaN);
    record(h, Infinity);
    record(h, -5);
    expect(h.buckets['0']).toBeGreaterThan(0);
    expect(Number.isFinite(h.max)).toBe(true);
  });

  it('draws a distribution that rises to one', () => {
    const steps = cumulative(of([1, 2, 2, 900]));
    expect(steps.map((s) => s.share)).toEqual([0.25, 0.75, 1]);
    expect(steps.at(-1)!.ms).toBeLessThanOrEqual(900);
  });
});
