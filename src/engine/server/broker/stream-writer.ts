import type { Socket } from 'node:net';
import type { EventSink, Follower } from '../../wire/fanout.ts';
import type { Broker } from './broker.ts';
import { SlowConsumerTimer } from './slow-consumer.ts';

/** The session a writer writes for. */
export interface WritingSession {
  /** The socket is full. */
  stalled?(): void;
  /** It has drained: the session writes on. */
  drained(): void;
  /** Ends without a close: the client does not read. */
  terminate(): void;
  /** The follower has everything, and nothing will follow. */
  finished(follower: Follower): void;
}

/** What a stream and a WebSocket write to: a raw socket with back-pressure. A client that stops reading is ended. */
export class StreamWriter implements EventSink {
  readonly socket: Socket;
  readonly #session: WritingSession;
  readonly #broker: Broker;
  #stalled = false;
  #closed = false;
  /** Most clients never need one. */
  #slowConsumer: SlowConsumerTimer | null = null;

  constructor(socket: Socket, session: WritingSession, broker: Broker) {
    this.socket = socket;
    this.#session = session;
    this.#broker = broker;
  }

  get closed(): boolean {
    return this.#closed;
  }

  ready(): boolean {
    return !this.#stalled && !this.#closed && this.socket.writable;
  }

  /** Writes, and stalls when the socket is full. */
  write(bytes: Buffer | string): void {
    if (!this.socket.writable) return;
    if (!this.socket.write(bytes) && !this.#stalled) this.stall();
  }

  stall(): void {
    this.#stalled = true;
    if (!this.#closed) {
      this.#slowConsumer ??= new SlowConsumerTimer(this.socket, this.#broker, () => this.#session.terminate());
      this.#slowConsumer.start();
    }
    this.socket.once('drain', () => {
      this.#stalled = false;
      if (this.#closed) return;
      this.#slowConsumer?.stop();
      this.#session.drained();
    });
    this.#session.stalled?.();
  }

  finished(follower: Follower): void {
    this.#session.finished(follower);
  }

  /** The close has been sent, or the connection is gone: nothing more is written. */
  close(): void {
    this.#closed = true;
    this.#slowConsumer?.stop();
  }
}
