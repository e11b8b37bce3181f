import { expect, it } from 'vitest';
import { WINDOW_MS, effectiveWindow, zoomed } from '../../../../src/renderer/timeline/window.ts';

it('a young run fills the ribbon in steps, and a window somebody chose stays as chosen', () => {
  expect([0, 14_000, 16_000, 31_000, 600_000].map((age) => effectiveWindow(WINDOW_MS.usual, age))).toEqual([
    15_000, 15_000, 30_000, 60_000, 60_000,
  ]);
  expect(effectiveWindow(300_000, 1000)).toBe(300_000);
});

it('zooming begins at what is in sight and keeps within half a second and a day', () => {
  expect(zoomed(30_000, 120)).toBeGreaterThan(30_000);
  expect(zoomed(WINDOW_MS.least, -1000)).toBe(WINDOW_MS.least);
  expect(zoomed(WINDOW_MS.most, 1000)).toBe(WINDOW_MS.most);
});
