import { endedSignal } from './ended.ts';
import type { Signal } from './signal.ts';

/** After so many signals the event loop gets a turn: a huge response must not block the other lanes. */
const YIELD_EVERY = 500;

/** With more bytes than this waiting, whoever can wait is to wait. */
const MAX_WAITING = 1024 * 1024;
/** What a signal takes beside its data. */
const SIGNAL_BYTES = 1024;

/** Turns what callbacks push into what `for await` takes. `ended` closes it; what comes later is dropped. */
export class SignalQueue implements AsyncIterable<Signal> {
  #queue: Signal[] = [];
  #queuedBytes = 0;
  #closed = false;
  #wakeReader: (() => void) | null = null;
  #roomWaiters: (() => void)[] = [];
  #onReturn: () => void;

  /** @param onReturn called once when the reader stops early or the outbox closes */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What to wait for before more is pushed; null: there is room. */
  room(): Promise<void> | null {
    if (this.#closed || this.#queuedBytes < MAX_WAITING) return null;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  push(signal: Signal): void {
    if (this.#closed) return;
    this.#queue.push(signal);
    this.#queuedBytes += SIGNAL_BYTES + (signal.kind === 'event' ? signal.data.length : 0);
    if (signal.kind === 'ended') this.close();
    this.#wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onReturn();
    this.#wake();
    this.#makeRoom();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Signal, void, void> {
    let taken = 0;
    try {
      for (;;) {
        const batch = this.#queue;
        this.#queue = [];
        this.#queuedBytes = 0;
        this.#makeRoom();
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

  #makeRoom(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
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
