import type { Cancel } from '../shared/clock.ts';

/**
 * A pipe for plain data between a dashboard and an engine: in order, whole, or closed. Says nothing of calls or feeds.
 * `send` on a closed wire does nothing, so that nobody has to ask first.
 */
export interface Wire {
  send(message: unknown): void;
  listen(fn: (message: unknown) => void): Cancel;
  /** Called once when the wire is closed, by either end; at once when it already is. */
  closed(fn: () => void): Cancel;
  /** More is waiting to leave than is good; false where that cannot be known. */
  readonly congested: boolean;
  close(): void;
}

/** What both kinds of wire keep: who listens, who wants to know of the end, and that the end comes once. */
export class WireEnds {
  #listeners = new Set<(message: unknown) => void>();
  #closers = new Set<() => void>();
  isClosed = false;

  listen(fn: (message: unknown) => void): Cancel {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  closed(fn: () => void): Cancel {
    if (this.isClosed) {
      fn();
      return () => undefined;
    }
    this.#closers.add(fn);
    return () => this.#closers.delete(fn);
  }

  arrived(message: unknown): void {
    if (this.isClosed) return;
    for (const fn of this.#listeners) fn(message);
  }

  /** True the first time. */
  end(): boolean {
    if (this.isClosed) return false;
    this.isClosed = true;
    for (const fn of this.#closers) fn();
    this.#closers.clear();
    this.#listeners.clear();
    return true;
  }
}
