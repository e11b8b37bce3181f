import type { Cancel } from '../../shared/clock.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';

export type TailListener = (event: LogEvent | null | 'lost') => void;

/** The listeners at the tail of a channel. */
export class TailListeners {
  #listeners = new Set<TailListener>();

  get size(): number {
    return this.#listeners.size;
  }

  add(listener: TailListener): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(change: LogEvent | null | 'lost'): void {
    for (const listener of this.#listeners) listener(change);
  }
}
