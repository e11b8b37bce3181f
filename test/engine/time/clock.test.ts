import { describe, expect, it, vi } from 'vitest';
import { realClock } from '../../../src/engine/time/clock.ts';

describe('the real clock', () => {
  it('follows a step of the wall clock in what it shows, and in nothing it measures', () => {
    const clock = realClock();
    const wall = Date.now();
    expect(Math.abs(clock.unixTime() - clock.now())).toBeLessThan(100);
    const stepped = vi.spyOn(Date, 'now').mockReturnValue(wall + 3_600_000);
    try {
      expect(clock.unixTime()).toBeCloseTo(wall + 3_600_000, -1);
      expect(clock.now()).toBeLessThan(wall + 60_000);
    } finally {
      stepped.mockRestore();
    }
  });
});
