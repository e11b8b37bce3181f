import { endedSignal } from './ended.ts';
import type { Signal } from './signal.ts';

/** After so many signals the event loop gets a turn: a huge response must not block the other lanes. */
const YIELD_EVERY = 500;

/** Turns what callbacks push into what `for await` takes. `ended` closes it; what comes later is dropped. */
export class SignalQueue implements AsyncIterable<Signal> {
  #queue: Signal[] = [];
  #closed = false;
  #wakeReader: (() => void) | null = null;
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
          if (++taken % YIELD_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        if (this.#queue.length > 0) continue;
        if (this.#closed) return;
        await new Promise<void>((resolve) => (this.#wakeReader = resolve));
      }
    } finally {
      this.close();
    }
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = null;
  }
}

/** Runs what a socket or timer calls: an exception of ours ends this connection, never the process. */
export function guarded(queue: SignalQueue, fn: () => void): void {
  try {
    fn();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    queue.push({ kind: 'notice', level: 'error', code: 'lane-error', message: detail });
    queue.push(endedSignal('protocol', { by: 'client', detail }));
  }
}
