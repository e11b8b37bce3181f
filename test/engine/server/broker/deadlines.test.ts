import { describe, expect, it } from 'vitest';
import { Deadline, DeadlineQueue } from '../../../../src/engine/server/broker/deadlines.ts';
import { seeded } from '../../../../src/shared/random.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';

class RecordingListener {
  readonly deadline = new Deadline(this);
  firedAt: number[] = [];
  repeatMs: number | null = null;
  #queue: DeadlineQueue;
  #onFire: ((listener: RecordingListener) => void) | undefined;
  constructor(queue: DeadlineQueue, onFire?: (listener: RecordingListener) => void) {
    this.#queue = queue;
    this.#onFire = onFire;
  }
  onDeadline(now: number): void {
    this.firedAt.push(Math.floor(now));
    this.#onFire?.(this);
    if (this.repeatMs !== null) this.#queue.set(this.deadline, now + this.repeatMs);
  }
}

const open = () => {
  const clock = new FakeClock(0);
  return { clock, queue: new DeadlineQueue(clock) };
};

describe('deadlines', () => {
  it('fire once, at their time', async () => {
    const { clock, queue } = open();
    const listener = new RecordingListener(queue);
    queue.set(listener.deadline, 100);
    await clock.pass(99);
    expect(listener.firedAt).toEqual([]);
    await clock.pass(1);
    expect(listener.firedAt).toEqual([100]);
    await clock.pass(1000);
    expect(listener.firedAt).toEqual([100]);
    expect(clock.next()).toBeNull();
  });

  it('can be moved both ways, and taken back', async () => {
    const { clock, queue } = open();
    const [sooner, later, never] = [
      new RecordingListener(queue),
      new RecordingListener(queue),
      new RecordingListener(queue),
    ];
    for (const listener of [sooner, later, never]) queue.set(listener.deadline, 100);
    queue.set(sooner.deadline, 50);
    queue.set(later.deadline, 200);
    queue.clear(never.deadline);
    queue.clear(never.deadline);
    await clock.pass(150);
    expect([sooner.firedAt, later.firedAt, never.firedAt]).toEqual([[50], [], []]);
    await clock.pass(100);
    expect(later.firedAt).toEqual([200]);
    queue.set(later.deadline, Infinity);
    expect(queue.size).toBe(0);
  });

  it('may set themselves again from within', async () => {
    const { clock, queue } = open();
    const listener = new RecordingListener(queue);
    listener.repeatMs = 10;
    queue.set(listener.deadline, 10);
    await clock.pass(100);
    expect(listener.firedAt.length).toBeGreaterThanOrEqual(9);
    expect(queue.size).toBe(1);
  });

  it('fire in order, whatever was set, moved and cleared before, under one timer', async () => {
    const { clock, queue } = open();
    const random = seeded(11);
    const fired: number[] = [];
    const due = new Map<RecordingListener, number>();
    const listeners = Array.from(
      { length: 300 },
      () => new RecordingListener(queue, (listener) => fired.push(due.get(listener)!)),
    );
    for (let i = 0; i < 2000; i++) {
      const listener = listeners[random.int(0, listeners.length - 1)]!;
      if (random.next() < 0.3) {
        queue.clear(listener.deadline);
        due.delete(listener);
      } else {
        const at = random.int(1, 5000);
        queue.set(listener.deadline, at);
        due.set(listener, at);
      }
    }
    const expected = [...due.values()].sort((a, b) => a - b);
    await clock.pass(6000);
    expect(fired).toEqual(expected);
  });
});
