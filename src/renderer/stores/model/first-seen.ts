import type { EventMark } from './lane-marks.ts';

/** As many cursors as a poller may lag behind the fastest lane, and then some. */
const REMEMBERED = 20_000;

/**
 * Which events no lane has shown before. Of a server that is not ours nobody tells when it published: the first sight
 * over all lanes is the nearest to it that can be known.
 */
export class FirstSeen {
  #recent = new Set<string>();
  #older = new Set<string>();

  /** Remembers an event. @returns whether this was the first sight of it; never for events that name no cursor */
  see(o: EventMark): boolean {
    const name = o.cursor ?? o.id;
    return name !== null && this.remember(name);
  }

  /** @returns whether it was new */
  remember(name: string): boolean {
    if (this.#recent.has(name) || this.#older.has(name)) return false;
    if (this.#recent.size >= REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(name);
    return true;
  }
}
