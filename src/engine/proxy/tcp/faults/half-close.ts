import type { halfClose as definition } from '../../../../shared/path/faults/half-close.ts';
import type { Chunk, ConnectionContext, Direction, FaultImpl } from './fault.ts';
import { sizeText, durationText } from '../../../../shared/path/quantity-text.ts';

/**
 * Ends one direction and leaves the other: whoever listens there gets FIN, and may still speak and be heard. TCP allows
 * it (RFC 9293, 3.6), and few programs expect it: a client that goes on writing to a server that has stopped listening
 * waits for good.
 */
export const halfClose: FaultImpl<typeof definition> = {
  affects: (dir, params) => params.dir === dir && (params.time > 0 || params.bytes > 0),
  async *pipe(dir, chunks, params, conn) {
    const { time } = params;
    let left = params.bytes || Infinity;
    if (time <= 0 && left === Infinity) return yield* chunks;
    const source = new DeadlineReader(chunks, conn, time > 0 ? conn.openedAt + time : Infinity);
    try {
      for (let chunk = await source.next(); chunk !== 'end'; chunk = await source.next()) {
        if (chunk === 'due') return reportHalfClose(dir, `${durationText(time)} old`, conn);
        // Settings that were replaced have no effect any more.
        if (conn.signal.aborted || chunk.bytes.length < left) {
          left -= chunk.bytes.length;
          yield chunk;
          continue;
        }
        yield { bytes: chunk.bytes.subarray(0, left), at: chunk.at };
        return reportHalfClose(dir, `${sizeText(params.bytes)} passed`, conn);
      }
    } finally {
      source.dispose();
    }
  },
};

/** Returning half-closes; this reports it, and that the connection may hang from now on. */
function reportHalfClose(dir: Direction, detail: string, conn: ConnectionContext): void {
  conn.blackhole('half-close');
  const [client, server] = dir === 'down' ? (['fin', 'none'] as const) : (['none', 'fin'] as const);
  conn.reportClosed?.({ client, server, cause: 'half-close', detail });
}

/** Chunks as they come, and beside them a time at which to stop waiting for more; never once the settings changed. */
class DeadlineReader {
  #source: AsyncIterator<Chunk>;
  #due = false;
  #wake: (() => void) | null = null;
  #cancel: () => void = () => {};

  constructor(chunks: AsyncIterable<Chunk, void>, conn: ConnectionContext, due: number) {
    this.#source = chunks[Symbol.asyncIterator]();
    if (due === Infinity || conn.signal.aborted) return;
    this.#cancel = conn.clock.after(Math.max(0, due - conn.clock.now()), () => {
      this.#due = true;
      this.#wake?.();
    });
    conn.signal.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  async next(): Promise<Chunk | 'due' | 'end'> {
    let received: IteratorResult<Chunk> | null = null;
    // Not a race of promises: one that lives as long as the connection would remember every chunk it was raced with.
    await new Promise<void>((wake, reject) => {
      this.#wake = wake;
      this.#source.next().then((result) => {
        received = result;
        wake();
      }, reject);
      if (this.#due) wake();
    });
    // cast: set by the callback, which the compiler does not follow
    const result = received as IteratorResult<Chunk> | null;
    if (this.#due || result === null) return 'due';
    return result.done ? 'end' : result.value;
  }

  dispose(): void {
    this.#cancel();
    void this.#source.return?.();
  }
}
