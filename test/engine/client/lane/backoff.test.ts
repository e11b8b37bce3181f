import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../../src/engine/client/connection/retry-after.ts';
import { backoffDelay } from '../../../../src/engine/client/lane/backoff.ts';
import { seeded } from '../../../../src/shared/random.ts';

const many = (kind: 'full-jitter' | 'equal' | 'none', attempt: number, advice: number | null = null): number[] => {
  const random = seeded(7);
  return Array.from({ length: 500 }, () => backoffDelay(kind, attempt, advice, random));
};

describe('back-off', () => {
  it.each([
    [0, 500],
    [3, 4000],
    [6, 30_000],
    [50, 30_000],
  ])('with full jitter attempt %i spreads over all of 0 to %i ms', (attempt, ceiling) => {
    const delays = many('full-jitter', attempt);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
    expect(Math.min(...delays)).toBeLessThan(Math.max(101, ceiling * 0.25));
    expect(Math.max(...delays)).toBeLessThanOrEqual(ceiling);
    expect(Math.max(...delays)).toBeGreaterThan(ceiling * 0.9);
  });

  it('with equal jitter half of it is sure', () => {
    expect(Math.min(...many('equal', 4))).toBeGreaterThanOrEqual(4000);
    expect(Math.max(...many('equal', 4))).toBeLessThanOrEqual(8000);
  });

  it('with none dials again at once, but never sooner than 100 ms', () => {
    expect(new Set(many('none', 9))).toEqual(new Set([100]));
  });

  it('takes server advice as a floor', () => {
    expect(Math.min(...many('full-jitter', 0, 3000))).toBe(3000);
    expect(Math.max(...many('full-jitter', 6, 3000))).toBeGreaterThan(20_000);
    expect(backoffDelay('none', 0, 120_000, seeded(1))).toBe(120_000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT');
  it('is seconds or a date', () => {
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Wed, 21 Oct 2015 07:28:30 GMT', now)).toBe(30_000);
    expect(retryAfterMs('Wed, 21 Oct 2015 07:00:00 GMT', now)).toBe(0);
  });
  it('is nothing when it is neither', () => {
    expect(retryAfterMs(undefined, now)).toBeNull();
    expect(retryAfterMs('soon', now)).toBeNull();
  });
});
