import type { Socket } from 'node:net';
import type { Clock } from '../../../shared/clock.ts';

/** The open connections of a server, and what has to be known of each. */
export class Connections {
  /** A connection beyond these is accepted, so that it can be answered 429, and is over the limit. */
  limit = Infinity;
  readonly #clock: Clock;
  /** Engine time at which each was accepted. */
  readonly #openedAt = new Map<Socket, number>();
  readonly #overLimit = new WeakSet<Socket>();
  readonly #upgraded = new WeakSet<Socket>();
  #closedBytes = 0;
  #onEmpty: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#openedAt.size;
  }

  /** Bytes written to sockets since the first opening. */
  get bytesOut(): number {
    let bytes = this.#closedBytes;
    for (const socket of this.#openedAt.keys()) bytes += socket.bytesWritten;
    return bytes;
  }

  /** Those open now. */
  list(): Socket[] {
    return [...this.#openedAt.keys()];
  }

  add(socket: Socket): void {
    this.#openedAt.set(socket, this.#clock.now());
    if (this.#openedAt.size > this.limit) this.#overLimit.add(socket);
  }

  remove(socket: Socket): void {
    this.#closedBytes += socket.bytesWritten;
    this.#openedAt.delete(socket);
    if (this.#openedAt.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  ageOf(socket: Socket): number {
    return this.#clock.now() - (this.#openedAt.get(socket) ?? Infinity);
  }

  isOverLimit(socket: Socket): boolean {
    return this.#overLimit.has(socket);
  }

  /** From now on this connection is no longer HTTP. */
  markUpgraded(socket: Socket): void {
    this.#upgraded.add(socket);
  }

  isUpgraded(socket: Socket): boolean {
    return this.#upgraded.has(socket);
  }

  /** Resolves when no connection is left. */
  whenEmpty(): Promise<void> {
    if (this.#openedAt.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }
}
