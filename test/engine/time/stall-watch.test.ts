import { expect, it } from 'vitest';
import { StallWatch } from '../../../src/engine/time/stall-watch.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

/** The process stands still for as long as `stalled` says: no timer ran in it. */
function watched() {
  const clock = new FakeClock();
  const noted: number[] = [];
  let stalled = 0;
  const watch = new StallWatch(
    clock,
    (ms) => noted.push(ms),
    () => clock.now() + stalled,
  );
  watch.start();
  return { clock, watch, noted, stall: (ms: number) => void (stalled += ms) };
}

it('notes once that the process stood still, and for how long', async () => {
  const { clock, noted, stall } = watched();
  await clock.pass(10_000);
  stall(20_000);
  await clock.pass(10_000);
  expect(noted).toEqual([20_000]);
});

it('takes a busy machine for no stall', async () => {
  const { clock, watch, noted, stall } = watched();
  await clock.pass(500);
  stall(2500);
  await clock.pass(10_000);
  expect(noted).toEqual([]);
  expect(watch.justOver(clock)).toBeNull();
});

it('knows of a stall before its own timer has fired, and forgets it soon', async () => {
  const { clock, watch, noted, stall } = watched();
  await clock.pass(400);
  stall(20_000);
  expect(watch.justOver(clock)).toEqual({ from: clock.now() - 20_400, to: clock.now() });
  expect(noted).toEqual([19_400]);
  await clock.pass(300);
  expect(watch.justOver(clock)).toBeNull();
  await clock.pass(5000);
  expect(noted).toHaveLength(1);
});
