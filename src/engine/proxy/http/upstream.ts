import type { Socket } from 'node:net';
import type { Clock } from '../../../shared/clock.ts';
import type { SideEnd } from '../../faults/fault.ts';
import { endSide } from '../endings.ts';
import { BodyReader, field, headEnd, lists, parseResponse, responseFraming, type ResponseHead } from './framing.ts';
import type { Death } from './policy.ts';

/** What one exchange hears of the origin's connection. */
export interface Asker {
  connected(): void;
  /** Bytes came in; before anything is made of them. */
  bytes(n: number): void;
  /** 1xx other than 101. */
  interim(head: ResponseHead): void;
  head(head: ResponseHead): void;
  payload(bytes: Buffer): void;
  /** Whether the answer goes on in chunks just as it comes. */
  readonly takesChunks: boolean;
  /** Whole chunks of the answer, while it takes them. */
  chunks(bytes: Buffer): void;
  complete(): void;
  /** Raw bytes after 101. */
  tunnel(bytes: Buffer): void;
  died(how: Death, detail: string): void;
  drained(): void;
}

const NOTHING = Buffer.alloc(0);

/** One connection to the origin, which answers one request after another. */
export class Upstream {
  /** Byte faults have a place behind it. */
  legged = false;
  /** Its connection is gone. */
  closed: () => void = () => {};
  /** Another request may follow on it once the answer is complete. */
  reusable = false;
  /** It has answered before. */
  reused = false;
  /** Bytes of the present answer so far. */
  got = 0;
  #asker: Asker | null = null;
  #method = '';
  #held: Buffer = NOTHING;
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
  reseat(socket: Socket): Socket {
    const old = this.#socket;
    const waits = old.isPaused();
    old.pause();
    this.#unlisten(old);
    this.#socket = this.#raw = socket;
    this.#listen(socket);
    if (waits) socket.pause();
    this.#asker?.drained(); // nothing waits in it yet
    return old;
  }

  get alive(): boolean {
    return !this.#gone && !this.#ended && !this.socket.destroyed;
  }

  /** The connection serves this request from now on. */
  ask(method: string, asker: Asker): void {
    this.#asker = asker;
    this.#method = method;
    this.#mode = 'head';
    this.#body = null;
    this.got = 0;
    this.reusable = false;
    if (this.#connected) asker.connected();
  }

  /** The exchange has no more interest in it. */
  rest(): void {
    this.#asker = null;
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
  end(how: SideEnd, clock: Clock): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#asker = null;
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    // Only TCP itself can be reset or fall silent; a polite end says close_notify first.
    if (how === 'fin' || this.#raw === this.socket) endSide(this.socket, how, clock, 1, false);
    else if (how === 'rst') this.#raw.resetAndDestroy();
    else endSide(this.#raw, how, clock, 1, false);
  }

  destroy(): void {
    this.#ended = true;
    this.#asker = null;
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
    this.#asker?.connected();
    for (const call of this.#whenConnected.splice(0)) call();
  };

  #onDrain = (): void => this.#asker?.drained();

  #onError = (e: NodeJS.ErrnoException): void => {
    if (!this.#ended) this.#over(this.#connected ? 'rst' : 'unreachable', e.code ?? e.message);
  };

  #onClose = (): void => {
    this.closed();
    if (!this.#ended) this.#over('rst', 'closed');
  };

  #onData = (bytes: Buffer): void => {
    if (!this.#asker) return this.#over('rst', 'spoke unasked');
    this.got += bytes.length;
    this.#asker.bytes(bytes.length);
    try {
      this.#take(bytes);
    } catch (e) {
      this.#over('rst', (e as Error).message);
    }
  };

  #take(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && this.#asker && !this.#ended) {
      if (this.#mode === 'tunnel') return this.#asker.tunnel(rest);
      if (this.#mode === 'body') {
        const asker = this.#asker;
        const whole = asker.takesChunks ? this.#body!.wholeChunks(rest) : 0;
        if (whole > 0) {
          asker.chunks(whole < rest.length ? rest.subarray(0, whole) : rest);
          rest = rest.subarray(whole);
          continue;
        }
        const n = this.#body!.read(rest, (payload) => asker.payload(payload));
        rest = rest.subarray(n);
        if (!this.#body!.done) return;
        this.#mode = 'rest';
        if (rest.length > 0) this.reusable = false;
        return asker.complete();
      }
      if (this.#mode === 'rest') return;
      this.#held = this.#held.length > 0 ? Buffer.concat([this.#held, rest]) : rest;
      const end = headEnd(this.#held);
      if (end < 0) return;
      const head = parseResponse(this.#held.subarray(0, end));
      rest = this.#held.subarray(end);
      this.#held = NOTHING;
      this.#onHead(head);
    }
  }

  #onHead(head: ResponseHead): void {
    const asker = this.#asker!;
    if (head.status === 101) {
      this.#mode = 'tunnel';
      return asker.head(head);
    }
    if (head.status < 200) return asker.interim(head);
    this.#body = new BodyReader(responseFraming(head, this.#method));
    const connection = field(head, 'connection');
    this.reusable =
      this.#body.by !== 'close' &&
      (head.version === '1.1' ? !lists(connection, 'close') : lists(connection, 'keep-alive'));
    this.#mode = this.#body.done ? 'rest' : 'body';
    const whole = this.#body.done;
    asker.head(head);
    if (whole && this.#asker === asker) asker.complete();
  }

  #onEnd = (): void => {
    if (this.#mode === 'body' && this.#body!.by === 'close') {
      this.#mode = 'rest';
      this.reusable = false;
      this.#gone = true;
      return this.#asker?.complete();
    }
    this.#over('fin', 'the origin closed');
  };

  #over(how: Death, detail: string): void {
    if (this.#gone) return;
    this.#gone = true;
    const asker = this.#asker;
    if (asker) asker.died(how, detail);
    else this.destroy();
  }
}
