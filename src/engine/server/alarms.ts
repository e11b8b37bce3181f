import type { Cancel, Clock } from '../../shared/clock.ts';

/** Something that wants to be woken at a time. It is its own place in the queue, so arming costs no memory. */
export abstract class Alarm {
  /** Engine time; Infinity when not armed. */
  dueAt = Infinity;
  /** Place in the heap; -1 when not armed. */
  slot = -1;
  /** The alarm is no longer armed when this is called. */
  abstract ring(now: number): void;
}

/**
 * All the server's waiting under one timer: a binary heap by due time. Ten thousand idle streams cost ten thousand
 * numbers and no timer each.
 */
export class Alarms {
  #clock: Clock;
  #heap: Alarm[] = [];
  #armedFor = Infinity;
  #cancel: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Arms, or moves an armed one. Infinity disarms. */
  set(alarm: Alarm, at: number): void {
    if (at === Infinity) return this.clear(alarm);
    alarm.dueAt = at;
    if (alarm.slot < 0) {
      alarm.slot = this.#heap.length;
      this.#heap.push(alarm);
    }
    this.#sink(this.#rise(alarm.slot));
    this.#arm();
  }

  clear(alarm: Alarm): void {
    const { slot } = alarm;
    if (slot < 0) return;
    alarm.slot = -1;
    alarm.dueAt = Infinity;
    const last = this.#heap.pop()!;
    if (last === alarm) return;
    this.#heap[slot] = last;
    last.slot = slot;
    this.#sink(this.#rise(slot));
  }

  close(): void {
    this.#cancel();
    for (const alarm of this.#heap) alarm.slot = -1;
    this.#heap = [];
    this.#armedFor = Infinity;
  }

  #arm(): void {
    const due = this.#heap[0]?.dueAt ?? Infinity;
    if (due >= this.#armedFor) return; // an early timer looks again by itself
    this.#cancel();
    this.#armedFor = due;
    this.#cancel = this.#clock.after(due - this.#clock.now(), () => this.#ring());
  }

  #ring(): void {
    this.#armedFor = Infinity;
    // Node's timers are whole milliseconds and may be a fraction early
    const now = this.#clock.now() + 0.5 * this.#clock.scale;
    for (let first = this.#heap[0]; first && first.dueAt <= now; first = this.#heap[0]) {
      this.clear(first);
      first.ring(now);
    }
    this.#arm();
  }

  #rise(slot: number): number {
    const heap = this.#heap;
    const alarm = heap[slot]!;
    while (slot > 0) {
      const up = (slot - 1) >> 1;
      const parent = heap[up]!;
      if (parent.dueAt <= alarm.dueAt) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = up;
    }
    heap[slot] = alarm;
    alarm.slot = slot;
    return slot;
  }

  #sink(slot: number): void {
    const heap = this.#heap;
    const alarm = heap[slot]!;
    for (;;) {
      let down = slot * 2 + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && heap[down + 1]!.dueAt < heap[down]!.dueAt) down++;
      const child = heap[down]!;
      if (child.dueAt >= alarm.dueAt) break;
      heap[slot] = child;
      child.slot = slot;
      slot = down;
    }
    heap[slot] = alarm;
    alarm.slot = slot;
  }
}
