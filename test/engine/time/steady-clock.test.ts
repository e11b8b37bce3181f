import { expect, it } from 'vitest';
import { steadyClock } from '../../helpers/steady-clock.ts';

/** Half a second in which nobody gets a turn. */
function stall(): void {
  const end = performance.now() + 500;
  while (performance.now() < end);
}

it('a clock for tests stands still while the process does, and no timer is early for it', async () => {
  const clock = steadyClock(10);
  const begin = clock.now();
  const fired: string[] = [];
  clock.after(4000, () => fired.push('late'));
  const soon = new Promise<number>((resolve) => clock.after(1000, () => resolve(clock.now())));
  stall();
  expect(clock.now() - begin).toBeLessThan(1000); // 5000 of a clock that does not mind
  expect((await soon) - begin).toBeGreaterThanOrEqual(1000);
  expect(fired).toEqual([]);
});

it('clocks for tests in real time agree', () => {
  const one = steadyClock();
  stall();
  const other = steadyClock();
  expect(Math.abs(one.now() - other.now())).toBeLessThan(100);
});
