import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../causes.ts';
import type { Direction, EndOrder, EndTold } from '../faults/fault.ts';
import { HttpConnection } from './http/connection.ts';
import type { Upstream } from './http/upstream.ts';
import { dial, overTls, type Dialled, type Seam, type Secure } from './joint.ts';
import { Link } from './link.ts';
import { bytesAt, type Layers } from './steps.ts';
import type { Stage } from './stretch.ts';

/** Where a lane's connection is bound for. */
export interface Bound {
  lane: string | null;
  host: string;
  port: number;
  /** The path speaks TLS to it; null: whatever comes is passed on. */
  secure: Secure | null;
}

export interface ChainSetup {
  id: number;
  to: Bound;
  /** The accepted socket, nearest the client. */
  down: Socket;
  /** As they are now. */
  layers(): Layers;
  /** How many intermediaries this connection goes through, for as long as it lives. */
  length: number;
  seam: Seam;
  clock: Clock;
  /** A stream for one part of the connection. */
  random(part: string): Random;
  causes: Causes;
  /** What the intermediary at this place remembers of this target. */
  store(place: number): Map<string, unknown>;
  onFire(stage: Stage | null, told: EndTold): void;
  onNotice(code: string, message: string): void;
  /** The client is gone. */
  onClose(): void;
  /** Everything is gone: an exchange may outlive its client. */
  onGone(): void;
}

/**
 * One client's connection through intermediaries. Between two of them, and at either end, byte faults act on a leg: a link
 * between two real sockets. A leg is laid when it is first needed, also into a connection that lives; what is on its way
 * keeps its order.
 */
export class Chain {
  readonly id: number;
  readonly lane: string | null;
  readonly length: number;
  readonly openedAt: number;
  #set: ChainSetup;
  #first: HttpConnection | Link | null = null;
  #intermediaries = new Map<HttpConnection, number>();
  #legs = new Map<Link, number>();
  /** Legs that are being laid, by what they come behind. */
  #laying = new Set<object>();
  #clientLeg = false;
  #destroyed = false;
  #closed = false;

  constructor(setup: ChainSetup) {
    this.#set = setup;
    this.id = setup.id;
    this.lane = setup.to.lane;
    this.length = setup.length;
    this.openedAt = setup.clock.now();
    setup.down.on('error', () => {}); // until somebody listens
    void this.#enter(setup.down);
  }

  get over(): boolean {
    return this.#first?.over ?? this.#destroyed;
  }

  get lastByteAt(): Record<Direction, number> {
    return this.#first?.lastByteAt ?? { up: this.openedAt, down: this.openedAt };
  }

  get bytes(): Record<Direction, number> {
    return this.#first?.bytes ?? { up: 0, down: 0 };
  }

  /** Requests from now on meet these policies; bytes these faults, where they can. @returns legs that cannot be laid */
  apply(layers: Layers): number {
    for (const [http, place] of this.#intermediaries) http.apply(layers.intermediaries[place] ?? []);
    for (const [leg, place] of this.#legs) leg.apply(bytesAt(layers, place, this.length));
    let sealed = 0;
    for (const [http, place] of this.#intermediaries) {
      const needed = bytesAt(layers, place + 1, this.length).length > 0;
      if (place === 0 && !this.#clientLeg && bytesAt(layers, 0, this.length).length > 0) this.#layBefore(http);
      if (!needed) continue;
      sealed += http.sealed;
      for (const up of http.upstreams) if (!up.legged) this.#layBehind(http, place, up);
    }
    return sealed;
  }

  /** Ends the connection from outside, such as a cut. */
  end(order: EndOrder): void {
    if (this.#first) this.#first.end(order);
    else this.destroy();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#set.down.destroy();
    for (const http of [...this.#intermediaries.keys()]) http.destroy();
    for (const leg of [...this.#legs.keys()]) leg.destroy();
    this.#part();
  }

  /** Through a leg where there are faults before the first intermediary. */
  async #enter(down: Socket): Promise<void> {
    if (bytesAt(this.#set.layers(), 0, this.length).length === 0) {
      this.#set.causes.forget(down.remotePort ?? 0);
      return this.#mediate(0, down);
    }
    try {
      this.#clientLeg = true;
      const { near, far } = await this.#pair();
      this.#leg(0, down, near);
      this.#mediate(0, far);
    } catch {
      this.destroy(); // it could not be laid: the machine has no ports or files left
    }
  }

  #mediate(place: number, down: Socket): void {
    if (this.#destroyed) return void down.destroy();
    const { clock, causes, onFire, onNotice } = this.#set;
    const part = place > 0 ? `http ${place}` : this.#clientLeg ? 'http' : '';
    const http: HttpConnection = new HttpConnection({
      id: this.id,
      lane: this.lane,
      down,
      store: this.#set.store(place),
      dial: (unread) => this.#dial(http, place, unread),
      ...(place + 1 === this.length ? { unread: (socket: Socket) => this.#passUnread(http, place, socket) } : {}),
      stages: this.#set.layers().intermediaries[place] ?? [],
      clock,
      random: this.#set.random(part),
      causes,
      onFire,
      onNotice,
      onClose: () => {
        this.#intermediaries.delete(http);
        if (place === 0) this.#close();
        this.#part();
      },
    });
    if (place === 0) this.#first = http;
    this.#intermediaries.set(http, place);
  }

  /** TLS that no intermediary can read goes on as bytes do: resets, half-closes and all. */
  #passUnread(http: HttpConnection, place: number, down: Socket): void {
    const { openedAt, lastByteAt } = http;
    const { host, port } = this.#set.to;
    const leg = this.#leg(place + 1, down, { host, port }, { openedAt, lastByteAt, bytes: { up: 0, down: 0 } });
    if (place === 0) this.#first = leg;
    this.#intermediaries.delete(http);
  }

  /** From the intermediary at this place to whatever is next. */
  async #dial(http: HttpConnection, place: number, unread: boolean): Promise<Dialled> {
    const { host, port, secure } = this.#set.to;
    const behind = bytesAt(this.#set.layers(), place + 1, this.length).length > 0;
    const last = place + 1 === this.length;
    const overNext = (raw: Socket): Dialled => ({
      raw,
      socket: secure && last && !unread ? overTls(raw, secure) : raw,
      leg: behind,
    });
    if (last && !behind) return overNext(dial(host, port));
    const { near, far } = await this.#pair();
    this.#set.causes.forget(near.localPort!);
    this.#set.causes.link(near.localPort!, http.port);
    if (last) this.#leg(place + 1, far, { host, port });
    else if (!behind) this.#mediate(place + 1, far);
    else {
      const next = await this.#pair();
      this.#leg(place + 1, far, next.near);
      this.#mediate(place + 1, next.far);
    }
    return overNext(near);
  }

  /** Between a client that is there and its intermediary. */
  #layBefore(http: HttpConnection): void {
    if (!http.seatable || this.#laying.has(http)) return;
    this.#clientLeg = true;
    this.#lay(http, ({ near, far }) => {
      if (!http.seatable) return false;
      const { openedAt, lastByteAt, bytes } = http;
      this.#leg(0, http.reseat(far), near, { openedAt, lastByteAt, bytes });
      return true;
    });
  }

  /** Between an intermediary and a connection of its own that is there. */
  #layBehind(http: HttpConnection, place: number, up: Upstream): void {
    up.legged = true;
    up.whenConnected(() =>
      this.#lay(up, ({ near, far }) => {
        if (!up.alive) return false;
        const { openedAt, lastByteAt } = http;
        this.#set.causes.link(near.localPort!, http.port);
        this.#leg(place + 1, far, up.reseat(near), { openedAt, lastByteAt, bytes: { up: 0, down: 0 } });
        return true;
      }),
    );
  }

  /** @param seat takes the sockets in, or says that it is too late */
  #lay(behind: object, seat: (pair: { near: Socket; far: Socket }) => boolean): void {
    this.#laying.add(behind);
    void this.#pair().then(
      (pair) => {
        this.#laying.delete(behind);
        if (seat(pair)) return;
        pair.near.destroy();
        pair.far.destroy();
      },
      () => this.destroy(),
    );
  }

  #leg(
    place: number,
    down: Socket,
    target: Socket | { host: string; port: number },
    since?: { openedAt: number; lastByteAt: Record<Direction, number>; bytes: Record<Direction, number> },
  ): Link {
    const { clock, causes, onFire, onNotice } = this.#set;
    const leg = new Link({
      id: this.id,
      lane: this.lane,
      down,
      target,
      knownPort: place > 0,
      ...(since ? { since } : {}),
      stages: bytesAt(this.#set.layers(), place, this.length),
      clock,
      random: this.#set.random(place === 0 ? 'before' : place === this.length ? 'after' : `between ${place}`),
      causes,
      onFire,
      onNotice,
      onClose: () => {
        this.#legs.delete(leg);
        this.#part();
      },
    });
    this.#legs.set(leg, place);
    return leg;
  }

  async #pair(): Promise<{ near: Socket; far: Socket }> {
    const pair = await this.#set.seam.pair();
    if (!this.#destroyed) return pair;
    pair.near.destroy();
    pair.far.destroy();
    throw new Error('The connection is gone.');
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#set.onClose();
  }

  #part(): void {
    if (this.#intermediaries.size > 0 || this.#legs.size > 0 || this.#laying.size > 0) return;
    if (!this.#first && !this.#destroyed) return;
    this.#close();
    this.#set.onGone();
  }
}
