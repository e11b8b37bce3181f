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
  it('counts per stretch and forgets what is older than its span', () => {
    const density = new Density(50, 1000);
    for (let at = 10_000; at < 12_000; at += 10) density.add(at, at % 100 === 0);
    expect(density.count(11_500, 11_999)).toBe(50);
    expect(density.count(10_000, 10_500)).toBe(0);
    let repeated = 0;
    density.between(11_500, 11_999, (_at, _n, r) => (repeated += r));
    expect(repeated).toBe(5);
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
