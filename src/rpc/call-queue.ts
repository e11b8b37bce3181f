import { Failure } from '../shared/failure.ts';
import type { Wire } from './wire.ts';

/** Calls of one page that are answered at the same time; some take long, such as a drain. */
const MAX_RUNNING = 8;
/** A page that has asked for more without reading the answers is broken, or means harm. */
const MAX_WAITING = 256;

/**
 * The calls of one page, a few at a time, and none while its answers pile up: a page that asks and does not read costs
 * the engine what the wire holds, and no more.
 */
export class CallQueue {
  readonly #wire: Wire;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #awaitsRelief = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** @throws Failure `too-many-calls`, and closes the wire */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#wire.close();
      throw new Failure({ code: 'too-many-calls', message: 'This page asks without reading the answers.' });
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.next();
    });
    try {
      return await call();
    } finally {
      this.#running--;
    }
  }

  /** Goes on with what waits: called when an answer has been handed to the wire, which then knows whether it takes more. */
  next(): void {
    if (this.#awaitsRelief || this.#waiting.length === 0) return;
    this.#awaitsRelief = true;
    this.#wire.relieved(() => {
      this.#awaitsRelief = false;
      if (this.#running >= MAX_RUNNING) return; // whichever ends first goes on
      const start = this.#waiting.shift();
      if (!start) return;
      this.#running++;
      start();
      this.next();
    });
  }
}
