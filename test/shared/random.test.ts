import { expect, it } from 'vitest';
import { seeded } from '../../src/shared/random.ts';

const take = (n: number, next: () => number): number[] => Array.from({ length: n }, next);

it('the same seed gives the same numbers, another seed others', () => {
  expect(take(5, seeded(1).next)).toEqual(take(5, seeded(1).next));
  expect(take(5, seeded(1).next)).not.toEqual(take(5, seeded(2).next));
});

it('a fork depends on its name and seed only, not on what others drew', () => {
  const a = seeded(7);
  const before = take(5, a.fork('lane-3/backoff').next);
  take(100, a.next);
  a.fork('other').next();
  expect(take(5, a.fork('lane-3/backoff').next)).toEqual(before);
  expect(take(5, a.fork('lane-4/backoff').next)).not.toEqual(before);
  expect(take(5, seeded(8).fork('lane-3/backoff').next)).not.toEqual(before);
});

it('is spread evenly, both ends of a range included', () => {
  const random = seeded(3);
  const counts = new Map<number, number>();
  for (let i = 0; i < 6000; i++) {
    const n = random.int(1, 6);
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  for (const n of counts.values()) expect(Math.abs(n - 1000)).toBeLessThan(150);
  for (const n of take(1000, random.next)) expect(n >= 0 && n < 1).toBe(true);
});
