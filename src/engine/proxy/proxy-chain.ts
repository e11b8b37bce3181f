import { isIPv6, type Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../evidence/causes.ts';
import type { CloseCommand, ClosedInfo } from './tcp/faults/fault.ts';
import { Hops } from './hops.ts';
import { HttpConnection } from './http/connection.ts';
import type { Upstream, UpstreamSocket } from './http/upstream.ts';
import { dial, wrapTls, type SocketPairFactory, type TlsTarget } from './socket-pair.ts';
import type { TcpConnection } from './tcp/connection.ts';
import type { Layers } from './layers.ts';
import type { AppliedStep } from './tcp/pipeline.ts';
import { Traffic, type TrafficHistory } from './tcp/traffic.ts';

/** The target of a lane's connection. */
export interface ConnectionTarget {
  lane: string | null;
  host: string;
  port: number;
  /** The path speaks TLS to it; null: whatever comes is passed on. */
  secure: TlsTarget | null;
}

export interface ProxyChainSetup {
  id: number;
  target: ConnectionTarget;
  /** The accepted socket, nearest the client. */
  downstream: Socket;
  /** As they are now. */
  layers(): Layers;
  /** How many intermediaries this connection goes through, for as long as it lives. */
  length: number;
  socketPairs: SocketPairFactory;
  clock: Clock;
  /** A random stream for one part of the connection. */
  random(part: string): Random;
  causes: Causes;
  /** What the intermediary at this place remembers of this target. */
  store(place: number): Map<string, unknown>;
  onFaultFired: (step: AppliedStep | null, closed: ClosedInfo) => void;
  onNotice: (code: string, message: string) => void;
  /** The client is gone. */
  onClose(): void;
  /** Everything is gone: an exchange may outlive its client. */
  onGone(): void;
}

/**
 * One client's connection through intermediaries. Between two of them, and at either end, byte faults act on a hop: a
 * TcpConnection between two real sockets. A hop is inserted when first needed, also into a live connection; bytes in
 * flight keep their order.
 */
export class ProxyChain {
  readonly id: number;
  readonly lane: string | null;
  readonly length: number;
  #traffic: Traffic;
  #setup: ProxyChainSetup;
  #first: HttpConnection | TcpConnection | null = null;
  #intermediaries = new Map<HttpConnection, number>();
  #hops: Hops;
  #hasClientHop = false;
  #destroyed = false;
  #closed = false;

  constructor(setup: ProxyChainSetup) {
    this.#setup = setup;
    this.id = setup.id;
    this.lane = setup.target.lane;
    this.length = setup.length;
    this.#traffic = new Traffic(setup.clock);
    this.#hops = new Hops({
      ...setup,
      lane: this.lane,
      onHopGone: () => this.#finishIfGone(),
      onFailure: () => this.destroy(),
    });
    setup.downstream.on('error', () => {}); // until somebody listens
    void this.#start(setup.downstream);
  }

  get over(): boolean {
    return this.#first?.over ?? this.#destroyed;
  }

  /** Of the hop or intermediary nearest the client. */
  get traffic(): TrafficHistory {
    const { openedAt } = this.#traffic;
    const { lastByteAt, bytes } = this.#first?.traffic ?? this.#traffic;
    return { openedAt, lastByteAt, bytes };
  }

  /** Requests from now on meet these policies; bytes these faults, where they can. @returns how many hops cannot be inserted */
  apply(layers: Layers): number {
    for (const [http, place] of this.#intermediaries) http.apply(layers.intermediaries[place] ?? []);
    this.#hops.apply(layers);
    let opaque = 0;
    for (const [http, place] of this.#intermediaries) {
      if (place === 0 && !this.#hasClientHop && this.#hops.neededAt(0)) this.#insertHopBefore(http);
      if (!this.#hops.neededAt(place + 1)) continue;
      opaque += http.opaqueCount;
      for (const up of http.upstreams) if (!up.hasHop) this.#insertHopBehind(http, place, up);
    }
    return opaque;
  }

  /** Ends the connection from outside, such as a cut. */
  end(command: CloseCommand): void {
    if (this.#first) this.#first.end(command);
    else this.destroy();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#setup.downstream.destroy();
    for (const http of [...this.#intermediaries.keys()]) http.destroy();
    this.#hops.destroy();
    this.#finishIfGone();
  }

  /** Through a hop where there are faults before the first intermediary. */
  async #start(down: Socket): Promise<void> {
    if (!this.#hops.neededAt(0)) {
      this.#setup.causes.forget(down.remotePort ?? 0);
      return this.#addIntermediary(0, down);
    }
    try {
      this.#hasClientHop = true;
      const { near, far } = await this.#hops.pair();
      this.#hops.add(0, down, near);
      this.#addIntermediary(0, far);
    } catch {
      this.destroy(); // no hop: the machine has no ports or files left
    }
  }

  #addIntermediary(place: number, downstream: Socket): void {
    if (this.#destroyed) return void downstream.destroy();
    const { clock, causes, onFaultFired, onNotice } = this.#setup;
    const randomName = place > 0 ? `http ${place}` : this.#hasClientHop ? 'http' : '';
    const { host, port } = this.#setup.target;
    const http: HttpConnection = new HttpConnection({
      id: this.id,
      lane: this.lane,
      downstream,
      authority: `${isIPv6(host) ? `[${host}]` : host}:${port}`,
      store: this.#setup.store(place),
      dial: (unread) => this.#dial(http, place, unread),
      ...(place + 1 === this.length
        ? { passThroughTls: (socket: Socket) => this.#passThroughTls(http, place, socket) }
        : {}),
      steps: this.#setup.layers().intermediaries[place] ?? [],
      clock,
      random: this.#setup.random(randomName),
      causes,
      onFaultFired,
      onNotice,
      onClose: () => {
        this.#intermediaries.delete(http);
        if (place === 0) this.#close();
        this.#finishIfGone();
      },
    });
    if (place === 0) this.#first = http;
    this.#intermediaries.set(http, place);
  }

  /** TLS that no intermediary can read goes on as bytes do: resets, half-closes and all. */
  #passThroughTls(http: HttpConnection, place: number, down: Socket): void {
    const { host, port } = this.#setup.target;
    const hop = this.#hops.add(place + 1, down, { host, port }, http.traffic.withoutBytes);
    if (place === 0) this.#first = hop;
    this.#intermediaries.delete(http);
  }

  /** From the intermediary at this place to whatever is next. */
  async #dial(http: HttpConnection, place: number, tlsPassthrough: boolean): Promise<UpstreamSocket> {
    const { host, port, secure } = this.#setup.target;
    const hopBehind = this.#hops.neededAt(place + 1);
    const last = place + 1 === this.length;
    const upstreamSocket = (raw: Socket): UpstreamSocket => ({
      raw,
      socket: secure && last && !tlsPassthrough ? wrapTls(raw, secure) : raw,
      hasHop: hopBehind,
    });
    if (last && !hopBehind) return upstreamSocket(dial(host, port));
    const { near, far } = await this.#hops.pair();
    this.#setup.causes.forget(near.localPort!);
    this.#setup.causes.link(near.localPort!, http.port);
    if (last) this.#hops.add(place + 1, far, { host, port });
    else if (!hopBehind) this.#addIntermediary(place + 1, far);
    else {
      const next = await this.#hops.pair();
      this.#hops.add(place + 1, far, next.near);
      this.#addIntermediary(place + 1, next.far);
    }
    return upstreamSocket(near);
  }

  /** Between a client that is there and its intermediary. */
  #insertHopBefore(http: HttpConnection): void {
    if (!http.canReplaceSocket) return;
    this.#hasClientHop = true;
    this.#hops.insert(http, ({ near, far }) => {
      if (!http.canReplaceSocket) return false;
      this.#hops.add(0, http.replaceSocket(far), near, http.traffic);
      return true;
    });
  }

  /** Between an intermediary and a connection of its own that is there. */
  #insertHopBehind(http: HttpConnection, place: number, up: Upstream): void {
    up.hasHop = true;
    up.whenConnected(() =>
      this.#hops.insert(up, ({ near, far }) => {
        if (!up.alive) return false;
        this.#setup.causes.link(near.localPort!, http.port);
        this.#hops.add(place + 1, far, up.replaceSocket(near), http.traffic.withoutBytes);
        return true;
      }),
    );
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#setup.onClose();
  }

  #finishIfGone(): void {
    if (this.#intermediaries.size > 0 || this.#hops.size > 0) return;
    if (!this.#first && !this.#destroyed) return;
    this.#close();
    this.#setup.onGone();
  }
}
