/**
 * A lane's sockets, and the only place that dials. It counts bytes, freezes, cuts, goes offline, and tells FIN
 * from RST: http and ws blur the two (ECONNRESET for both, 1006 for both), so evidence is taken here.
 */
import type { Duplex } from 'node:stream';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import tls from 'node:tls';
import type { EndedBy } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Causes, KnownCause } from '../../evidence/causes.ts';
import type { Stall } from '../../time/stall-watch.ts';
import type { ProxyChoice, ProxyRoute } from './proxy-choice.ts';
import { proxyHandshake } from './proxy-handshake.ts';
import { ClientSocket } from './socket.ts';
import { isAlert, tlsFailure } from './tls-error.ts';

/** `secure`: the path is to speak TLS to the target, and the lane speaks plainly to the path. */
export type EnterPath = (
  lane: string,
  host: string,
  port: number,
  secure?: tls.ConnectionOptions & { servername: string },
) => Promise<{ host: string; port: number; shut?: boolean }>;

export interface ClientNetworkOptions {
  lane: string;
  /** The lane's own clock, which sleeps with the line. */
  clock: Clock;
  /** Where to dial so that the connection enters its path: the target's name stays in Host, SNI and Origin. */
  enter: EnterPath;
  /** Whether the path reads HTTP, and so has to be the one that speaks TLS. */
  readsHttp?: (() => boolean) | undefined;
  causes: Causes;
  /** Whether this process has just stood still, in engine time. */
  stall?: (() => Stall | null) | undefined;
  /** Trust, client certificate and name for TLS, as `tls.connect` takes them. */
  tls?: tls.ConnectionOptions;
  /** Which upstream proxy leads to a target; absent: none does. */
  proxy?: ProxyChoice | undefined;
  /** How long a dial may take, ms; absent: the default. */
  connectTimeoutMs?: number | undefined;
  /** A name has several addresses, and not the first of them answered. */
  onFallback?: ((answered: string, failed: string[]) => void) | undefined;
}

export interface DialOptions {
  host: string;
  port: number;
  secure: boolean;
  servername?: string;
  /** Plain requests go to an HTTP proxy whole (RFC 9112, 3.2.2); anything else through a tunnel. */
  wholeRequests?: boolean;
}

/** What is known of a connection once it is over. */
export interface CloseReport {
  /** How long nothing had been received, in ms. */
  silence: number;
  /** When the connection was made; null when it was not. */
  connectedAt: number | null;
  known: KnownCause | null;
}

export class ClientNetwork {
  /** All bytes above TCP since the lane began; with TLS the plaintext. */
  bytesIn = 0;
  bytesOut = 0;
  /** Called whenever bytes have moved. */
  onBytes: (() => void) | null = null;
  /** Called when a connection on which nothing was under way was ended by the other side. */
  onIdleEnd: (() => void) | null = null;
  readonly #options: ClientNetworkOptions;
  #sockets = new Set<ClientSocket>();
  #socketOf = new WeakMap<Duplex, ClientSocket>();
  #asleep = false;
  #offlineSince: number | null = null;
  /** The last wake: what ends right after it ended because the client slept. */
  #lastWake: { slept: KnownCause; at: number } | null = null;
  #frozenAt = 0;
  #newest: ClientSocket | null = null;

  constructor(options: ClientNetworkOptions) {
    this.#options = options;
  }

  /** Dials. What comes back is at once a Duplex: writes wait for the connection. */
  open(options: DialOptions): Duplex {
    const { clock, causes, lane, enter } = this.#options;
    const byPath = options.secure && (this.#options.readsHttp?.() ?? false);
    const host = options.host.replace(/^\[(.*)\]$/, '$1');
    const name = this.#options.tls?.servername ?? options.servername ?? host;
    const secure = { ...this.#options.tls, servername: name };
    const proxy = this.#options.proxy?.({ secure: options.secure, host, port: options.port }) ?? null;
    const tunnel = proxy !== null && !(proxy.kind === 'http' && options.wholeRequests === true);
    const at = proxy ?? options;
    let peer = host;
    const socket = new ClientSocket({
      clock,
      connectTimeoutMs: this.#options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
      resolveAddress: async () => {
        // whoever says socks5 and not socks5h resolves the name here
        if (tunnel && proxy.kind === 'socks5' && isIP(host) === 0) peer = (await lookup(host)).address;
        return enter(lane, at.host, at.port, byPath ? secure : undefined);
      },
      onFallback: this.#options.onFallback,
      ...(tunnel ? { handshake: () => proxyHandshake(proxy, peer, options.port) } : {}),
      takeCause: (port) => causes.take(port),
      onIdleEnd: () => this.onIdleEnd?.(),
      ...(options.secure && !byPath ? {} : { onBytes: this.#count }),
    });
    this.#newest = socket;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setHold('asleep', this.#asleep);
    // not before whoever asked holds what it asked for
    if (this.#offlineSince !== null) process.nextTick(() => socket.failWith('offline', 'the client is offline'));
    else socket.dial();
    const stream = options.secure && !byPath ? this.#wrapTls(socket, options) : socket;
    this.#socketOf.set(stream, socket);
    return stream;
  }

  /** The HTTP proxy that takes this plain request whole; null: none does. */
  proxyOfRequest(url: string): ProxyRoute | null {
    const { protocol, hostname, port } = new URL(url);
    if (protocol !== 'http:') return null;
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const proxy = this.#options.proxy?.({ secure: false, host, port: Number(port) || 80 }) ?? null;
    return proxy?.kind === 'http' ? proxy : null;
  }

  /** The raw end under a stream that `open` gave. */
  socketOf(stream: Duplex | null | undefined): ClientSocket | null {
    return (stream && this.#socketOf.get(stream)) ?? null;
  }

  /** The connection dialled last. */
  get newest(): ClientSocket | null {
    return this.#newest;
  }

  /** Nothing is read, written or timed until `thaw`; bytes, FIN and RST wait, and are then handled in that order. */
  freeze(): void {
    this.#asleep = true;
    this.#frozenAt = this.#options.clock.now();
    for (const s of this.#sockets) s.setHold('asleep', true);
  }

  /** Ends the freeze; call after the lane's clock has thawed, as an event loop looks at its timers first. */
  thaw(): void {
    this.#asleep = false;
    for (const s of this.#sockets) s.setHold('asleep', false);
  }

  /** Ends right after this are attributed to the sleep. */
  markWake(): void {
    const at = this.#options.clock.now();
    this.#lastWake = { at, slept: { cause: 'client-sleep', by: 'client', at: this.#frozenAt } };
  }

  get offline(): boolean {
    return this.#offlineSince !== null;
  }

  /** Open connections carry nothing either way (TCP keeps the bytes, should the network come back in time); new ones fail at once. */
  setOffline(offline: boolean): void {
    if (offline === this.offline) return;
    this.#offlineSince = offline ? this.#options.clock.now() : null;
    for (const s of this.#sockets) s.setHold('offline', offline);
  }

  cut(end: 'fin' | 'rst'): void {
    for (const s of this.#sockets) s.cut(end);
  }

  /** What is known of the end of the newest connection. Takes the entry from `Causes`. */
  closeReport(): CloseReport {
    const now = this.#options.clock.now();
    const s = this.#newest;
    const since = s?.lastByteAt ?? s?.dialledAt ?? now;
    const known = s?.takeKnownCause() ?? null;
    return {
      silence: Math.max(0, Math.round(now - since)),
      connectedAt: s?.connectedAt ?? null,
      known: known ?? this.#clientCause(s, now),
    };
  }

  destroy(): void {
    for (const s of this.#sockets) s.destroy();
    this.#newest = null;
  }

  #clientCause(s: ClientSocket | null, now: number): KnownCause | null {
    if (this.#offlineSince !== null) {
      const by: EndedBy = 'client';
      return { cause: 'offline', by, at: Math.max(this.#offlineSince, s?.dialledAt ?? 0) };
    }
    // it began before the sleep and ended right after the wake
    const wake = this.#lastWake;
    const graceMs = 250 * this.#options.clock.scale;
    if (wake && s && s.dialledAt < wake.slept.at && now - wake.at <= graceMs) return wake.slept;
    const stall = this.#options.stall?.();
    return stall && s && s.dialledAt < stall.to ? { cause: 'stood-still', by: 'client', at: stall.from } : null;
  }

  #wrapTls(socket: ClientSocket, { host, servername }: DialOptions): Duplex {
    const name = this.#options.tls?.servername ?? servername ?? host;
    const stream = tls.connect({
      ...this.#options.tls,
      socket: socket,
      host: name,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(name) ? { servername: undefined } : { servername: name }),
    });
    let secured = false;
    stream.once('secureConnect', () => (secured = true));
    stream.on('error', (error: Error) => {
      if (!secured || isAlert(error)) socket.noteEvidence('tls', tlsFailure(error));
    });
    countPlaintext(stream, this.#count);
    // a JS stream under TLS has no socket of its own to close: take it along
    stream.once('close', () => socket.destroy());
    return stream;
  }

  readonly #count = (dir: 'in' | 'out', bytes: number): void => {
    if (dir === 'in') this.bytesIn += bytes;
    else this.bytesOut += bytes;
    this.onBytes?.();
  };
}

/** Counts what passes above TLS. A 'data' listener would set the stream flowing, so push and write are wrapped. */
function countPlaintext(stream: tls.TLSSocket, count: (dir: 'in' | 'out', bytes: number) => void): void {
  const push = stream.push.bind(stream);
  // cast: `write` is passed on as it was called
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.push = function (chunk: Buffer | null, encoding?: BufferEncoding) {
    if (chunk) count('in', chunk.length);
    return push(chunk, encoding);
  };
  stream.write = function (chunk: string | Uint8Array, ...rest: unknown[]) {
    // cast: a text in second place is an encoding
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
    count('out', typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length);
    return write(chunk, ...rest);
  };
}
