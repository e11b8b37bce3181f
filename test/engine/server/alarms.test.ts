import { describe, expect, it } from 'vitest';
import { Alarm, Alarms } from '../../../src/engine/server/alarms.ts';
import { seeded } from '../../../src/shared/random.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

class Bell extends Alarm {
  rung: number[] = [];
  again: number | null = null;
  #alarms: Alarms;
  #log: ((bell: Bell) => void) | undefined;
  constructor(alarms: Alarms, log?: (bell: Bell) => void) {
    super();
    this.#alarms = alarms;
    this.#log = log;
  }
  ring(now: number): void {
    this.rung.push(Math.floor(now));
    this.#log?.(this);
    if (this.again !== null) this.#alarms.set(this, now + this.again);
  }
}

const open = () => {
  const clock = new FakeClock(0);
  return { clock, alarms: new Alarms(clock) };
};

describe('alarms', () => {
  it('ring once, at their time', async () => {
    const { clock, alarms } = open();
    const bell = new Bell(alarms);
    alarms.set(bell, 100);
    await clock.pass(99);
    expect(bell.rung).toEqual([]);
    await clock.pass(1);
    expect(bell.rung).toEqual([100]);
    await clock.pass(1000);
    expect(bell.rung).toEqual([100]);
    expect(clock.next()).toBeNull();
  });

  it('can be moved both ways, and taken back', async () => {
    const { clock, alarms } = open();
    const [sooner, later, never] = [new Bell(alarms), new Bell(alarms), new Bell(alarms)];
    for (const bell of [sooner, later, never]) alarms.set(bell, 100);
    alarms.set(sooner, 50);
    alarms.set(later, 200);
    alarms.clear(never);
    alarms.clear(never);
    await clock.pass(150);
    expect([sooner.rung, later.rung, never.rung]).toEqual([[50], [], []]);
    await clock.pass(100);
    expect(later.rung).toEqual([200]);
    alarms.set(later, Infinity);
    expect(alarms.size).toBe(0);
  });

  it('may set themselves again from within', async () => {
    const { clock, alarms } = open();
    const bell = new Bell(alarms);
    bell.again = 10;
    alarms.set(bell, 10);
    await clock.pass(100);
    expect(bell.rung.length).toBeGreaterThanOrEqual(9);
    expect(alarms.size).toBe(1);
  });

  it('ring in order, whatever was set, moved and cleared before, under one timer', async () => {
    const { clock, alarms } = open();
    const random = seeded(11);
    const rung: number[] = [];
    const due = new Map<Bell, number>();
    const bells = Array.from({ length: 300 }, () => new Bell(alarms, (bell) => rung.push(due.get(bell)!)));
    for (let i = 0; i < 2000; i++) {
      const bell = bells[random.int(0, bells.length - 1)]!;
      if (random.next() < 0.3) {
        alarms.clear(bell);
        due.delete(bell);
      } else {
        const at = random.int(1, 5000);
        alarms.set(bell, at);
        due.set(bell, at);
      }
    }
    const expected = [...due.values()].sort((a, b) => a - b);
    await clock.pass(6000);
    expect(rung).toEqual(expected);
  });
});
