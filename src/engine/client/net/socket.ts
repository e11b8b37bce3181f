import net from 'node:net';
import { Duplex } from 'node:stream';
import type { Evidence } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { KnownCause } from '../../evidence/causes.ts';
import type { ProxyHandshake } from './proxy-handshake.ts';
import { evidenceOfSocketError } from '../../evidence/socket-evidence.ts';

export interface ClientSocketOptions {
  clock: Clock;
  connectTimeoutMs: number;
  /** Where to dial; `shut` says that the path refuses it, which is why nobody will listen there. */
  resolveAddress: () => Promise<{ host: string; port: number; shut?: boolean }>;
  takeCause: (localPort: number) => KnownCause | null;
  /** The other side ended it while nothing was under way. */
  onIdleEnd: () => void;
  onBytes?: (dir: 'in' | 'out', bytes: number) => void;
  /** What is said to an upstream proxy before the connection stands. */
  handshake?: (() => ProxyHandshake) | undefined;
  /** Connected, after these addresses of the same name had failed or kept silent. */
  onFallback?: ((answered: string, failed: string[]) => void) | undefined;
}

/** What http's Agent and ws call on a socket and what has no meaning here: all timing belongs to the engine's clock. */
const NOOP_METHODS = ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'];

type HoldReason = 'asleep' | 'offline';

/**
 * One connection as a Duplex over a `net.Socket` that can be held still. Node's `pause()` alone is no freeze: FIN and
 * RST still come through, and RST throws buffered bytes away. With `onread`, pausing stops the reading itself, so that
 * bytes, FIN and RST stay in the kernel, in order. Needs Node 24: on 20 an RST with unread data shows as an end.
 */
export class ClientSocket extends Duplex {
  /** The first thing seen that ends this connection. */
  evidence: Evidence | null = null;
  detail: string | null = null;
  dialledAt: number;
  connectedAt: number | null = null;
  lastByteAt: number | null = null;
  bytesReceived = 0;
  /** Whether an exchange is under way; an idle connection may be closed by anyone without it being a drop. */
  busy = false;
  #options: ClientSocketOptions;
  #socket: net.Socket | null = null;
  #localPort: number | null = null;
  #knownCause: KnownCause | null = null;
  #holds = new Set<HoldReason>();
  #deferred: (() => void)[] = [];
  #readRequested = false;
  #onConnected: (() => void)[] = [];
  #connectTimer: Cancel | null = null;
  /** The proxy has not let it through yet. */
  #handshake: ProxyHandshake | null = null;

  constructor(options: ClientSocketOptions) {
    super({ allowHalfOpen: false }); // a kept connection whose other side has left must not be used again
    this.#options = options;
    this.dialledAt = options.clock.now();
    this.on('error', () => {}); // whoever uses the stream gets it too; unhandled it would end the process
    for (const name of NOOP_METHODS) Object.defineProperty(this, name, { value: () => this });
  }

  /** True while the connection is being made. */
  get connecting(): boolean {
    return this.connectedAt === null && !this.destroyed;
  }

  dial(): void {
    this.#connectTimer = this.#options.clock.after(this.#options.connectTimeoutMs, () => {
      this.failWith('connect-timeout', `no connection after ${this.#options.connectTimeoutMs / 1000} s`);
    });
    this.#options.resolveAddress().then(
      (at) => this.#whenReleased(() => this.#connect(at)),
      // cast: dialling and resolving fail with these
      (error: unknown) => this.#whenReleased(() => this.#handleError(error as NodeJS.ErrnoException)),
    );
  }

  /** Ends it with this evidence, as if the network had said so. */
  failWith(evidence: Evidence, detail: string): void {
    this.noteEvidence(evidence, detail);
    this.destroy(Object.assign(new Error(detail), { code: 'ELINE' }));
  }

  noteEvidence(evidence: Evidence, detail?: string): void {
    this.evidence ??= evidence;
    this.detail ??= detail ?? null;
  }

  setHold(why: HoldReason, on: boolean): void {
    if (on) {
      this.#holds.add(why);
      this.#socket?.pause();
      return;
    }
    if (!this.#holds.delete(why) || this.#holds.size > 0) return;
    const held = this.#deferred;
    this.#deferred = [];
    for (const fn of held) this.#whenReleased(fn);
    if (this.#readRequested && this.#holds.size === 0) this.#socket?.resume();
  }

  cut(end: 'fin' | 'rst'): void {
    if (this.destroyed) return;
    this.#knownCause ??= { cause: 'cut', by: 'path', at: this.#options.clock.now() };
    this.noteEvidence(end);
    if (end === 'rst') {
      this.#socket?.resetAndDestroy();
      this.destroy(Object.assign(new Error('connection reset'), { code: 'ECONNRESET' }));
    } else {
      this.#socket?.pause();
      this.push(null);
      this.read(0);
    }
  }

  /** The cause the engine noted for this connection, taken once it is over. */
  takeKnownCause(): KnownCause | null {
    if (this.#localPort !== null) {
      const known = this.#options.takeCause(this.#localPort);
      if (known && known.at > this.dialledAt - 5) this.#knownCause ??= known;
    }
    return this.#knownCause;
  }

  override _read(): void {
    this.#readRequested = true;
    if (this.#holds.size === 0) this.#socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#whenOpen(() => {
      this.#options.onBytes?.('out', chunk.length);
      this.#socket!.write(chunk, (error) => this.#whenReleased(() => done(error)));
    });
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map((c) => c.chunk)), '', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenOpen(() => {
      const net = this.#socket!;
      if (net.destroyed) done();
      else net.end(() => done());
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connectTimer?.();
    this.#deferred = [];
    this.#onConnected = [];
    this.#socket?.destroy();
    // whatever was noted of this port is ours and must not be taken for the next connection's
    this.takeKnownCause();
    done(error);
  }

  #connect({ host, port, shut }: { host: string; port: number; shut?: boolean }): void {
    if (this.destroyed) return;
    if (shut) this.#knownCause = { cause: 'refuse', by: 'path', at: this.#options.clock.now() };
    const socket = net.connect({
      host,
      port,
      noDelay: true,
      allowHalfOpen: true,
      onread: {
        buffer: Buffer.allocUnsafe(65_536),
        callback: (bytes, buffer) => {
          const chunk = Buffer.from(buffer.subarray(0, bytes)); // the buffer is used again
          this.#whenReleased(() => this.#handleData(chunk));
          return this.#holds.size === 0 && this.#readRequested;
        },
      },
    });
    this.#socket = socket;
    if (this.#holds.size > 0) socket.pause();
    const failed = new Set<string>();
    const noteFailed = (address: string): void => void failed.add(address);
    socket.on('connectionAttemptFailed', noteFailed);
    socket.on('connectionAttemptTimeout', noteFailed);
    socket.on('connect', () => {
      const answered = socket.remoteAddress ?? host;
      failed.delete(answered);
      if (failed.size > 0) this.#options.onFallback?.(answered, [...failed]);
      this.#whenReleased(() => this.#handleTcpConnect(socket));
    });
    socket.on('end', () => this.#whenReleased(() => this.#handleEnd()));
    socket.on('error', (error) => this.#whenReleased(() => this.#handleError(error)));
  }

  #handleTcpConnect(socket: net.Socket): void {
    if (this.destroyed) return;
    this.#localPort = socket.localPort ?? null;
    if (!this.#options.handshake) return this.#handleConnect();
    this.#handshake = this.#options.handshake();
    this.#readRequested = true;
    this.#send(this.#handshake.start());
  }

  /** The proxy says something, before any of it is the target's. */
  #handleHandshake(bytes: Buffer): void {
    const step = this.#handshake!.feed(bytes);
    if (step.is === 'refused') return this.failWith('proxy', step.detail);
    if (step.is === 'more') {
      if (step.send) this.#send(step.send);
      return;
    }
    this.#handshake = null;
    this.#handleConnect();
    if (step.rest.length > 0) this.#handleData(step.rest);
  }

  #send(bytes: Buffer): void {
    this.#options.onBytes?.('out', bytes.length);
    this.#socket!.write(bytes);
  }

  #handleConnect(): void {
    if (this.destroyed) return;
    this.#connectTimer?.();
    this.connectedAt = this.#options.clock.now();
    this.#knownCause = null; // the path let it in after all
    this.emit('connect');
    const opened = this.#onConnected;
    this.#onConnected = [];
    for (const fn of opened) fn();
  }

  #handleData(chunk: Buffer): void {
    if (this.destroyed) return;
    if (this.#handshake) {
      this.#options.onBytes?.('in', chunk.length);
      return this.#handleHandshake(chunk);
    }
    this.lastByteAt = this.#options.clock.now();
    this.bytesReceived += chunk.length;
    this.#options.onBytes?.('in', chunk.length);
    if (!this.push(chunk)) {
      this.#readRequested = false;
      this.#socket?.pause();
    }
  }

  #handleEnd(): void {
    if (this.destroyed) return;
    if (this.#handshake)
      return this.failWith('proxy', 'the upstream proxy closed the connection before it let it through');
    this.noteEvidence('fin');
    this.#reportIdleEnd();
    this.push(null);
    this.read(0); // an end is only emitted on a stream that is read
  }

  #handleError(error: NodeJS.ErrnoException): void {
    if (this.destroyed) return;
    this.noteEvidence(evidenceOfSocketError(error), error.message);
    this.#reportIdleEnd();
    this.destroy(error);
  }

  #reportIdleEnd(): void {
    if (!this.busy && this.bytesReceived > 0 && !this.writableEnded) this.#options.onIdleEnd();
  }

  #whenOpen(fn: () => void): void {
    if (this.destroyed) return;
    const go = (): void => this.#whenReleased(fn);
    if (this.connectedAt === null) this.#onConnected.push(go);
    else go();
  }

  /** Now, or once no hold is left, in order. */
  #whenReleased(fn: () => void): void {
    if (this.#holds.size > 0) this.#deferred.push(fn);
    else fn();
  }
}
