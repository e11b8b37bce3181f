import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { endSocket, resetGrace } from '../tcp/end-socket.ts';
import type { CloseMode } from '../tcp/faults/fault.ts';

/** Hears what happens on the client's side. */
export interface ClientSocketHandler {
  data(bytes: Buffer): void;
  /** It takes bytes again. */
  drained(): void;
  /** It will send no more; after `rst` it takes no more either. Once. */
  left(how: 'fin' | 'rst'): void;
  /** The socket is gone. */
  closed(): void;
}

/** The client's side of a connection: the socket may be exchanged for another while it lives, where a hop is inserted. */
export class ClientSocket {
  /** Its end has been heard. */
  left = false;
  #socket: Socket;
  #handler: ClientSocketHandler;
  #reading = true;
  #cancelEnding: Cancel = () => {};

  constructor(socket: Socket, handler: ClientSocketHandler) {
    this.#socket = socket;
    this.#handler = handler;
    this.#listen();
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  /** False: wait for `drained`. */
  write(bytes: Uint8Array | string): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return true;
    return typeof bytes === 'string' ? this.#socket.write(bytes, 'latin1') : this.#socket.write(bytes);
  }

  setReading(on: boolean): void {
    this.#reading = on;
    if (on) this.#socket.resume();
    else this.#socket.pause();
  }

  /** From now on the client is at the other end of this socket. @returns the one it was at, which now waits */
  replace(socket: Socket): Socket {
    const old = this.#socket;
    old.pause();
    this.#unlisten();
    this.#socket = socket;
    this.#listen();
    if (!this.#reading) socket.pause();
    return old;
  }

  /** Gives the socket away, with bytes that were read from it. */
  takeAway(unread: Buffer): Socket {
    this.#socket.pause();
    this.#unlisten();
    this.#socket.unshift(unread);
    return this.#socket;
  }

  /** What comes from now on is not for us: another reads it. */
  get raw(): Socket {
    return this.#socket;
  }

  /** Reads what still comes, to nowhere. */
  stop(): void {
    this.#cancelEnding();
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    if (!this.#reading) this.#socket.resume();
  }

  end(how: CloseMode, clock: Clock, openedAt: number): void {
    this.#cancelEnding = endSocket(this.#socket, how, clock, resetGrace(clock, openedAt), false);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  #unlisten(): void {
    const socket = this.#socket;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
  }

  #onData = (bytes: Buffer): void => this.#handler.data(bytes);

  #onDrain = (): void => this.#handler.drained();

  #onEnd = (): void => {
    if (this.left) return; // seen again through an inserted hop
    this.left = true;
    this.#handler.left('fin');
  };

  #onError = (): void => {
    this.left = true;
    this.#handler.left('rst');
  };

  #onClose = (): void => {
    if (this.#socket.destroyed) this.#handler.closed();
  };
}
