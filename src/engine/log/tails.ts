import type { Cancel } from '../../shared/clock.ts';
import type { LogEvent } from '../../shared/events.ts';

export type TailListener = (event: LogEvent | null | 'lost') => void;

/** Who wants to hear of a channel's next event. */
export class Tails {
  #listeners = new Set<TailListener>();

  get size(): number {
    return this.#listeners.size;
  }

  add(listener: TailListener): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(news: LogEvent | null | 'lost'): void {
    for (const listener of this.#listeners) listener(news);
  }
}
