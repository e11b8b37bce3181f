import type { Retention } from './event-log.ts';

/**
 * The ages and sizes of what a channel keeps, oldest first, and how much of it has to go. Both logs trim by this, so
 * that they agree on every floor.
 */
export class RetentionWindow {
  /** Bytes kept. */
  bytes = 0;
  #times: number[] = [];
  #sizes: number[] = [];
  #head = 0;

  get count(): number {
    return this.#times.length - this.#head;
  }

  /** @param time engine time: a step of the wall clock makes nothing older */
  push(time: number, bytes: number): void {
    this.#times.push(time);
    this.#sizes.push(bytes);
    this.bytes += bytes;
  }

  /**
   * Drops from the oldest end whatever a bound asks for, and says how many went. The newest is never dropped for its
   * size or for count, only for age: whoever waits for it right now has to get it.
   */
  trim(now: number, retention: Retention): number {
    let dropped = 0;
    while (this.count > 0) {
      const tooOld = now - this.#times[this.#head]! > retention.ageMs;
      const tooMuch = this.count > 1 && (this.count > retention.count || this.bytes > retention.bytes);
      if (!tooOld && !tooMuch) break;
      this.bytes -= this.#sizes[this.#head]!;
      this.#head++;
      dropped++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#head);
      this.#sizes = this.#sizes.slice(this.#head);
      this.#head = 0;
    }
    return dropped;
  }

  clear(): void {
    this.#times = [];
    this.#sizes = [];
    this.#head = 0;
    this.bytes = 0;
  }
}

/** The size of an event: its text as UTF-8. */
export const byteSize = (type: string, data: string): number => Buffer.byteLength(type) + Buffer.byteLength(data);
