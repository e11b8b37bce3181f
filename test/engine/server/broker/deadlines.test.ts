import { describe, expect, it } from 'vitest';
import { Deadline, DeadlineQueue } from '../../../../src/engine/server/broker/deadlines.ts';
import { seeded } from '../../../../src/shared/random.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';

class TestDeadline extends Deadline {
  firedAt: number[] = [];
  repeatMs: number | null = null;
  #queue: DeadlineQueue;
  #log: ((bell: TestDeadline) => void) | undefined;
  constructor(queue: DeadlineQueue, log?: (bell: TestDeadline) => void) {
    super();
    this.#queue = queue;
    this.#log = log;
  }
  onDeadline(now: number): void {
    this.firedAt.push(Math.floor(now));
    this.#log?.(this);
    if (this.repeatMs !== null) this.#queue.set(this, now + this.repeatMs);
  }
}

const open = () => {
  const clock = new FakeClock(0);
  return { clock, queue: new DeadlineQueue(clock) };
};

describe('deadlines', () => {
  it('ring once, at their time', async () => {
    const { clock, queue } = open();
    const bell = new TestDeadline(queue);
    queue.set(bell, 100);
    await clock.pass(99);
    expect(bell.firedAt).toEqual([]);
    await clock.pass(1);
    expect(bell.firedAt).toEqual([100]);
    await clock.pass(1000);
    expect(bell.firedAt).toEqual([100]);
    expect(clock.next()).toBeNull();
  });

  it('can be moved both ways, and taken back', async () => {
    const { clock, queue } = open();
    const [sooner, later, never] = [new TestDeadline(queue), new TestDeadline(queue), new TestDeadline(queue)];
    for (const bell of [sooner, later, never]) queue.set(bell, 100);
    queue.set(sooner, 50);
    queue.set(later, 200);
    queue.clear(never);
    queue.clear(never);
    await clock.pass(150);
    expect([sooner.firedAt, later.firedAt, never.firedAt]).toEqual([[50], [], []]);
    await clock.pass(100);
    expect(later.firedAt).toEqual([200]);
    queue.set(later, Infinity);
    expect(queue.size).toBe(0);
  });

  it('may set themselves again from within', async () => {
    const { clock, queue } = open();
    const bell = new TestDeadline(queue);
    bell.repeatMs = 10;
    queue.set(bell, 10);
    await clock.pass(100);
    expect(bell.firedAt.length).toBeGreaterThanOrEqual(9);
    expect(queue.size).toBe(1);
  });

  it('ring in order, whatever was set, moved and cleared before, under one timer', async () => {
    const { clock, queue } = open();
    const random = seeded(11);
    const rung: number[] = [];
    const due = new Map<TestDeadline, number>();
    const bells = Array.from({ length: 300 }, () => new TestDeadline(queue, (bell) => rung.push(due.get(bell)!)));
    for (let i = 0; i < 2000; i++) {
      const bell = bells[random.int(0, bells.length - 1)]!;
      if (random.next() < 0.3) {
        queue.clear(bell);
        due.delete(bell);
      } else {
        const at = random.int(1, 5000);
        queue.set(bell, at);
        due.set(bell, at);
      }
    }
    const expected = [...due.values()].sort((a, b) => a - b);
    await clock.pass(6000);
    expect(rung).toEqual(expected);
  });
});
