import { describe, expect, it } from 'vitest';
import { workloadFailed, workloadTooSlow } from '../../../src/engine/workloads/notices.ts';
import { startWorkload } from '../../../src/engine/workloads/index.ts';
import type { WorkloadSpec } from '../../../src/shared/run-config.ts';
import { WORKLOADS, type WorkloadName } from '../../../src/shared/catalog.ts';
import { seeded } from '../../../src/shared/random.ts';
import { sleepOn } from '../../../src/engine/time/clock.ts';
import type { Clock } from '../../../src/shared/clock.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

interface Published {
  at: number;
  type: string;
  data: string;
  terminal: boolean;
}

function play(name: WorkloadName, change: Partial<WorkloadSpec> = {}, seed = 5) {
  const clock = new FakeClock(0);
  const events: Published[] = [];
  const signals: unknown[] = [];
  const state = { ended: false };
  const workload = startWorkload(
    { name, rate: null, size: null, burst: null, ...change },
    {
      publish: (type, data, extra) =>
        void events.push({ at: clock.now(), type, data, terminal: extra?.terminal === true }),
      end: () => void (state.ended = true),
      signal: (data) => void signals.push(data),
      failed: expect.unreachable,
      tooSlow: () => expect.unreachable(),
      clock,
      random: seeded(seed),
    },
  );
  return { clock, events, signals, state, workload };
}

/** Events less than a second apart are one burst. */
function bursts(events: Published[]): Published[][] {
  const all: Published[][] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (last && event.at - last.at(-1)!.at < 1000) last.push(event);
    else all.push([event]);
  }
  return all;
}

describe('workloads', () => {
  it('notifications: a first burst within a second, then 3–8 at a time with 12–20 s of silence', async () => {
    const { clock, events, workload } = play('notifications');
    await clock.pass(1000);
    expect(events.length).toBeGreaterThan(0);
    await clock.pass(200_000);
    workload.stop();
    const all = bursts(events).slice(0, -1);
    expect(all.length).toBeGreaterThan(8);
    for (const [i, burst] of all.entries()) {
      expect(burst.length).toBeGreaterThanOrEqual(3);
      expect(burst.length).toBeLessThanOrEqual(8);
      if (i === 0) continue;
      const silence = burst[0]!.at - all[i - 1]!.at(-1)!.at;
      expect(silence).toBeGreaterThanOrEqual(12_000);
      expect(silence).toBeLessThanOrEqual(20_100);
    }
  });

  it('payment: reaches a terminal state, rests, and begins another', async () => {
    const { clock, events, workload } = play('payment');
    await clock.pass(120_000);
    workload.stop();
    const states = events.map((e) => JSON.parse(e.data) as { id: string; status: string });
    const end = events.findIndex((e) => e.terminal);
    expect(states[0]!.status).toBe('created');
    expect(['succeeded', 'failed']).toContain(states[end]!.status);
    expect(new Set(states.slice(0, end + 1).map((s) => s.id)).size).toBe(1);
    expect(events[end + 1]!.at - events[end]!.at).toBeGreaterThan(20_000);
    expect(states[end + 1]!.id).not.toBe(states[end]!.id);
    expect(events.filter((e, i) => i < end && e.terminal)).toEqual([]);
  });

  it('build-log: counts its lines, tells the result, ends the channel, and says nothing more', async () => {
    const { clock, events, state } = play('build-log');
    await clock.pass(10_000);
    expect(state.ended).toBe(false);
    await clock.pass(600_000);
    expect(state.ended).toBe(true);
    const lines = events.filter((e) => e.type === 'line').map((e) => (JSON.parse(e.data) as { line: number }).line);
    expect(lines).toEqual(lines.map((_, i) => i + 1));
    expect(lines.length).toBeGreaterThan(40);
    expect(events.at(-1)!.type).toBe('result');
    expect(clock.next()).toBeNull();
  });

  it('job-progress: climbs to 100 % and is done', async () => {
    const { clock, events, workload } = play('job-progress');
    await clock.pass(120_000);
    workload.stop();
    const end = events.findIndex((e) => e.terminal);
    const percents = events.slice(0, end + 1).map((e) => (JSON.parse(e.data) as { percent: number }).percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  it('chat: someone types before each message', async () => {
    const { clock, events, signals, workload } = play('chat');
    await clock.pass(60_000);
    workload.stop();
    expect(events.length).toBeGreaterThan(5);
    expect(signals.length).toBeGreaterThanOrEqual(events.length * 2);
    const who = (JSON.parse(events[0]!.data) as { who: string }).who;
    expect(signals.slice(0, 2)).toEqual([
      { typing: true, who },
      { typing: false, who },
    ]);
  });

  it('ticks: twenty a second, without drift', async () => {
    const { clock, events, workload } = play('ticks');
    await clock.pass(10_000);
    workload.stop();
    expect(events.length).toBeGreaterThan(190);
    expect(events.length).toBeLessThan(205);
  });

  it('quiet: one to show that it works, then one a minute', async () => {
    const { clock, events, workload } = play('quiet');
    await clock.pass(2000);
    expect(events).toHaveLength(1);
    await clock.pass(180_000);
    workload.stop();
    expect(events).toHaveLength(4);
  });

  it('custom: rate, size and burst as asked for', async () => {
    const { clock, events, workload } = play('custom', { rate: 10, size: 333, burst: 5 });
    await clock.pass(10_000);
    workload.stop();
    expect(Math.abs(events.length - 100)).toBeLessThanOrEqual(5);
    expect(new Set(events.map((e) => Buffer.byteLength(e.data)))).toEqual(new Set([333]));
    expect(new Set(bursts(events.map((e) => ({ ...e, at: e.at * 10 }))).map((b) => b.length))).toEqual(new Set([5]));
  });

  it.each(WORKLOADS.filter((name) => name !== 'none' && name !== 'build-log'))(
    '%s: takes a rate and a size',
    async (name) => {
      const slow = play(name, { rate: 0.2, size: 500 });
      const fast = play(name, { rate: 5, size: 500 });
      await slow.clock.pass(60_000);
      await fast.clock.pass(60_000);
      slow.workload.stop();
      fast.workload.stop();
      expect(fast.events.length).toBeGreaterThan(slow.events.length);
      for (const { data } of fast.events) expect(Buffer.byteLength(data)).toBe(500);
    },
  );

  it.each(WORKLOADS)('%s: the same for the same seed, and describes itself', async (name) => {
    const [a, b] = [play(name), play(name)];
    await a.clock.pass(60_000);
    await b.clock.pass(60_000);
    a.workload.stop();
    b.workload.stop();
    expect(a.events).toEqual(b.events);
    expect(a.workload.describe()).toMatch(/\.$/);
    if (name === 'none') expect(a.events).toEqual([]);
    else expect(a.events.length).toBeGreaterThan(0);
  });

  it('publishes nothing after stop', async () => {
    const { clock, events, workload } = play('ticks');
    await clock.pass(1000);
    const { length } = events;
    workload.stop();
    await clock.pass(10_000);
    expect(events).toHaveLength(length);
    expect(clock.next()).toBeNull();
  });

  it('stops quietly when its channel has ended', async () => {
    const clock = new FakeClock();
    startWorkload(
      { name: 'ticks', rate: null, size: null, burst: null },
      {
        publish: () => {
          throw Object.assign(new Error('ended'), { code: 'channel-ended' });
        },
        failed: expect.unreachable,
        tooSlow: () => expect.unreachable(),
        clock,
        random: seeded(1),
      },
    );
    await clock.pass(1000);
    expect(clock.next()).toBeNull();
  });

  it('ends when its log cannot be written, and says so once', async () => {
    const clock = new FakeClock();
    const failures: unknown[] = [];
    const full = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' });
    startWorkload(
      { name: 'ticks', rate: null, size: null, burst: null },
      {
        publish: () => {
          throw full;
        },
        failed: (error) => void failures.push(error),
        tooSlow: () => expect.unreachable(),
        clock,
        random: seeded(1),
      },
    );
    await clock.pass(5000);
    expect(failures).toEqual([full]);
    expect(clock.next()).toBeNull();
    expect(workloadFailed('ticks', full)).toMatchObject({
      level: 'error',
      code: 'workload-failed',
      message: expect.stringContaining('database or disk is full'),
      hint: expect.any(String),
    });
  });

  describe('where publishing takes time', () => {
    /** Each publish takes `costMs` in which nothing else gets its turn. */
    function playSlowly(rate: number, costMs: number) {
      const real = new FakeClock(0);
      let spent = 0;
      const clock: Clock = {
        scale: 1,
        now: () => real.now() + spent,
        unixTime: () => clock.now(),
        after: (ms, fn) => real.after(Math.max(1, ms), fn), // as timers do
        sleep: (ms, signal) => sleepOn(clock, ms, signal),
      };
      const turns: number[] = [];
      const slow: { wanted: number; kept: number }[] = [];
      let turn = -1;
      startWorkload(
        { name: 'ticks', rate, size: null, burst: null },
        {
          publish: () => {
            if (turn !== real.now()) turns.push(0);
            turn = real.now();
            turns[turns.length - 1]! += costMs;
            spent += costMs;
          },
          failed: expect.unreachable,
          tooSlow: (wanted, kept) => void slow.push({ wanted, kept }),
          clock,
          random: seeded(1),
        },
      );
      return { real, turns, slow, suspend: (ms: number) => void (spent += ms) };
    }

    it('leaves others their turn after 8 ms, and says that it does not keep its rate', async () => {
      const { real, turns, slow } = playSlowly(2000, 1);
      await real.pass(2000);
      expect(turns.length).toBeGreaterThan(100);
      expect(Math.max(...turns)).toBeLessThanOrEqual(9);
      expect(slow).toHaveLength(1);
      expect(slow[0]!.wanted).toBe(2000);
      expect(slow[0]!.kept).toBeGreaterThan(500);
      expect(slow[0]!.kept).toBeLessThanOrEqual(1000);
      expect(workloadTooSlow('ticks', 2000, 872.4)).toMatchObject({
        level: 'warn',
        code: 'workload-slow',
        message: expect.stringContaining('872 events a second, not 2000'),
      });
    });

    it('says nothing where it keeps its rate, or the computer slept', async () => {
      const { real, slow, suspend } = playSlowly(100, 1);
      await real.pass(5000);
      suspend(3_600_000);
      await real.pass(5000);
      expect(slow).toEqual([]);
    });
  });

  it.each([
    [{ name: 'notificatons' as WorkloadName }, '--workload'],
    [{ rate: -1 }, 'workload.rate'],
    [{ rate: NaN }, 'workload.rate'],
    [{ size: 1e9 }, 'workload.size'],
    [{ burst: 0 }, 'workload.burst'],
  ])('refuses %j', (change, place) => {
    expect(() => play('custom', change)).toThrow(expect.objectContaining({ place, exit: 2 }));
  });
});
