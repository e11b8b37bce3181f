import type { Chunk } from './faults/fault.ts';

/** How a direction came to its end; `handover` is a change of settings, and the bytes go on elsewhere. */
export type QueueEnd = 'fin' | 'rst' | 'handover';

const EMPTY = new Uint8Array(0);

/**
 * A bounded queue of chunks, each stamped as it came. Without it a delay would hold up reading, and so become a
 * throttle; without the bound a stalled reader would fill the memory. One consumer.
 */
export class ChunkQueue implements AsyncIterable<Chunk, void> {
  /** Bytes waiting. */
  size = 0;
  ended: QueueEnd | null = null;
  /** The consumer stopped before the end. */
  abandoned = false;
  #items: Chunk[] = [];
  #head = 0;
  #wake: (() => void) | null = null;
  #onTake: () => void;

  /** @param taken called when something has left the queue */
  constructor(taken: () => void = () => {}) {
    this.#onTake = taken;
  }

  get empty(): boolean {
    return this.#head === this.#items.length;
  }

  push(bytes: Uint8Array, at: number): void {
    if (this.ended) return;
    this.size += bytes.length;
    this.#items.push({ bytes, at });
    this.#wakeUp();
  }

  /** Nothing comes after this. A real end travels as an empty chunk, so that faults delay it like bytes. */
  end(kind: QueueEnd, at: number): void {
    if (this.ended) return;
    if (kind !== 'handover') this.push(EMPTY, at);
    this.ended = kind;
    this.#wakeUp();
  }

  /** Drops what waits and ends. */
  discard(): void {
    this.#items = [];
    this.#head = 0;
    this.size = 0;
    this.ended ??= 'handover';
    this.#wakeUp();
    this.#onTake();
  }

  take(): Chunk | undefined {
    const chunk = this.#items[this.#head];
    if (!chunk) return undefined;
    // cast: never read again; lets go of the bytes
    this.#items[this.#head++] = undefined as never;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    this.size -= chunk.bytes.length;
    this.#onTake();
    return chunk;
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk, void> {
    return {
      next: async () => {
        for (;;) {
          const value = this.take();
          if (value) return { value, done: false };
          if (this.ended) return { value: undefined, done: true };
          await new Promise<void>((wake) => (this.#wake = wake));
        }
      },
      return: () => {
        this.abandoned = true;
        this.discard();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
