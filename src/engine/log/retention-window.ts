import type { Retention } from './event-log.ts';

/**
 * The ages and sizes of what a channel keeps, oldest first, and how much of it has to go. All logs trim by this, so
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
      this.#dropOldest();
      dropped++;
    }
    this.#compact();
    return dropped;
  }

  /** Drops so many from the oldest end, as far as there are any, and says how many went. */
  drop(count: number): number {
    const dropped = Math.max(0, Math.min(count, this.count));
    for (let i = 0; i < dropped; i++) this.#dropOldest();
    this.#compact();
    return dropped;
  }

  clear(): void {
    this.#times = [];
    this.#sizes = [];
    this.#head = 0;
    this.bytes = 0;
  }

  #dropOldest(): void {
    this.bytes -= this.#sizes[this.#head]!;
    this.#head++;
  }

  #compact(): void {
    if (this.#head <= 1024 || this.#head * 2 <= this.#times.length) return;
    this.#times = this.#times.slice(this.#head);
    this.#sizes = this.#sizes.slice(this.#head);
    this.#head = 0;
  }
}

/** The size of an event: its text as UTF-8. */
export const byteSize = (type: string, data: string): number => Buffer.byteLength(type) + Buffer.byteLength(data);
