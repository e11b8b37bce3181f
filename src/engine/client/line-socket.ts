import net from 'node:net';
import { Duplex } from 'node:stream';
import type { Evidence } from '../../shared/catalog.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import type { KnownEnd } from '../causes.ts';
import { evidenceOf } from '../dial-evidence.ts';

export interface LineSocketOptions {
  clock: Clock;
  connectTimeoutMs: number;
  /** Where to dial; `shut` says that the path refuses it, which is why nobody will listen there. */
  where: () => Promise<{ host: string; port: number; shut?: boolean }>;
  take: (localPort: number) => KnownEnd | null;
  /** The other side ended it while nothing was under way. */
  idleEnd: () => void;
  count?: (dir: 'in' | 'out', bytes: number) => void;
}

/** What http's Agent and ws call on a socket and what has no meaning here: all timing belongs to the engine's clock. */
const SOCKET_MANNERS = ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'];

type Hold = 'asleep' | 'offline';

/**
 * One connection as a Duplex over a `net.Socket` that can be held still. Node's `pause()` alone is no freeze: FIN and
 * RST still come through, and RST throws buffered bytes away. With `onread`, pausing stops the reading itself, so that
 * bytes, FIN and RST stay in the kernel, in order. Needs Node 24: on 20 an RST with unread data shows as an end.
 */
export class LineSocket extends Duplex {
  /** The first thing seen that ends this connection. */
  evidence: Evidence | null = null;
  detail: string | null = null;
  dialledAt: number;
  connectedAt: number | null = null;
  lastByteAt: number | null = null;
  bytesReceived = 0;
  /** Whether an exchange is under way; an idle connection may be closed by anyone without it being a drop. */
  busy = false;
  #o: LineSocketOptions;
  #net: net.Socket | null = null;
  #localPort: number | null = null;
  #known: KnownEnd | null = null;
  #holds = new Set<Hold>();
  #held: (() => void)[] = [];
  #wanted = false;
  #opened: (() => void)[] = [];
  #connectTimer: Cancel | null = null;

  constructor(options: LineSocketOptions) {
    super({ allowHalfOpen: false }); // a kept connection whose other side has left must not be used again
    this.#o = options;
    this.dialledAt = options.clock.now();
    this.on('error', () => {}); // whoever uses the stream hears of it; nobody may be felled by it
    for (const name of SOCKET_MANNERS) Object.defineProperty(this, name, { value: () => this });
  }

  /** True while the connection is being made. */
  get connecting(): boolean {
    return this.connectedAt === null && !this.destroyed;
  }

  dial(): void {
    this.#connectTimer = this.#o.clock.after(this.#o.connectTimeoutMs, () => {
      this.refuse('connect-timeout', `no connection after ${this.#o.connectTimeoutMs / 1000} s`);
    });
    this.#o.where().then(
      (at) => this.#gate(() => this.#connect(at)),
      (error: NodeJS.ErrnoException) => this.#gate(() => this.#fail(error)),
    );
  }

  /** Ends it with this evidence, as if the network had said so. */
  refuse(evidence: Evidence, detail: string): void {
    this.see(evidence, detail);
    this.destroy(Object.assign(new Error(detail), { code: 'ELINE' }));
  }

  see(evidence: Evidence, detail?: string): void {
    this.evidence ??= evidence;
    this.detail ??= detail ?? null;
  }

  hold(why: Hold, on: boolean): void {
    if (on) {
      this.#holds.add(why);
      this.#net?.pause();
      return;
    }
    if (!this.#holds.delete(why) || this.#holds.size > 0) return;
    const held = this.#held;
    this.#held = [];
    for (const fn of held) this.#gate(fn);
    if (this.#wanted && this.#holds.size === 0) this.#net?.resume();
  }

  cut(end: 'fin' | 'rst'): void {
    if (this.destroyed) return;
    this.#known ??= { cause: 'cut', by: 'path', at: this.#o.clock.now() };
    this.see(end);
    if (end === 'rst') {
      this.#net?.resetAndDestroy();
      this.destroy(Object.assign(new Error('connection reset'), { code: 'ECONNRESET' }));
    } else {
      this.#net?.pause();
      this.push(null);
      this.read(0);
    }
  }

  /** What the book of causes has on this connection; asked once it is over. */
  takeKnown(): KnownEnd | null {
    if (this.#localPort !== null) {
      const known = this.#o.take(this.#localPort);
      if (known && known.at > this.dialledAt - 5) this.#known ??= known;
    }
    return this.#known;
  }

  override _read(): void {
    this.#wanted = true;
    if (this.#holds.size === 0) this.#net?.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#whenOpen(() => {
      this.#o.count?.('out', chunk.length);
      this.#net!.write(chunk, (error) => this.#gate(() => done(error)));
    });
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map((c) => c.chunk)), '', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenOpen(() => {
      const net = this.#net!;
      if (net.destroyed) done();
      else net.end(() => done());
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connectTimer?.();
    this.#held = [];
    this.#opened = [];
    this.#net?.destroy();
    // whatever was noted of this port is ours and must not be taken for the next connection's
    this.takeKnown();
    done(error);
  }

  #connect({ host, port, shut }: { host: string; port: number; shut?: boolean }): void {
    if (this.destroyed) return;
    if (shut) this.#known = { cause: 'refuse', by: 'path', at: this.#o.clock.now() };
    const socket = net.connect({
      host,
      port,
      noDelay: true,
      allowHalfOpen: true,
      onread: {
        buffer: Buffer.allocUnsafe(65_536),
        callback: (bytes, buffer) => {
          const chunk = Buffer.from(buffer.subarray(0, bytes)); // the buffer is used again
          this.#gate(() => this.#receive(chunk));
          return this.#holds.size === 0 && this.#wanted;
        },
      },
    });
    this.#net = socket;
    if (this.#holds.size > 0) socket.pause();
    socket.on('connect', () => this.#gate(() => this.#connected(socket)));
    socket.on('end', () => this.#gate(() => this.#ended()));
    socket.on('error', (error) => this.#gate(() => this.#fail(error)));
  }

  #connected(socket: net.Socket): void {
    if (this.destroyed) return;
    this.#connectTimer?.();
    this.connectedAt = this.#o.clock.now();
    this.#localPort = socket.localPort ?? null;
    this.#known = null; // the path let it in after all
    this.emit('connect');
    const opened = this.#opened;
    this.#opened = [];
    for (const fn of opened) fn();
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return;
    this.lastByteAt = this.#o.clock.now();
    this.bytesReceived += chunk.length;
    this.#o.count?.('in', chunk.length);
    if (!this.push(chunk)) {
      this.#wanted = false;
      this.#net?.pause();
    }
  }

  #ended(): void {
    if (this.destroyed) return;
    this.see('fin');
    this.#tellIdleEnd();
    this.push(null);
    this.read(0); // an end is only told to a stream somebody reads
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.destroyed) return;
    this.see(evidenceOf(error), error.message);
    this.#tellIdleEnd();
    this.destroy(error);
  }

  #tellIdleEnd(): void {
    if (!this.busy && this.bytesReceived > 0 && !this.writableEnded) this.#o.idleEnd();
  }

  #whenOpen(fn: () => void): void {
    if (this.destroyed) return;
    const go = (): void => this.#gate(fn);
    if (this.connectedAt === null) this.#opened.push(go);
    else go();
  }

  /** Now, or when nothing holds the line any more, in order. */
  #gate(fn: () => void): void {
    if (this.#holds.size > 0) this.#held.push(fn);
    else fn();
  }
}
