import type { Chunk, ConnectionContext, Direction, Fault } from './fault.ts';
import { sizeText, durationText } from '../../../../shared/path/quantity-text.ts';

/**
 * Ends one direction and leaves the other: whoever listens there gets FIN, and may still speak and be heard. TCP allows
 * it (RFC 9293, 3.6), and few programs expect it: a client that goes on writing to a server that has stopped listening
 * waits for good.
 */
export const halfClose: Fault = {
  id: 'half-close',
  label: 'Half-close',
  what: 'One direction is ended with FIN and what is said in it from then on is lost; the other direction goes on.',
  params: {
    time: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 30_000, min: 0, max: 864_000_000 },
    bytes: {
      kind: 'size',
      label: 'Bytes',
      help: 'Counted in that direction from the moment this is set; they still get through. 0 is no limit.',
      default: 0,
      min: 0,
      max: 1024 ** 4,
    },
    dir: {
      kind: 'choice',
      label: 'Direction that ends',
      default: 'down',
      options: { down: 'Server to client: the client gets FIN', up: 'Client to server: the server gets FIN' },
    },
  },
  disabledParams: { time: 0, bytes: 0 },
  impliedParams: (typed) => (typed.includes('bytes') && !typed.includes('time') ? { time: 0 } : {}),
  summary: (params) => {
    const time = Number(params['time']);
    const bytes = Number(params['bytes']);
    const limits = [time > 0 && durationText(time), bytes > 0 && sizeText(bytes)].filter(Boolean);
    return limits.length > 0 ? `half-closes ${params['dir']} after ${limits.join(' or ')}` : 'half-closes never';
  },
  affects: (dir, params) => params['dir'] === dir && (Number(params['time']) > 0 || Number(params['bytes']) > 0),
  async *pipe(dir, chunks, params, conn) {
    const time = Number(params['time']);
    let left = Number(params['bytes']) || Infinity;
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
        return reportHalfClose(dir, `${sizeText(Number(params['bytes']))} passed`, conn);
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

  constructor(chunks: AsyncIterable<Chunk>, conn: ConnectionContext, due: number) {
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
    const result = received as IteratorResult<Chunk> | null;
    if (this.#due || result === null) return 'due';
    return result.done ? 'end' : result.value;
  }

  dispose(): void {
    this.#cancel();
    void this.#source.return?.();
  }
}
