import { describe, expect, it } from 'vitest';
import { Density } from '../../../src/renderer/model/density.ts';
import { EngineClock } from '../../../src/renderer/connection/engine-clock.ts';
import { TimeSeries } from '../../../src/renderer/model/time-series.ts';

describe('a trail', () => {
  it('finds by time and keeps no more than it may, saying what it let go', () => {
    const trail = new TimeSeries<{ at: number }>(100);
    for (let at = 0; at < 1000; at++) trail.add({ at });
    expect(trail.items.length).toBeLessThanOrEqual(125);
    expect(trail.items.length + trail.evicted).toBe(1000);
    expect(trail.items[trail.indexFrom(950)]!.at).toBe(950);
    const seen: number[] = [];
    trail.forEachBetween(990, 993, (i) => seen.push(i.at));
    expect(seen).toEqual([990, 991, 992, 993]);
    expect(trail.completeFrom).toBe(trail.items[0]!.at);
  });
});

describe('a density', () => {
  it('counts per stretch, finely where that is kept, coarsely for what is longer ago or wide', () => {
    const density = new Density();
    for (let at = 10_000; at < 1_210_000; at += 10) density.add(at, at % 100 === 0);
    expect(density.count(1_209_000, 1_209_999)).toBe(100); // by 50 ms
    const widths = [density.between(10_000, 1_210_000, () => {}), density.between(1_200_000, 1_210_000, () => {})];
    expect(widths).toEqual([1000, 50]);
    expect(density.between(1_200_000, 1_210_000, () => {}, 2000)).toBe(1000);
    expect(density.count(10_000, 1_209_999)).toBe(120_000); // nothing has gone from the count
    let repeated = 0;
    density.between(1_209_500, 1_209_999, (_at, _n, r) => (repeated += r));
    expect(repeated).toBe(5);
  });

  it('takes what comes late, in its place', () => {
    const density = new Density();
    for (const at of [100, 900, 300, 120]) density.add(at, false);
    const seen: number[] = [];
    density.between(0, 1000, (at, n) => void seen.push(at, n));
    expect(seen).toEqual([100, 2, 300, 1, 900, 1]);
  });
});

describe('the engine’s clock as seen from here', () => {
  it('goes on by itself, is not set back by a late message, and follows the scale', () => {
    let local = 0;
    const time = new EngineClock(() => local);
    time.reset(1000, 1);
    local = 100;
    expect(time.now()).toBe(1100);
    time.sync(1040); // sent 60 ms ago
    expect(time.now()).toBeGreaterThan(1099);
    time.sync(1150);
    expect(time.now()).toBe(1150);
    time.reset(1000, 10);
    local = 200;
    expect(time.now()).toBe(2000);
  });
});
