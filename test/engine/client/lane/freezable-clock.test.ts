import { expect, it } from 'vitest';
import { FreezableClock } from '../../../../src/engine/client/lane/freezable-clock.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';

function armed() {
  const base = new FakeClock();
  const clock = new FreezableClock(base);
  const fired: string[] = [];
  clock.after(300, () => fired.push('late'));
  clock.after(100, () => fired.push('early'));
  clock.after(5000, () => fired.push('far'));
  return { base, clock, fired };
}

it('fires timers as any clock does while awake', async () => {
  const { base, fired } = armed();
  await base.pass(300);
  expect(fired).toEqual(['early', 'late']);
});

it('fires nothing while asleep, and what is overdue at once and in order on waking', async () => {
  const { base, clock, fired } = armed();
  clock.freeze();
  await base.pass(1000);
  expect(fired).toEqual([]);
  clock.thaw('fire');
  expect(fired).toEqual(['early', 'late']);
  await base.pass(3999);
  expect(fired).not.toContain('far');
  await base.pass(1);
  expect(fired).toContain('far');
});

it('with timers=resume believes that no time has passed', async () => {
  const { base, clock, fired } = armed();
  await base.pass(50);
  clock.freeze();
  await base.pass(60_000);
  clock.thaw('resume');
  expect(fired).toEqual([]);
  await base.pass(49);
  expect(fired).toEqual([]);
  await base.pass(1);
  expect(fired).toEqual(['early']);
  expect(clock.now()).toBe(base.now());
});

it('lets an overdue timer cancel the next', async () => {
  const base = new FakeClock();
  const clock = new FreezableClock(base);
  const fired: string[] = [];
  clock.after(10, () => {
    fired.push('watchdog');
    cancel();
  });
  const cancel = clock.after(20, () => fired.push('never'));
  clock.freeze();
  await base.pass(100);
  clock.thaw('fire');
  await base.pass(100);
  expect(fired).toEqual(['watchdog']);
});

it('a sleep that is aborted while asleep rejects', async () => {
  const clock = new FreezableClock(new FakeClock());
  const stop = new AbortController();
  const sleeping = clock.sleep(10, stop.signal);
  clock.freeze();
  stop.abort();
  await expect(sleeping).rejects.toMatchObject({ name: 'AbortError' });
});

it('throttled, fires what came due once a minute and together, and at once when that ends', async () => {
  const { base, clock, fired } = armed();
  clock.network.after(200, () => fired.push('network'));
  clock.throttle(60_000);
  await base.pass(59_999);
  expect(fired).toEqual(['network']);
  await base.pass(1);
  expect(fired).toEqual(['network', 'early', 'late', 'far']);
  clock.after(100, () => fired.push('again'));
  await base.pass(30_000);
  expect(fired).not.toContain('again');
  clock.unthrottle();
  expect(fired).toContain('again');
});

it('may be throttled and asleep at once', async () => {
  const { base, clock, fired } = armed();
  clock.throttle(60_000);
  clock.freeze();
  await base.pass(70_000);
  clock.unthrottle();
  expect(fired).toEqual([]);
  clock.thaw('fire');
  expect(fired).toEqual(['early', 'late', 'far']);
});
