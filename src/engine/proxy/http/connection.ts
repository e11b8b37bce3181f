import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import { appliesTo } from '../tcp/faults/common-params.ts';
import type { Direction, CloseCommand, ClosedInfo, CloseMode } from '../tcp/faults/fault.ts';
import { Traffic } from '../tcp/traffic.ts';
import type { AppliedStep } from '../tcp/pipeline.ts';
import { policiesOf, type ActivePolicy } from './active-policies.ts';
import { normalizeLength, requestFraming } from './body-framing.ts';
import { BodyReader } from './body-reader.ts';
import type { ClientConnection } from './client-connection.ts';
import { ClientSocket } from './client-socket.ts';
import { HttpExchange } from './exchange.ts';
import { MalformedMessage, writeHead, type RequestHead } from './message.ts';
import { headEnd, parseRequest } from './parse-head.ts';
import { resolveTarget } from './request-target.ts';
import { pipeTls } from './tls-passthrough.ts';
import type { Upstream, UpstreamSocket } from './upstream.ts';
import { UpstreamPool } from './upstream-pool.ts';

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

/** One client connection of the HTTP intermediary: its requests one after another, each an exchange with the origin. */
export class HttpConnection implements ClientConnection {
  readonly id: number;
  readonly lane: string | null;
  readonly clock: Clock;
  readonly store: Map<string, unknown>;
  /** As the client's side of the path knows it. */
  readonly port: number;
  readonly traffic: Traffic;
  over = false;
  clientGone = false;
  policies: readonly ActivePolicy[] = [];
  #setup: HttpConnectionSetup;
  #client: ClientSocket;
  #upstreams: UpstreamPool;
  #input: Buffer = EMPTY;
  #exchange: HttpExchange | null = null;
  #body: BodyReader | null = null;
  #tunnel = false;
  /** TLS, piped from socket to socket. */
  #tlsPassthrough = false;
  #requestCount = 0;
  #idleTimers: Cancel[] = [];

  constructor(setup: HttpConnectionSetup) {
    this.#setup = setup;
    const { id, lane, clock, store, downstream, causes } = setup;
    this.id = id;
    this.lane = lane;
    this.clock = clock;
    this.store = store;
    this.port = downstream.remotePort ?? 0;
    this.traffic = new Traffic(clock);
    causes.clear(this.port);
    this.apply(setup.steps);
    this.#client = new ClientSocket(downstream, {
      data: (bytes) => this.#received(bytes),
      drained: () => this.#exchange?.clientDrained(),
      left: (how) => this.#clientLeft(how),
      closed: () => this.#clientClosed(),
    });
    this.#upstreams = new UpstreamPool({
      dial: () => setup.dial(this.#tlsPassthrough),
      clock,
      causes,
      port: this.port,
    });
    this.#armIdleTimers();
  }

  /** Requests from now on meet these policies. */
  apply(steps: readonly AppliedStep[]): void {
    this.policies = policiesOf(steps.filter((s) => appliesTo(s.params, this.lane, this.#setup.random.fork(s.key))));
  }

  /** A hop may be inserted between it and its client: it is open, and reads its own bytes. */
  get canReplaceSocket(): boolean {
    return !this.over && !this.#tlsPassthrough && !this.#client.destroyed;
  }

  /** From now on the client is at the other end of this socket. @returns the one it was at, which now waits */
  replaceSocket(socket: Socket): Socket {
    const old = this.#client.replace(socket);
    this.#exchange?.clientDrained(); // nothing waits in it yet
    return old;
  }

  /** Its connections to the origin that something may come between. */
  get upstreams(): Upstream[] {
    return this.#tlsPassthrough ? [] : this.#upstreams.pluggable;
  }

  /** How many upstreams no hop can be inserted into: encrypted, or passed through unread. */
  get opaqueCount(): number {
    return this.#tlsPassthrough ? 1 : this.#upstreams.encryptedCount;
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
    this.#upstreams.destroy();
    this.#client.destroy();
  }

  // ---- what an exchange asks for

  write(bytes: Uint8Array | string): boolean {
    return this.clientGone || this.over || this.#client.write(bytes);
  }

  openUpstream(): Promise<Upstream> {
    return this.#upstreams.open();
  }

  releaseUpstream(up: Upstream): void {
    this.#upstreams.release(up, !this.over);
  }

  recordBytes(dir: Direction, bytes: number): void {
    this.traffic.record(dir, bytes);
  }

  setReading(on: boolean): void {
    this.#client.setReading(on);
  }

  exchangeFinished(timers: () => Cancel[]): void {
    this.#exchange = null;
    this.#body = null;
    if (this.#client.left) return this.endClient('fin', null);
    this.setReading(true);
    this.#armIdleTimers();
    if (this.#input.length > 0) process.nextTick(this.#pump);
    this.#idleTimers.push(...timers());
  }

  endClient(how: CloseMode, closed: ClosedInfo | null, step: AppliedStep | null = null): void {
    if (this.over) return;
    this.over = true;
    this.#exchange = null;
    if (closed) this.faultFired(step, closed);
    this.#stop();
    this.#upstreams.endIdle();
    if (this.#tlsPassthrough) this.#upstreams.destroy();
    if (this.#client.destroyed) return this.#clientClosed();
    this.#client.end(how, this.clock, this.traffic.openedAt);
  }

  /** An answer or a clean end of the intermediary's own: the connection may live on. */
  faultFired(step: AppliedStep | null, closed: ClosedInfo): void {
    const { cause, detail } = closed;
    this.#setup.causes.note(this.port, { cause, by: 'path', at: this.clock.now() });
    const dialError = cause === 'target-unreachable' ? this.#upstreams.failure : '';
    const known = dialError === '' || detail?.includes(dialError);
    const withError = detail ? `${detail} (${dialError})` : dialError;
    this.#setup.onFaultFired(step, known ? closed : { ...closed, detail: withError });
  }

  startTunnel(): void {
    this.#tunnel = true;
    const rest = this.#input;
    this.#input = EMPTY;
    if (rest.length > 0) this.#exchange?.tunnelFromClient(rest);
  }

  // ---- what the client does

  #received(bytes: Buffer): void {
    this.traffic.record('up', bytes.length);
    if (this.#tunnel) return this.#exchange?.tunnelFromClient(bytes);
    if (this.#requestCount === 0 && this.#input.length === 0 && bytes[0] === TLS_HANDSHAKE)
      return this.#passThroughTls(bytes);
    this.#input = this.#input.length > 0 ? Buffer.concat([this.#input, bytes]) : bytes;
    this.#pump();
  }

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
    if (this.#exchange && this.#body && !this.#body.done) return this.#parseBody(this.#exchange, this.#body);
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

  #parseBody(exchange: HttpExchange, body: BodyReader): boolean {
    const n = body.read(this.#input, (payload) => exchange.requestPayload(payload));
    this.#input = this.#input.subarray(n);
    if (body.done) exchange.requestEnd();
    return body.done;
  }

  #startExchange(head: RequestHead): void {
    this.#cancelIdleTimers();
    this.#setup.causes.clear(this.port);
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
    this.#cancelIdleTimers();
    this.#tunnel = this.#tlsPassthrough = true;
    if (this.policies.length > 0) {
      this.#setup.onNotice(
        'path-cannot-read-tls',
        'A TLS connection passes unread: the policies of this path act on plain HTTP.',
      );
    }
    if (this.#setup.passThroughTls) return this.#setup.passThroughTls(this.#client.takeAway(bytes));
    this.setReading(false);
    void this.openUpstream().then(({ socket }) => {
      if (this.over) return void socket.destroy();
      this.#client.stop();
      pipeTls(this.#client.raw, socket, bytes, this.traffic);
    });
  }

  #clientLeft(how: 'fin' | 'rst'): void {
    if (how === 'rst') this.clientGone = true;
    if (this.over) return;
    if (this.#exchange) this.#exchange.clientLeft(how);
    else this.endClient(how, null);
  }

  /** Asked again after a call that may have ended it. */
  #isOver(): boolean {
    return this.over;
  }

  #clientClosed(): void {
    // An exchange may go on without its client, until its origin has answered.
    if (this.#exchange && !this.over) {
      this.clientGone = true;
      this.#exchange.clientLeft('rst');
      if (!this.#isOver()) return;
    }
    this.over = true;
    this.#stop();
    this.#setup.onClose();
  }

  /** Between requests the connection is kept for as long as the policies say. */
  #armIdleTimers(): void {
    let least: number | null = null;
    for (const { step, hooks } of this.policies) {
      const ms = hooks.keepAliveMs?.(step.params, 'proxy') ?? null;
      if (ms !== null && ms > 0 && (least === null || ms < least)) least = ms;
    }
    this.#cancelIdleTimers();
    if (least !== null) this.#idleTimers.push(this.clock.after(least, () => this.endClient('fin', null)));
  }

  #cancelIdleTimers(): void {
    for (const cancel of this.#idleTimers.splice(0)) cancel();
  }

  #stop(): void {
    this.#cancelIdleTimers();
    this.#client.stop();
  }
}
