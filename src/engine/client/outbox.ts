import type { Signal } from './signal.ts';

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
    try {
      for (;;) {
        const batch = this.#queue;
        this.#queue = [];
        yield* batch;
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
