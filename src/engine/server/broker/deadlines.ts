import type { Cancel, Clock } from '../../../shared/clock.ts';

export interface DeadlineListener {
  /** Called when the deadline has passed; it is no longer armed then. */
  onDeadline(now: number): void;
}

/** A time at which its listener is called. It is its own node of the heap, so arming allocates nothing. */
export class Deadline {
  /** Engine time; Infinity when not armed. */
  dueAt = Infinity;
  /** Place in the heap; -1 when not armed. */
  heapIndex = -1;
  readonly listener: DeadlineListener;

  constructor(listener: DeadlineListener) {
    this.listener = listener;
  }
}

/**
 * All deadlines of the server under one timer: a binary heap by due time. Ten thousand idle streams cost ten thousand
 * numbers and no timer each.
 */
export class DeadlineQueue {
  #clock: Clock;
  #heap: Deadline[] = [];
  #armedFor = Infinity;
  #cancel: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Arms, or moves an armed one. Infinity disarms. */
  set(deadline: Deadline, at: number): void {
    if (at === Infinity) return this.clear(deadline);
    deadline.dueAt = at;
    if (deadline.heapIndex < 0) {
      deadline.heapIndex = this.#heap.length;
      this.#heap.push(deadline);
    }
    this.#siftDown(this.#siftUp(deadline.heapIndex));
    this.#armTimer();
  }

  clear(deadline: Deadline): void {
    const { heapIndex } = deadline;
    if (heapIndex < 0) return;
    deadline.heapIndex = -1;
    deadline.dueAt = Infinity;
    const last = this.#heap.pop()!;
    if (last === deadline) return;
    this.#heap[heapIndex] = last;
    last.heapIndex = heapIndex;
    this.#siftDown(this.#siftUp(heapIndex));
  }

  close(): void {
    this.#cancel();
    for (const deadline of this.#heap) deadline.heapIndex = -1;
    this.#heap = [];
    this.#armedFor = Infinity;
  }

  #armTimer(): void {
    const due = this.#heap[0]?.dueAt ?? Infinity;
    if (due >= this.#armedFor) return; // the timer set fires earlier and arms the next
    this.#cancel();
    this.#armedFor = due;
    this.#cancel = this.#clock.after(due - this.#clock.now(), () => this.#fire());
  }

  #fire(): void {
    this.#armedFor = Infinity;
    // Node's timers are whole milliseconds and may be a fraction early
    const now = this.#clock.now() + 0.5 * this.#clock.scale;
    for (let first = this.#heap[0]; first && first.dueAt <= now; first = this.#heap[0]) {
      this.clear(first);
      first.listener.onDeadline(now);
    }
    this.#armTimer();
  }

  #siftUp(index: number): number {
    const heap = this.#heap;
    const deadline = heap[index]!;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex]!;
      if (parent.dueAt <= deadline.dueAt) break;
      heap[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    heap[index] = deadline;
    deadline.heapIndex = index;
    return index;
  }

  #siftDown(index: number): void {
    const heap = this.#heap;
    const deadline = heap[index]!;
    for (;;) {
      let childIndex = index * 2 + 1;
      if (childIndex >= heap.length) break;
      if (childIndex + 1 < heap.length && heap[childIndex + 1]!.dueAt < heap[childIndex]!.dueAt) childIndex++;
      const child = heap[childIndex]!;
      if (child.dueAt >= deadline.dueAt) break;
      heap[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    heap[index] = deadline;
    deadline.heapIndex = index;
  }
}
