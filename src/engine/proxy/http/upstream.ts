import { messageOf } from '../../../shared/failure.ts';
import type { Socket } from 'node:net';
import type { Clock } from '../../../shared/clock.ts';
import type { CloseMode } from '../tcp/faults/fault.ts';
import { endSocket } from '../tcp/end-socket.ts';
import { normalizeLength, responseFraming } from './body-framing.ts';
import { BodyReader } from './body-reader.ts';
import { field, listIncludes, MalformedMessage, type ResponseHead } from './message.ts';
import { headEnd, parseResponse } from './parse-head.ts';
import type { UpstreamFailure } from './policy.ts';

/** Receives what happens on the upstream connection during one exchange. */
export interface UpstreamHandler {
  connected(): void;
  /** Bytes came in; before anything is made of them. */
  bytesReceived(n: number): void;
  /** 1xx other than 101. */
  interim(head: ResponseHead): void;
  /** Whether the client asked for what a 101 switches to. */
  maySwitchTo(protocols: string | undefined): boolean;
  head(head: ResponseHead): void;
  payload(bytes: Buffer): void;
  /** Whether the answer goes on in chunks just as it comes. */
  readonly takesChunks: boolean;
  /** Whole chunks of the answer, while it takes them. */
  chunks(bytes: Buffer): void;
  complete(): void;
  /** Raw bytes after 101. */
  tunnel(bytes: Buffer): void;
  upstreamClosed(how: UpstreamFailure, detail: string): void;
  drained(): void;
}

/** A connection to an origin: the socket to talk on, and the TCP socket beneath, which alone can be reset. */
export interface UpstreamSocket {
  socket: Socket;
  raw: Socket;
  /** A hop with byte faults follows it. */
  hasHop: boolean;
}

const EMPTY = Buffer.alloc(0);

/** One connection to the origin, which answers one request after another. */
export class Upstream {
  /** A hop with byte faults follows it. */
  hasHop = false;
  /** Its connection is gone. */
  onClosed: () => void = () => {};
  /** Another request may follow on it once the answer is complete. */
  reusable = false;
  /** It has answered before. */
  reused = false;
  /** Bytes of the present answer so far. */
  responseBytes = 0;
  #handler: UpstreamHandler | null = null;
  #method = '';
  #input: Buffer = EMPTY;
  #body: BodyReader | null = null;
  #mode: 'head' | 'body' | 'tunnel' | 'rest' = 'rest';
  #connected = false;
  #whenConnected: (() => void)[] = [];
  #gone = false;
  #ended = false;
  #socket: Socket;
  #raw: Socket;

  /** @param raw the TCP connection beneath, where the socket speaks TLS */
  constructor(socket: Socket, raw: Socket = socket) {
    this.#socket = socket;
    this.#raw = raw;
    raw.on('error', () => {}); // the socket above tells
    if (raw === socket && !raw.connecting) this.#connected = true;
    else socket.once(raw === socket ? 'connect' : 'secureConnect', this.#onConnect);
    this.#listen(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Calls once it is connected, which may be now. */
  whenConnected(call: () => void): void {
    if (this.#connected) call();
    else this.#whenConnected.push(call);
  }

  get encrypted(): boolean {
    return this.#raw !== this.#socket;
  }

  /** From now on the origin is at the other end of this socket. @returns the one it was at, which now waits */
  replaceSocket(socket: Socket): Socket {
    const old = this.#socket;
    const waits = old.isPaused();
    old.pause();
    this.#unlisten(old);
    this.#socket = this.#raw = socket;
    this.#listen(socket);
    if (waits) socket.pause();
    this.#handler?.drained(); // nothing waits in it yet
    return old;
  }

  get alive(): boolean {
    return !this.#gone && !this.#ended && !this.socket.destroyed;
  }

  /** The connection serves this request from now on. */
  serve(method: string, handler: UpstreamHandler): void {
    this.#handler = handler;
    this.#method = method;
    this.#mode = 'head';
    this.#body = null;
    this.responseBytes = 0;
    this.reusable = false;
    if (this.#connected) handler.connected();
  }

  /** The exchange has no more interest in it. */
  release(): void {
    this.#handler = null;
    this.#mode = 'rest';
    this.reused = true;
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.socket.destroyed || this.socket.writableEnded) return true;
    return typeof bytes === 'string' ? this.socket.write(bytes, 'latin1') : this.socket.write(bytes);
  }

  finish(): void {
    if (!this.socket.destroyed) this.socket.end();
  }

  /** Ends it as the origin shall see it. */
  end(how: CloseMode, clock: Clock): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#handler = null;
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    // Only TCP itself can be reset or fall silent; a polite end says close_notify first.
    if (how === 'fin' || this.#raw === this.socket) endSocket(this.socket, how, clock, 1, false);
    else if (how === 'rst') this.#raw.resetAndDestroy();
    else endSocket(this.#raw, how, clock, 1, false);
  }

  destroy(): void {
    this.#ended = true;
    this.#handler = null;
    this.socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  #unlisten(socket: Socket): void {
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
  }

  #onConnect = (): void => {
    this.#connected = true;
    this.#handler?.connected();
    for (const call of this.#whenConnected.splice(0)) call();
  };

  #onDrain = (): void => this.#handler?.drained();

  #onError = (e: NodeJS.ErrnoException): void => {
    if (!this.#ended) this.#fail(this.#connected ? 'rst' : 'unreachable', e.code ?? e.message);
  };

  #onClose = (): void => {
    this.onClosed();
    if (!this.#ended) this.#fail('rst', 'closed');
  };

  #onData = (bytes: Buffer): void => {
    if (!this.#handler) return this.#fail('rst', 'spoke unasked');
    if (this.#gone) return;
    this.responseBytes += bytes.length;
    this.#handler.bytesReceived(bytes.length);
    try {
      this.#parse(bytes);
    } catch (e) {
      this.#fail('malformed', messageOf(e));
    }
  };

  #parse(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && this.#handler && !this.#ended) {
      if (this.#mode === 'tunnel') return this.#handler.tunnel(rest);
      if (this.#mode === 'body') {
        const handler = this.#handler;
        const whole = handler.takesChunks ? this.#body!.wholeChunks(rest) : 0;
        if (whole > 0) {
          handler.chunks(whole < rest.length ? rest.subarray(0, whole) : rest);
          rest = rest.subarray(whole);
          continue;
        }
        const n = this.#body!.read(rest, (payload) => handler.payload(payload));
        rest = rest.subarray(n);
        if (!this.#body!.done) return;
        this.#mode = 'rest';
        if (rest.length > 0) this.reusable = false;
        return handler.complete();
      }
      if (this.#mode === 'rest') return;
      this.#input = this.#input.length > 0 ? Buffer.concat([this.#input, rest]) : rest;
      const end = headEnd(this.#input);
      if (end < 0) return;
      const head = parseResponse(this.#input.subarray(0, end));
      rest = this.#input.subarray(end);
      this.#input = EMPTY;
      this.#onHead(head, rest.length > 0);
    }
  }

  /** @param more bytes have come behind it */
  #onHead(head: ResponseHead, more: boolean): void {
    const handler = this.#handler!;
    if (head.status === 101) {
      if (!handler.maySwitchTo(field(head, 'upgrade')))
        throw new MalformedMessage('The origin switches to a protocol nobody asked for.', 502);
      this.#mode = 'tunnel';
      return handler.head(head);
    }
    const framing = responseFraming(head, this.#method);
    normalizeLength(head, framing);
    if (head.status < 200) return handler.interim(head);
    this.#body = new BodyReader(framing);
    const connection = field(head, 'connection');
    this.reusable =
      this.#body.by !== 'close' &&
      !(this.#body.done && more) && // what follows an answer without a body is nobody's answer
      (head.version === '1.1' ? !listIncludes(connection, 'close') : listIncludes(connection, 'keep-alive'));
    this.#mode = this.#body.done ? 'rest' : 'body';
    const whole = this.#body.done;
    handler.head(head);
    if (whole && this.#handler === handler) handler.complete();
  }

  #onEnd = (): void => {
    if (this.#mode === 'body' && this.#body!.by === 'close') {
      this.#mode = 'rest';
      this.reusable = false;
      this.#gone = true;
      return this.#handler?.complete();
    }
    this.#fail('fin', 'the origin closed');
  };

  #fail(how: UpstreamFailure, detail: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.reusable = false;
    const handler = this.#handler;
    if (handler) handler.upstreamClosed(how, detail);
    else this.destroy();
  }
}
