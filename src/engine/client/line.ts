/**
 * A lane's end of the wire, and the only place that dials. It counts bytes, freezes, cuts, goes offline, and tells FIN
 * from RST: http and ws blur the two (ECONNRESET for both, 1006 for both), so evidence is taken here.
 */
import type { Duplex } from 'node:stream';
import { isIP } from 'node:net';
import tls from 'node:tls';
import type { EndedBy } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { Causes, KnownEnd } from '../causes.ts';
import { LineSocket } from './line-socket.ts';

/** `secure`: the path is to speak TLS to the target, and the lane speaks plainly to the path. */
export type Enter = (
  lane: string,
  host: string,
  port: number,
  secure?: tls.ConnectionOptions & { servername: string },
) => Promise<{ host: string; port: number; shut?: boolean }>;

export interface LineOptions {
  lane: string;
  /** The lane's own clock, which sleeps with the line. */
  clock: Clock;
  /** Where to dial so that the connection enters its path: the target's name stays in Host, SNI and Origin. */
  enter: Enter;
  /** Whether the path reads HTTP, and so has to be the one that speaks TLS. */
  readsHttp?: (() => boolean) | undefined;
  causes: Causes;
  /** Extra trust for TLS, as `tls.connect` takes it. */
  tls?: tls.ConnectionOptions;
}

export interface OpenOptions {
  host: string;
  port: number;
  secure: boolean;
  servername?: string;
}

/** What is known of a connection once it is over. */
export interface Obituary {
  /** How long nothing had been received, in ms. */
  silence: number;
  known: KnownEnd | null;
}

export class Line {
  /** All bytes above TCP since the lane began; with TLS the plaintext. */
  bytesIn = 0;
  bytesOut = 0;
  /** Called whenever bytes have moved. */
  onBytes: (() => void) | null = null;
  /** Called when a connection on which nothing was under way was ended by the other side. */
  onIdleEnd: (() => void) | null = null;
  readonly #o: LineOptions;
  #sockets = new Set<LineSocket>();
  #rawOf = new WeakMap<Duplex, LineSocket>();
  #asleep = false;
  #offlineSince: number | null = null;
  /** Of the last thaw: what ends in the same breath ended because the client slept. */
  #woke: { slept: KnownEnd; at: number } | null = null;
  #sleptAt = 0;
  #newest: LineSocket | null = null;

  constructor(options: LineOptions) {
    this.#o = options;
  }

  /** Dials. What comes back is at once a Duplex: writes wait for the connection. */
  open(options: OpenOptions): Duplex {
    const { clock, causes, lane, enter } = this.#o;
    const byPath = options.secure && (this.#o.readsHttp?.() ?? false);
    const secure = { ...this.#o.tls, servername: options.servername ?? options.host.replace(/^\[(.*)\]$/, '$1') };
    const raw = new LineSocket({
      clock,
      connectTimeoutMs: DEFAULTS.connectTimeoutMs,
      where: () => enter(lane, options.host, options.port, byPath ? secure : undefined),
      take: (port) => causes.take(port),
      idleEnd: () => this.onIdleEnd?.(),
      ...(options.secure && !byPath ? {} : { count: this.#count }),
    });
    this.#newest = raw;
    this.#sockets.add(raw);
    raw.once('close', () => this.#sockets.delete(raw));
    raw.hold('asleep', this.#asleep);
    // not before whoever asked holds what it asked for
    if (this.#offlineSince !== null) process.nextTick(() => raw.refuse('offline', 'the client is offline'));
    else raw.dial();
    const stream = options.secure && !byPath ? this.#secure(raw, options) : raw;
    this.#rawOf.set(stream, raw);
    return stream;
  }

  /** The raw end under a stream that `open` gave. */
  rawOf(stream: Duplex | null | undefined): LineSocket | null {
    return (stream && this.#rawOf.get(stream)) ?? null;
  }

  /** The connection dialled last. */
  get newest(): LineSocket | null {
    return this.#newest;
  }

  /** Nothing is read, written or timed until `thaw`; bytes, FIN and RST wait, and are then handled in that order. */
  freeze(): void {
    this.#asleep = true;
    this.#sleptAt = this.#o.clock.now();
    for (const s of this.#sockets) s.hold('asleep', true);
  }

  /** Ends the freeze; call after the lane's clock has thawed, as an event loop looks at its timers first. */
  thaw(): void {
    this.#asleep = false;
    for (const s of this.#sockets) s.hold('asleep', false);
  }

  /** From here on, for one turn of the network, ends are put down to the sleep. */
  markWake(): void {
    const at = this.#o.clock.now();
    this.#woke = { at, slept: { cause: 'client-sleep', by: 'client', at: this.#sleptAt } };
  }

  get offline(): boolean {
    return this.#offlineSince !== null;
  }

  /** Open connections carry nothing either way (TCP keeps the bytes, should the network come back in time); new ones fail at once. */
  setOffline(offline: boolean): void {
    if (offline === this.offline) return;
    this.#offlineSince = offline ? this.#o.clock.now() : null;
    for (const s of this.#sockets) s.hold('offline', offline);
  }

  cut(end: 'fin' | 'rst'): void {
    for (const s of this.#sockets) s.cut(end);
  }

  /** What is known of the end of the newest connection. Asks the book of causes, which forgets what it has told. */
  obituary(): Obituary {
    const now = this.#o.clock.now();
    const s = this.#newest;
    const since = s?.lastByteAt ?? s?.dialledAt ?? now;
    const told = s?.takeKnown() ?? null;
    return { silence: Math.max(0, Math.round(now - since)), known: told ?? this.#ownDoing(s, now) };
  }

  destroy(): void {
    for (const s of this.#sockets) s.destroy();
    this.#newest = null;
  }

  #ownDoing(s: LineSocket | null, now: number): KnownEnd | null {
    if (this.#offlineSince !== null) {
      const by: EndedBy = 'client';
      return { cause: 'offline', by, at: Math.max(this.#offlineSince, s?.dialledAt ?? 0) };
    }
    // it began before the sleep and ended in the breath of the wake
    const w = this.#woke;
    const breath = 250 * this.#o.clock.scale;
    if (w && s && s.dialledAt < w.slept.at && now - w.at <= breath) return w.slept;
    return null;
  }

  #secure(raw: LineSocket, { host, servername }: OpenOptions): Duplex {
    const name = servername ?? host;
    const stream = tls.connect({
      ...this.#o.tls,
      socket: raw,
      host,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(name) ? {} : { servername: name }),
    });
    let secured = false;
    stream.once('secureConnect', () => (secured = true));
    stream.on('error', (error) => {
      if (!secured) raw.see('tls', error.message);
    });
    countPlaintext(stream, this.#count);
    // a JS stream under TLS has no socket of its own to close: take it along
    stream.once('close', () => raw.destroy());
    return stream;
  }

  readonly #count = (dir: 'in' | 'out', bytes: number): void => {
    if (dir === 'in') this.bytesIn += bytes;
    else this.bytesOut += bytes;
    this.onBytes?.();
  };
}

/** Counts what passes above TLS. A 'data' listener would set the stream flowing, so the two inner doors are watched. */
function countPlaintext(stream: tls.TLSSocket, count: (dir: 'in' | 'out', bytes: number) => void): void {
  const { push, write } = stream;
  stream.push = function (chunk: Buffer | null, encoding?: BufferEncoding) {
    if (chunk) count('in', chunk.length);
    return push.call(stream, chunk, encoding);
  };
  stream.write = function (chunk: string | Uint8Array, ...rest: unknown[]) {
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
    count('out', typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length);
    return (write as (...args: unknown[]) => boolean).call(stream, chunk, ...rest);
  } as typeof stream.write;
}
