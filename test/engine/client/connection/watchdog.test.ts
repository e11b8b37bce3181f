import { describe, expect, it } from 'vitest';
import { Watchdog } from '../../../../src/engine/client/connection/watchdog.ts';

describe('the watchdog', () => {
  it('keeps no watch until a beat was promised or seen twice', () => {
    const w = new Watchdog('auto');
    expect(w.limitMs).toBeNull();
    w.beat(0);
    expect(w.limitMs).toBeNull();
    w.beat(20_000);
    expect(w.limitMs).toBe(50_000);
  });

  it('waits 40 s or 2.5 periods, whichever is longer', () => {
    const w = new Watchdog('auto');
    w.setPromisedPeriod(1000);
    expect(w.limitMs).toBe(40_000);
    w.setPromisedPeriod(60_000);
    expect(w.limitMs).toBe(150_000);
    w.setPromisedPeriod(null);
    expect(w.limitMs).toBeNull();
  });

  it('does as it is told', () => {
    const off = new Watchdog('off');
    off.setPromisedPeriod(1000);
    expect(off.limitMs).toBeNull();
    expect(new Watchdog(5000).limitMs).toBe(5000);
  });
});
