import type { EventMark } from './lane-marks.ts';

/** As many cursors as a poller may lag behind the fastest lane, and then some. */
const CAPACITY = 20_000;

/**
 * Which events no lane has received before. A remote server does not report when it published: the first arrival
 * over all lanes is the nearest to it that can be known.
 */
export class FirstSeen {
  #recent = new Set<string>();
  #older = new Set<string>();

  /** Remembers an event. @returns whether this was the first sight of it; never for events that name no cursor */
  addEvent(o: EventMark): boolean {
    const name = o.cursor ?? o.id;
    return name !== null && this.add(name);
  }

  /** @returns whether it was new */
  add(name: string): boolean {
    if (this.#recent.has(name) || this.#older.has(name)) return false;
    if (this.#recent.size >= CAPACITY) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(name);
    return true;
  }
}
