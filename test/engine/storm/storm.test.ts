import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, readPolicy } from '../../../src/engine/storm/policy-file.ts';
import { playStorm } from '../../../src/engine/storm/storm.ts';
import { seeded } from '../../../src/shared/random.ts';
import type { StormSpec } from '../../../src/shared/storm.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

const play = (spec: Partial<StormSpec>) =>
  playStorm(
    { clients: 10_000, outageMs: 60_000, capacity: null, policy: DEFAULT_POLICY, seed: 1, ...spec },
    new FakeClock(),
    true,
  );
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

describe('a storm', () => {
  it('is the same for the same seed, and another for another', async () => {
    const [one, again, other] = [await play({ seed: 7 }), await play({ seed: 7 }), await play({ seed: 8 })];
    expect(again).toEqual(one);
    expect(other.histogram).not.toEqual(one.histogram);
  });

  it('without back-off all dial together, as often as the floor lets them', async () => {
    const storm = await play({ outageMs: 2000, policy: { ...DEFAULT_POLICY, kind: 'none' } });
    expect(storm.peak).toEqual({ perSecond: 10_000, at: 2000 });
    expect(storm.attempts).toBe(10_000 * 20); // at 100, 200 … 2000 ms
    expect(storm.allBackMs).toBe(2100);
  });

  it('full jitter after a long outage: an attempt every half cap, so 2 N / cap a second', async () => {
    const storm = await play({ clients: 100_000, outageMs: 300_000 });
    expect(storm.peak.perSecond).toBeGreaterThan(6300);
    expect(storm.peak.perSecond).toBeLessThan(7300);
    expect(storm.allBackMs! - 300_000).toBeLessThanOrEqual(30_100);
    const equal = await play({ clients: 100_000, outageMs: 300_000, policy: { ...DEFAULT_POLICY, kind: 'equal' } });
    expect(equal.peak.perSecond).toBeLessThan(storm.peak.perSecond);
  });

  it('no second brings more than the capacity in, and everybody is back in the end', async () => {
    const storm = await play({ capacity: 200 });
    expect(storm.advice.map(({ advice }) => advice)).toEqual(['none', 'retry', 'retry-after', 'queue']);
    expect(storm.overCapacity).toBeGreaterThan(2);
    for (const course of storm.advice) {
      expect(course).toMatchObject({ connected: 10_000 });
      expect(course.allBackMs! - 60_000).toBeGreaterThanOrEqual(49_000);
      expect(course.turnedAway).toBeGreaterThan(0);
    }
    const { binMs, connected, attempts } = storm.histogram;
    expect(Math.max(...connected)).toBeLessThanOrEqual((200 * binMs) / 1000 + 1);
    expect(sum(connected)).toBe(10_000);
    expect(sum(attempts)).toBe(storm.attempts);
    expect(connected.slice(0, Math.floor(60_000 / binMs)).every((n) => n === 0)).toBe(true);
  });

  it('a place in the line turns fewer away than no advice', async () => {
    const { advice } = await play({ clients: 20_000, outageMs: 5000, capacity: 100 });
    const of = (name: string): number => advice.find((course) => course.advice === name)!.turnedAway;
    expect(of('queue')).toBeLessThan(of('none'));
  });

  it('the safe window is safe, and one a tenth shorter is not', async () => {
    const { safeWindowMs } = await play({ clients: 50_000, capacity: 1000 });
    const peak = (windowMs: number): number => {
      const random = seeded(99);
      const bySecond = new Map<number, number>();
      for (let i = 0; i < 50_000; i++) {
        const second = Math.floor(Math.max(100, random.next() * windowMs) / 1000);
        bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
      }
      return Math.max(...bySecond.values());
    };
    expect(peak(safeWindowMs! * 1.03)).toBeLessThanOrEqual(1000);
    expect(peak(safeWindowMs! * 0.9)).toBeGreaterThan(1000);
    expect((await play({ clients: 100, capacity: 1000 })).safeWindowMs).toBe(0);
    expect((await play({ clients: 100 })).safeWindowMs).toBeNull();
  });

  it('says that not all were back, where they were not', async () => {
    const storm = await play({ clients: 10_000, outageMs: 1000, capacity: 1 });
    expect(storm.allBackMs).toBeNull();
    expect(storm.advice[0]!.connected).toBeLessThan(10_000);
  });
});

describe('a policy file', () => {
  it('says what differs from the lanes', () => {
    expect(readPolicy('{backoff: equal, cap: 1m}', 'p.yaml')).toEqual({
      ...DEFAULT_POLICY,
      kind: 'equal',
      capMs: 60_000,
    });
  });

  it.each([
    ['{cap: soon}', 'p.yaml: cap'],
    ['{speed: 1}', 'p.yaml: speed'],
    ['{backoff: hope}', 'p.yaml: backoff'],
    ['{base: 2m}', 'p.yaml: base'],
    ['[1]', 'p.yaml'],
    ['{', 'p.yaml'],
    ['', 'p.yaml'],
  ])('%j is refused at its place', (text, place) => {
    expect(() => readPolicy(text, 'p.yaml')).toThrow(expect.objectContaining({ place, exit: 2 }));
  });
});
