import type { LogEvent } from '../../shared/protocol/events.ts';
import type { Retention } from './event-log.ts';
import { RetentionWindow, byteSize } from './retention-window.ts';

/** The kept events of one channel in memory, dense, oldest first. */
export class EventWindow {
  /** The seq of the newest event there was. */
  newest = 0;
  #events: LogEvent[] = [];
  /** Where the oldest kept event stands in `#events`; what lies before it is cleared now and then. */
  #offset = 0;
  #kept = new RetentionWindow();

  /** The seq just before the oldest kept event. */
  get floor(): number {
    return this.newest - this.#kept.count;
  }

  get size(): { count: number; bytes: number } {
    return { count: this.#kept.count, bytes: this.#kept.bytes };
  }

  /** @param at engine time at which it was appended */
  push(event: LogEvent, at: number): void {
    this.newest = event.seq;
    this.#events.push(event);
    this.#kept.push(at, byteSize(event.type, event.data));
  }

  read(after: number, limit: number): LogEvent[] {
    const from = this.#offset + Math.max(0, after - this.floor);
    return this.#events.slice(from, from + Math.max(0, limit));
  }

  trim(now: number, retention: Retention): void {
    this.#drop(this.#kept.trim(now, retention));
  }

  /** Drops what is not after this position. */
  trimTo(floor: number): void {
    this.#drop(this.#kept.drop(Math.min(floor, this.newest) - this.floor));
  }

  /** Forgets everything; the next event is the one after `newest`. */
  clear(newest = 0): void {
    this.#events = [];
    this.#offset = 0;
    this.newest = newest;
    this.#kept.clear();
  }

  #drop(count: number): void {
    this.#offset += count;
    if (this.#offset > 1024 && this.#offset * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#offset);
      this.#offset = 0;
    }
  }
}
