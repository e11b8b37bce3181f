import type { Chunk, Conn, Direction, Fault } from './fault.ts';
import { sizeText, spanText } from './words.ts';

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
  off: { time: 0, bytes: 0 },
  implied: (typed) => (typed.includes('bytes') && !typed.includes('time') ? { time: 0 } : {}),
  short: (params) => {
    const time = Number(params['time']);
    const bytes = Number(params['bytes']);
    const limits = [time > 0 && spanText(time), bytes > 0 && sizeText(bytes)].filter(Boolean);
    return limits.length > 0 ? `half-closes ${params['dir']} after ${limits.join(' or ')}` : 'half-closes never';
  },
  touches: (dir, params) => params['dir'] === dir && (Number(params['time']) > 0 || Number(params['bytes']) > 0),
  async *pipe(dir, chunks, params, conn) {
    const time = Number(params['time']);
    let left = Number(params['bytes']) || Infinity;
    if (time <= 0 && left === Infinity) return yield* chunks;
    const source = new UntilDue(chunks, conn, time > 0 ? conn.openedAt + time : Infinity);
    try {
      for (let chunk = await source.next(); chunk !== 'end'; chunk = await source.next()) {
        if (chunk === 'due') return finish(dir, `${spanText(time)} old`, conn);
        // A stretch that ended has no say any more.
        if (conn.signal.aborted || chunk.bytes.length < left) {
          left -= chunk.bytes.length;
          yield chunk;
          continue;
        }
        yield { bytes: chunk.bytes.subarray(0, left), at: chunk.at };
        return finish(dir, `${sizeText(Number(params['bytes']))} passed`, conn);
      }
    } finally {
      source.letGo();
    }
  },
};

/** Returning is what half-closes; here it is told, and why the other end may hang from now on. */
function finish(dir: Direction, detail: string, conn: Conn): void {
  conn.deaden('half-close');
  const [client, server] = dir === 'down' ? (['fin', 'none'] as const) : (['none', 'fin'] as const);
  conn.tell?.({ client, server, cause: 'half-close', detail });
}

/** Chunks as they come, and beside them a time at which to stop waiting for more; never once the settings changed. */
class UntilDue {
  #source: AsyncIterator<Chunk>;
  #due = false;
  #wake: (() => void) | null = null;
  #cancel: () => void = () => {};

  constructor(chunks: AsyncIterable<Chunk>, conn: Conn, due: number) {
    this.#source = chunks[Symbol.asyncIterator]();
    if (due === Infinity || conn.signal.aborted) return;
    this.#cancel = conn.clock.after(Math.max(0, due - conn.clock.now()), () => {
      this.#due = true;
      this.#wake?.();
    });
    conn.signal.addEventListener('abort', () => this.#cancel(), { once: true });
  }

  async next(): Promise<Chunk | 'due' | 'end'> {
    let got: IteratorResult<Chunk> | null = null;
    // Not a race of promises: one that lives as long as the connection would remember every chunk it was raced with.
    await new Promise<void>((wake, reject) => {
      this.#wake = wake;
      this.#source.next().then((result) => {
        got = result;
        wake();
      }, reject);
      if (this.#due) wake();
    });
    const result = got as IteratorResult<Chunk> | null;
    if (this.#due || result === null) return 'due';
    return result.done ? 'end' : result.value;
  }

  letGo(): void {
    this.#cancel();
    void this.#source.return?.();
  }
}
