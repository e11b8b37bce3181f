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
  /** Called once when it is not congested any more; at once when it is not. */
  relieved(fn: () => void): void;
  close(): void;
}

/** A wire whose other end takes everything at once. */
export const NEVER_CONGESTED: Pick<Wire, 'congested' | 'relieved'> = { congested: false, relieved: (fn) => fn() };

/** The listeners of a wire, shared by both kinds: for messages, and once for the close. */
export class WireListeners {
  #listeners = new Set<(message: unknown) => void>();
  #closeListeners = new Set<() => void>();
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
    this.#closeListeners.add(fn);
    return () => this.#closeListeners.delete(fn);
  }

  deliver(message: unknown): void {
    if (this.isClosed) return;
    for (const fn of this.#listeners) fn(message);
  }

  /** True the first time. */
  close(): boolean {
    if (this.isClosed) return false;
    this.isClosed = true;
    for (const fn of this.#closeListeners) fn();
    this.#closeListeners.clear();
    this.#listeners.clear();
    return true;
  }
}
