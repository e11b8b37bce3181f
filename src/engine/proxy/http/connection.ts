import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import { appliesTo } from '../tcp/faults/common-params.ts';
import type { Direction, CloseCommand, ClosedInfo, CloseMode } from '../tcp/faults/fault.ts';
import { endSocket } from '../tcp/end-socket.ts';
import type { UpstreamSocket } from '../socket-pair.ts';
import type { AppliedStep } from '../tcp/pipeline.ts';
import { HttpExchange, type ClientConnection } from './exchange.ts';
import { normalizeLength, requestFraming } from './body-framing.ts';
import { BodyReader } from './body-reader.ts';
import { MalformedMessage, writeHead, type RequestHead } from './framing.ts';
import { headEnd, parseRequest } from './parse-head.ts';
import { resolveTarget } from './request-target.ts';
import { isPolicy } from './policy.ts';
import { Upstream } from './upstream.ts';

export interface HttpConnectionSetup {
  id: number;
  lane: string | null;
  /** The accepted socket, on the client's side. */
  downstream: Socket;
  /** Host and port of the target: the Host of a request that came without. */
  authority: string;
  /** A connection to the origin, which may still be on its way. `unread`: bytes go to it that nobody here has read. */
  dial(unread: boolean): Promise<UpstreamSocket>;
  /** Takes over a connection that turns out to be TLS, before anything is dialled; without it, bytes are piped. */
  passThroughTls?(down: Socket): void;
  steps: readonly AppliedStep[];
  clock: Clock;
  random: Random;
  causes: Causes;
  /** What all connections to this origin share. */
  store: Map<string, unknown>;
  onFaultFired(step: AppliedStep | null, closed: ClosedInfo): void;
  onNotice(code: string, message: string): void;
  onClose(): void;
}

const EMPTY = Buffer.alloc(0);
/** Pipelined requests wait, up to this many bytes. */
const PIPELINED_LIMIT = 64 * 1024;
/** The first byte of a TLS record (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;
/** Real milliseconds after which a client has surely seen its connect succeed. */
const CONNECT_GRACE_MS = 20;

/** One client connection of the HTTP intermediary: its requests one after another, each an exchange with the origin. */
export class HttpConnection implements ClientConnection {
  readonly id: number;
  readonly lane: string | null;
  readonly clock: Clock;
  readonly store: Map<string, unknown>;
  readonly openedAt: number;
  readonly lastByteAt: Record<Direction, number>;
  readonly bytes: Record<Direction, number> = { up: 0, down: 0 };
  over = false;
  clientGone = false;
  steps: readonly AppliedStep[] = [];
  #setup: HttpConnectionSetup;
  #downstream: Socket;
  #port: number;
  #input: Buffer = EMPTY;
  #exchange: HttpExchange | null = null;
  #body: BodyReader | null = null;
  #tunnel = false;
  /** Why the last connection to the origin failed. */
  #unreachable = '';
  /** TLS, piped from socket to socket. */
  #tlsPassthrough = false;
  #clientLeft = false;
  #requestCount = 0;
  #idleUpstream: Upstream | null = null;
  #openUpstreams = new Set<Upstream>();
  #cancelIdleTimer: Cancel = () => {};
  #cancelEnding: Cancel = () => {};
  #reading = true;

  constructor(setup: HttpConnectionSetup) {
    this.#setup = setup;
    this.id = setup.id;
    this.lane = setup.lane;
    this.clock = setup.clock;
    this.store = setup.store;
    this.#downstream = setup.downstream;
    this.#port = setup.downstream.remotePort ?? 0;
    this.openedAt = this.clock.now();
    this.lastByteAt = { up: this.openedAt, down: this.openedAt };
    setup.causes.clear(this.#port);
    this.apply(setup.steps);
    this.#listen(setup.downstream);
    this.#armIdleTimer();
  }

  /** Requests from now on meet these policies. */
  apply(steps: readonly AppliedStep[]): void {
    this.steps = steps.filter((s) => appliesTo(s.params, this.lane, this.#setup.random.fork(s.key)));
  }

  /** A hop may be inserted between it and its client: it is open, and reads its own bytes. */
  get canReplaceSocket(): boolean {
    return !this.over && !this.#tlsPassthrough && !this.#downstream.destroyed;
  }

  /** From now on the client is at the other end of this socket. @returns the one it was at, which now waits */
  replaceSocket(socket: Socket): Socket {
    const old = this.#downstream;
    old.pause();
    this.#unlisten(old);
    this.#downstream = socket;
    this.#listen(socket);
    if (!this.#reading) socket.pause();
    this.#exchange?.clientDrained(); // nothing waits in it yet
    return old;
  }

  /** Its connections to the origin that something may come between. */
  get upstreams(): Upstream[] {
    return this.#tlsPassthrough ? [] : [...this.#openUpstreams].filter((up) => up.alive && !up.encrypted);
  }

  /** How many upstreams no hop can be inserted into: encrypted, or passed through unread. */
  get opaqueCount(): number {
    return this.#tlsPassthrough ? 1 : [...this.#openUpstreams].filter((up) => up.encrypted).length;
  }

  /** As the client's side of the path knows it. */
  get port(): number {
    return this.#port;
  }

  /** Ends the connection from outside, such as a cut. */
  end(command: CloseCommand): void {
    if (this.over) return;
    this.#exchange?.drop(command.server);
    this.endClient(command.client, command);
  }

  destroy(): void {
    this.over = true;
    this.#exchange?.destroy();
    this.#exchange = null;
    this.#stop();
    for (const up of this.#openUpstreams) up.destroy();
    this.#downstream.destroy();
  }

  // ---- what an exchange asks for

  write(bytes: Uint8Array | string): boolean {
    if (this.clientGone || this.over || this.#downstream.destroyed || this.#downstream.writableEnded) return true;
    return typeof bytes === 'string' ? this.#downstream.write(bytes, 'latin1') : this.#downstream.write(bytes);
  }

  async openUpstream(): Promise<Upstream> {
    const spare = this.#idleUpstream;
    this.#idleUpstream = null;
    if (spare?.alive) return spare;
    const { socket, raw, hasHop } = await this.#setup.dial(this.#tlsPassthrough);
    this.#unreachable = '';
    socket.once('error', (e: NodeJS.ErrnoException) => (this.#unreachable = e.code ?? e.message));
    const up = new Upstream(socket, raw);
    up.hasHop = hasHop;
    this.#openUpstreams.add(up);
    up.onClosed = () => {
      this.#openUpstreams.delete(up);
      if (this.#idleUpstream === up) this.#idleUpstream = null;
    };
    const link = (): void => this.#setup.causes.link(raw.localPort!, this.#port);
    if (raw.connecting) raw.once('connect', link);
    else link();
    return up;
  }

  releaseUpstream(up: Upstream): void {
    if (this.over || this.#idleUpstream?.alive) up.end('fin', this.clock);
    else this.#idleUpstream = up;
  }

  recordBytes(dir: Direction, bytes: number): void {
    const now = this.clock.now();
    if (dir === 'up') {
      this.lastByteAt.up = now;
      this.bytes.up += bytes;
    } else {
      this.lastByteAt.down = now;
      this.bytes.down += bytes;
    }
  }

  setReading(on: boolean): void {
    this.#reading = on;
    if (on) this.#downstream.resume();
    else this.#downstream.pause();
  }

  exchangeFinished(keep: boolean): void {
    this.#exchange = null;
    this.#body = null;
    if (!keep || this.#clientLeft) return this.endClient('fin', null);
    this.setReading(true);
    this.#armIdleTimer();
    if (this.#input.length > 0) process.nextTick(this.#pump);
  }

  endClient(how: CloseMode, closed: ClosedInfo | null, step: AppliedStep | null = null): void {
    if (this.over) return;
    this.over = true;
    this.#exchange = null;
    if (closed) this.faultFired(step, closed);
    this.#stop();
    this.#idleUpstream?.end('fin', this.clock);
    this.#idleUpstream = null;
    if (this.#tlsPassthrough) for (const up of this.#openUpstreams) up.destroy();
    if (this.#downstream.destroyed) return this.#onClose();
    const graceLeft = CONNECT_GRACE_MS - (this.clock.now() - this.openedAt) / this.clock.scale;
    this.#cancelEnding = endSocket(this.#downstream, how, this.clock, Math.max(1, graceLeft), false);
  }

  /** An answer or a clean end of the intermediary's own: the connection may live on. */
  faultFired(step: AppliedStep | null, closed: ClosedInfo): void {
    this.#setup.causes.note(this.#port, { cause: closed.cause, by: 'path', at: this.clock.now() });
    const dialError = closed.cause === 'target-unreachable' ? this.#unreachable : '';
    const known = dialError === '' || closed.detail?.includes(dialError);
    this.#setup.onFaultFired(
      step,
      known ? closed : { ...closed, detail: closed.detail ? `${closed.detail} (${dialError})` : dialError },
    );
  }

  startTunnel(): void {
    this.#tunnel = true;
    const rest = this.#input;
    this.#input = EMPTY;
    if (rest.length > 0) this.#exchange?.tunnelFromClient(rest);
  }

  // ---- what the client does

  #onData = (bytes: Buffer): void => {
    this.recordBytes('up', bytes.length);
    if (this.#tunnel) return this.#exchange?.tunnelFromClient(bytes);
    if (this.#requestCount === 0 && this.#input.length === 0 && bytes[0] === TLS_HANDSHAKE)
      return this.#passThroughTls(bytes);
    this.#input = this.#input.length > 0 ? Buffer.concat([this.#input, bytes]) : bytes;
    this.#pump();
  };

  #pump = (): void => {
    try {
      while (this.#input.length > 0 && !this.over && !this.#tunnel && this.#parseNext());
    } catch (e) {
      if (!(e instanceof MalformedMessage)) throw e;
      this.#rejectMalformed(e);
    }
  };

  /** Takes one part of what has come. False: nothing more can be made of it now. */
  #parseNext(): boolean {
    if (this.#exchange && this.#body && !this.#body.done) {
      const exchange = this.#exchange;
      const n = this.#body.read(this.#input, (payload) => exchange.requestPayload(payload));
      this.#input = this.#input.subarray(n);
      if (this.#body.done) exchange.requestEnd();
      return this.#body.done;
    }
    if (this.#exchange) {
      if (this.#input.length > PIPELINED_LIMIT) this.setReading(false);
      return false;
    }
    if (this.#input[0] === 13 && this.#input[1] === 10) {
      this.#input = this.#input.subarray(2); // RFC 9112, 2.2: an empty line before a request is ignored
      return true;
    }
    const end = headEnd(this.#input);
    if (end < 0) return false;
    const head = parseRequest(this.#input.subarray(0, end));
    this.#input = this.#input.subarray(end);
    this.#startExchange(head);
    return true;
  }

  #startExchange(head: RequestHead): void {
    this.#cancelIdleTimer();
    this.#setup.causes.clear(this.#port);
    if (head.method === 'CONNECT') throw new MalformedMessage('There are no tunnels to other hosts here.', 501);
    const framing = requestFraming(head);
    resolveTarget(head, this.#setup.authority);
    normalizeLength(head, framing);
    this.#body = new BodyReader(framing);
    const exchange = new HttpExchange(this, head, this.#body, this.#setup.random.fork(`x${this.#requestCount++}`));
    this.#exchange = exchange;
    exchange.start().catch((error: unknown) => {
      this.#setup.onNotice('policy-broke', `An HTTP policy failed and its connection was reset: ${String(error)}`);
      if (this.#exchange === exchange) this.end({ client: 'rst', server: 'rst', cause: 'cut' });
    });
  }

  #rejectMalformed({ status, message }: MalformedMessage): void {
    const answered = this.#exchange?.headSent ?? false;
    this.#exchange?.drop('fin');
    if (answered) return this.endClient('fin', null); // a second answer within the first would be read as part of it
    const body = `${message}\r\n`;
    this.write(
      writeHead(`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, [
        ['Content-Type', 'text/plain'],
        ['Content-Length', String(body.length)],
        ['Connection', 'close'],
      ]) + body,
    );
    this.endClient('fin', null);
  }

  /** TLS passthrough, as in a CONNECT tunnel: no policy can read it. */
  #passThroughTls(bytes: Buffer): void {
    this.#cancelIdleTimer();
    this.#tunnel = this.#tlsPassthrough = true;
    if (this.steps.length > 0) {
      this.#setup.onNotice(
        'path-cannot-read-tls',
        'A TLS connection passes unread: the policies of this path act on plain HTTP.',
      );
    }
    const down = this.#downstream;
    if (this.#setup.passThroughTls) {
      down.pause();
      this.#unlisten(down);
      down.unshift(bytes);
      return this.#setup.passThroughTls(down);
    }
    void this.openUpstream().then(({ socket: up }) => {
      this.#downstream.off('data', this.#onData);
      this.#downstream.off('end', this.#onEnd);
      up.removeAllListeners('data').removeAllListeners('end');
      up.on('data', (b: Buffer) => this.recordBytes('down', b.length));
      this.#downstream.on('data', (b: Buffer) => this.recordBytes('up', b.length));
      up.on('error', () => this.#downstream.destroy());
      if (this.over) return void up.destroy();
      this.#downstream.on('error', () => up.destroy());
      up.write(bytes);
      up.pipe(this.#downstream);
      this.#downstream.pipe(up);
    });
    this.#downstream.pause();
  }

  #listen(down: Socket): void {
    down.on('data', this.#onData);
    down.on('end', this.#onEnd);
    down.on('drain', this.#onDrain);
    down.on('error', this.#onError);
    down.on('close', this.#onClose);
  }

  #unlisten(down: Socket): void {
    down.off('data', this.#onData);
    down.off('end', this.#onEnd);
    down.off('drain', this.#onDrain);
    down.off('error', this.#onError);
    down.off('close', this.#onClose);
  }

  #onDrain = (): void => this.#exchange?.clientDrained();

  #onEnd = (): void => {
    if (this.#clientLeft) return; // seen again through an inserted hop
    this.#clientLeft = true;
    if (this.over) return;
    if (this.#exchange) this.#exchange.clientLeft('fin');
    else this.endClient('fin', null);
  };

  #onError = (): void => {
    this.clientGone = true;
    this.#clientLeft = true;
    if (this.over) return;
    if (this.#exchange) this.#exchange.clientLeft('rst');
    else this.endClient('rst', null);
  };

  /** Between requests the connection is kept for as long as the policies say. */
  #armIdleTimer(): void {
    let least: number | null = null;
    for (const { fault, params } of this.steps) {
      const ms = isPolicy(fault) ? (fault.http.keepAliveMs?.(params, 'proxy') ?? null) : null;
      if (ms !== null && ms > 0 && (least === null || ms < least)) least = ms;
    }
    this.#cancelIdleTimer();
    if (least !== null) this.#cancelIdleTimer = this.clock.after(least, () => this.endClient('fin', null));
  }

  #stop(): void {
    this.#cancelIdleTimer();
    this.#cancelEnding();
    this.#downstream.off('data', this.#onData);
    this.#downstream.off('end', this.#onEnd);
    if (!this.#reading) this.#downstream.resume();
  }

  #onClose = (): void => {
    if (!this.#downstream.destroyed) return;
    // An exchange may go on without its client, until its origin has answered.
    if (this.#exchange && !this.over) {
      this.clientGone = true;
      this.#exchange.clientLeft('rst');
      if (!this.over) return;
    }
    this.over = true;
    this.#stop();
    this.#setup.onClose();
  };
}
