import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../causes.ts';
import { strikes } from '../../faults/common.ts';
import type { Direction, EndOrder, EndTold, SideEnd } from '../../faults/fault.ts';
import { endSide } from '../endings.ts';
import type { Dialled } from '../joint.ts';
import type { Stage } from '../stretch.ts';
import { HttpExchange, type Host } from './exchange.ts';
import { BodyReader, headEnd, Malformed, parseRequest, requestFraming, writeHead } from './framing.ts';
import { isPolicy } from './policy.ts';
import { Upstream } from './upstream.ts';

export interface HttpSetup {
  id: number;
  lane: string | null;
  /** The accepted socket, on the client's side. */
  down: Socket;
  /** A connection to the origin, which may still be on its way. `unread`: bytes go to it that nobody here has read. */
  dial(unread: boolean): Promise<Dialled>;
  /** Policies, nearest the client first. */
  /** Takes over a connection that turns out to be TLS, before anything is dialled; without it, bytes are piped. */
  unread?(down: Socket): void;
  stages: readonly Stage[];
  clock: Clock;
  random: Random;
  causes: Causes;
  /** What all connections to this origin share. */
  store: Map<string, unknown>;
  onFire(stage: Stage | null, told: EndTold): void;
  onNotice(code: string, message: string): void;
  onClose(): void;
}

const NOTHING = Buffer.alloc(0);
/** Requests a client sends ahead of their turn wait, up to this many bytes. */
const AHEAD_LIMIT = 64 * 1024;
/** The first byte of a TLS record (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;
/** Real milliseconds after which a client has surely noticed that it is connected. */
const SEEN_AFTER_MS = 20;

/** One client connection of the HTTP intermediary: its requests one after another, each an exchange with the origin. */
export class HttpConnection implements Host {
  readonly id: number;
  readonly lane: string | null;
  readonly clock: Clock;
  readonly store: Map<string, unknown>;
  readonly openedAt: number;
  readonly lastByteAt: Record<Direction, number>;
  readonly bytes: Record<Direction, number> = { up: 0, down: 0 };
  over = false;
  deaf = false;
  stages: readonly Stage[] = [];
  #set: HttpSetup;
  #down: Socket;
  #port: number;
  #in: Buffer = NOTHING;
  #exchange: HttpExchange | null = null;
  #body: BodyReader | null = null;
  #tunnel = false;
  /** Why the last connection to the origin failed. */
  #unreachable = '';
  /** TLS, piped from socket to socket. */
  #unread = false;
  #left = false;
  #count = 0;
  #spare: Upstream | null = null;
  #ups = new Set<Upstream>();
  #idle: Cancel = () => {};
  #ending: Cancel = () => {};
  #reads = true;

  constructor(setup: HttpSetup) {
    this.#set = setup;
    this.id = setup.id;
    this.lane = setup.lane;
    this.clock = setup.clock;
    this.store = setup.store;
    this.#down = setup.down;
    this.#port = setup.down.remotePort ?? 0;
    this.openedAt = this.clock.now();
    this.lastByteAt = { up: this.openedAt, down: this.openedAt };
    setup.causes.clear(this.#port);
    this.apply(setup.stages);
    this.#listen(setup.down);
    this.#await();
  }

  /** Requests from now on meet these policies. */
  apply(stages: readonly Stage[]): void {
    this.stages = stages.filter((s) => strikes(s.params, this.lane, this.#set.random.fork(s.key)));
  }

  /** Something may come between it and its client: it lives, and what it says is its own. */
  get seatable(): boolean {
    return !this.over && !this.#unread && !this.#down.destroyed;
  }

  /** From now on the client is at the other end of this socket. @returns the one it was at, which now waits */
  reseat(socket: Socket): Socket {
    const old = this.#down;
    old.pause();
    this.#unlisten(old);
    this.#down = socket;
    this.#listen(socket);
    if (!this.#reads) socket.pause();
    this.#exchange?.clientDrained(); // nothing waits in it yet
    return old;
  }

  /** Its connections to the origin that something may come between. */
  get upstreams(): Upstream[] {
    return this.#unread ? [] : [...this.#ups].filter((up) => up.alive && !up.encrypted);
  }

  /** How many of them nothing can come between: what is said on them is encrypted, or not read at all. */
  get sealed(): number {
    return this.#unread ? 1 : [...this.#ups].filter((up) => up.encrypted).length;
  }

  /** As the client's side of the path knows it. */
  get port(): number {
    return this.#port;
  }

  /** Ends the connection from outside, such as a cut. */
  end(order: EndOrder): void {
    if (this.over) return;
    this.#exchange?.drop(order.server);
    this.endClient(order.client, order);
  }

  destroy(): void {
    this.over = true;
    this.#exchange?.destroy();
    this.#exchange = null;
    this.#stop();
    for (const up of this.#ups) up.destroy();
    this.#down.destroy();
  }

  // ---- what an exchange asks for

  write(bytes: Uint8Array | string): boolean {
    if (this.deaf || this.over || this.#down.destroyed || this.#down.writableEnded) return true;
    return typeof bytes === 'string' ? this.#down.write(bytes, 'latin1') : this.#down.write(bytes);
  }

  async upstream(): Promise<Upstream> {
    const spare = this.#spare;
    this.#spare = null;
    if (spare?.alive) return spare;
    const { socket, raw, leg } = await this.#set.dial(this.#unread);
    this.#unreachable = '';
    socket.once('error', (e: NodeJS.ErrnoException) => (this.#unreachable = e.code ?? e.message));
    const up = new Upstream(socket, raw);
    up.legged = leg;
    this.#ups.add(up);
    up.closed = () => {
      this.#ups.delete(up);
      if (this.#spare === up) this.#spare = null;
    };
    const link = (): void => this.#set.causes.link(raw.localPort!, this.#port);
    if (raw.connecting) raw.once('connect', link);
    else link();
    return up;
  }

  spare(up: Upstream): void {
    if (this.over || this.#spare?.alive) up.end('fin', this.clock);
    else this.#spare = up;
  }

  saw(dir: Direction, bytes: number): void {
    const now = this.clock.now();
    if (dir === 'up') {
      this.lastByteAt.up = now;
      this.bytes.up += bytes;
    } else {
      this.lastByteAt.down = now;
      this.bytes.down += bytes;
    }
  }

  flow(on: boolean): void {
    this.#reads = on;
    if (on) this.#down.resume();
    else this.#down.pause();
  }

  finished(keep: boolean): void {
    this.#exchange = null;
    this.#body = null;
    if (!keep || this.#left) return this.endClient('fin', null);
    this.flow(true);
    this.#await();
    if (this.#in.length > 0) process.nextTick(this.#pump);
  }

  endClient(how: SideEnd, told: EndTold | null, stage: Stage | null = null): void {
    if (this.over) return;
    this.over = true;
    this.#exchange = null;
    if (told) this.fired(stage, told);
    this.#stop();
    this.#spare?.end('fin', this.clock);
    this.#spare = null;
    if (this.#unread) for (const up of this.#ups) up.destroy();
    if (this.#down.destroyed) return this.#closed();
    const young = SEEN_AFTER_MS - (this.clock.now() - this.openedAt) / this.clock.scale;
    this.#ending = endSide(this.#down, how, this.clock, Math.max(1, young), false);
  }

  /** An answer or a clean end of the intermediary's own: the connection may live on. */
  fired(stage: Stage | null, told: EndTold): void {
    this.#set.causes.note(this.#port, { cause: told.cause, by: 'path', at: this.clock.now() });
    const why = told.cause === 'target-unreachable' ? this.#unreachable : '';
    const known = why === '' || told.detail?.includes(why);
    this.#set.onFire(stage, known ? told : { ...told, detail: told.detail ? `${told.detail} (${why})` : why });
  }

  tunnel(): void {
    this.#tunnel = true;
    const rest = this.#in;
    this.#in = NOTHING;
    if (rest.length > 0) this.#exchange?.tunnelFromClient(rest);
  }

  // ---- what the client does

  #onData = (bytes: Buffer): void => {
    this.saw('up', bytes.length);
    if (this.#tunnel) return this.#exchange?.tunnelFromClient(bytes);
    if (this.#count === 0 && this.#in.length === 0 && bytes[0] === TLS_HANDSHAKE) return this.#opaque(bytes);
    this.#in = this.#in.length > 0 ? Buffer.concat([this.#in, bytes]) : bytes;
    this.#pump();
  };

  #pump = (): void => {
    try {
      while (this.#in.length > 0 && !this.over && !this.#tunnel && this.#step());
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      this.#refuse(e);
    }
  };

  /** Takes one part of what has come. False: nothing more can be made of it now. */
  #step(): boolean {
    if (this.#exchange && this.#body && !this.#body.done) {
      const exchange = this.#exchange;
      const n = this.#body.read(this.#in, (payload) => exchange.fromClient(payload));
      this.#in = this.#in.subarray(n);
      if (this.#body.done) exchange.clientDone();
      return this.#body.done;
    }
    if (this.#exchange) {
      if (this.#in.length > AHEAD_LIMIT) this.flow(false);
      return false;
    }
    if (this.#in[0] === 13 && this.#in[1] === 10) {
      this.#in = this.#in.subarray(2); // RFC 9112, 2.2: an empty line before a request is ignored
      return true;
    }
    const end = headEnd(this.#in);
    if (end < 0) return false;
    const head = parseRequest(this.#in.subarray(0, end));
    this.#in = this.#in.subarray(end);
    this.#begin(head);
    return true;
  }

  #begin(head: ReturnType<typeof parseRequest>): void {
    this.#idle();
    this.#set.causes.clear(this.#port);
    if (head.method === 'CONNECT') throw new Malformed('There are no tunnels to other hosts here.', 501);
    this.#body = new BodyReader(requestFraming(head));
    const exchange = new HttpExchange(this, head, this.#body, this.#set.random.fork(`x${this.#count++}`));
    this.#exchange = exchange;
    exchange.start().catch((error: unknown) => {
      this.#set.onNotice('policy-broke', `An HTTP policy failed and its connection was reset: ${String(error)}`);
      if (this.#exchange === exchange) this.end({ client: 'rst', server: 'rst', cause: 'cut' });
    });
  }

  #refuse({ status, message }: Malformed): void {
    this.#exchange?.drop('fin');
    const body = `${message}\n`;
    this.write(
      writeHead(`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, [
        ['Content-Type', 'text/plain'],
        ['Content-Length', String(body.length)],
        ['Connection', 'close'],
      ]) + body,
    );
    this.endClient('fin', null);
  }

  /** TLS goes through unread, as through a CONNECT tunnel: no policy can see into it. */
  #opaque(bytes: Buffer): void {
    this.#idle();
    this.#tunnel = this.#unread = true;
    if (this.stages.length > 0) {
      this.#set.onNotice(
        'path-cannot-read-tls',
        'A TLS connection passes unread: the policies of this path act on plain HTTP.',
      );
    }
    const down = this.#down;
    if (this.#set.unread) {
      down.pause();
      this.#unlisten(down);
      down.unshift(bytes);
      return this.#set.unread(down);
    }
    void this.upstream().then(({ socket: up }) => {
      this.#down.off('data', this.#onData);
      this.#down.off('end', this.#onEnd);
      up.removeAllListeners('data').removeAllListeners('end');
      up.on('data', (b: Buffer) => this.saw('down', b.length));
      this.#down.on('data', (b: Buffer) => this.saw('up', b.length));
      up.on('error', () => this.#down.destroy());
      if (this.over) return void up.destroy();
      this.#down.on('error', () => up.destroy());
      up.write(bytes);
      up.pipe(this.#down);
      this.#down.pipe(up);
    });
    this.#down.pause();
  }

  #listen(down: Socket): void {
    down.on('data', this.#onData);
    down.on('end', this.#onEnd);
    down.on('drain', this.#onDrain);
    down.on('error', this.#onError);
    down.on('close', this.#closed);
  }

  #unlisten(down: Socket): void {
    down.off('data', this.#onData);
    down.off('end', this.#onEnd);
    down.off('drain', this.#onDrain);
    down.off('error', this.#onError);
    down.off('close', this.#closed);
  }

  #onDrain = (): void => this.#exchange?.clientDrained();

  #onEnd = (): void => {
    if (this.#left) return; // told again by a leg that came between
    this.#left = true;
    if (this.over) return;
    if (this.#exchange) this.#exchange.left('fin');
    else this.endClient('fin', null);
  };

  #onError = (): void => {
    this.deaf = true;
    this.#left = true;
    if (this.over) return;
    if (this.#exchange) this.#exchange.left('rst');
    else this.endClient('rst', null);
  };

  /** Between requests the connection is kept for as long as the policies say. */
  #await(): void {
    let least: number | null = null;
    for (const { fault, params } of this.stages) {
      const ms = isPolicy(fault) ? (fault.http.keepAliveMs?.(params, 'proxy') ?? null) : null;
      if (ms !== null && ms > 0 && (least === null || ms < least)) least = ms;
    }
    this.#idle();
    if (least !== null) this.#idle = this.clock.after(least, () => this.endClient('fin', null));
  }

  #stop(): void {
    this.#idle();
    this.#ending();
    this.#down.off('data', this.#onData);
    this.#down.off('end', this.#onEnd);
    if (!this.#reads) this.#down.resume();
  }

  #closed = (): void => {
    if (!this.#down.destroyed) return;
    // An exchange may go on without its client, until its origin has answered.
    if (this.#exchange && !this.over) {
      this.deaf = true;
      this.#exchange.left('rst');
      if (!this.over) return;
    }
    this.over = true;
    this.#stop();
    this.#set.onClose();
  };
}
