import { expect, it } from 'vitest';
import { WINDOW_MS, effectiveWindow, zoomed } from '../../../../src/renderer/features/live/pointing.ts';

it('a young run fills the ribbon in steps, and a window somebody chose stays as chosen', () => {
  expect([0, 14_000, 16_000, 31_000, 600_000].map((age) => effectiveWindow(WINDOW_MS.usual, age))).toEqual([
    15_000, 15_000, 30_000, 60_000, 60_000,
  ]);
  expect(effectiveWindow(300_000, 1000)).toBe(300_000);
});

it('zooming begins at what is in sight and keeps within 15 s and 10 min', () => {
  expect(zoomed(30_000, 120)).toBeGreaterThan(30_000);
  expect(zoomed(15_000, -1000)).toBe(15_000);
  expect(zoomed(600_000, 1000)).toBe(600_000);
});
