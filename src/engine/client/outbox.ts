import { ended } from './ended.ts';
import type { Signal } from './signal.ts';

/** After so many signals the event loop gets a turn: a huge answer must not silence the other lanes. */
const BREATH = 500;

/** Turns what callbacks push into what `for await` takes. `ended` closes it; what comes later is dropped. */
export class Outbox implements AsyncIterable<Signal> {
  #queue: Signal[] = [];
  #closed = false;
  #waiting: (() => void) | null = null;
  #onReturn: () => void;

  /** @param onReturn called once when the reader stops early or the outbox closes */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  get closed(): boolean {
    return this.#closed;
  }

  push(signal: Signal): void {
    if (this.#closed) return;
    this.#queue.push(signal);
    if (signal.kind === 'ended') this.close();
    this.#wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onReturn();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Signal, void, void> {
    let taken = 0;
    try {
      for (;;) {
        const batch = this.#queue;
        this.#queue = [];
        for (const signal of batch) {
          yield signal;
          if (++taken % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        if (this.#queue.length > 0) continue;
        if (this.#closed) return;
        await new Promise<void>((resolve) => (this.#waiting = resolve));
      }
    } finally {
      this.close();
    }
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = null;
  }
}

/** Runs what a socket or timer calls: a fault of our own ends this connection, never the process. */
export function guarded(outbox: Outbox, fn: () => void): void {
  try {
    fn();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    outbox.push({ kind: 'notice', level: 'error', code: 'lane-error', message: detail });
    outbox.push(ended('protocol', { by: 'client', detail }));
  }
}
