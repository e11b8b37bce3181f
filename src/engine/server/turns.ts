import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many requests may stand behind an unfinished answer on one connection. */
const MOST_WAITING = 16;

/**
 * Who is next on each connection. Node parses and keeps every request that is pipelined behind an unfinished answer,
 * as many as are sent: behind one that never finishes they would fill the memory. So nothing more is read from a
 * connection while a request waits on it, and a connection is ended that sent too many at once, or sent any behind a
 * stream: their turn would never come (RFC 9112, 9.3.2 has a client ask again elsewhere).
 */
export class Turns {
  #waiting = new WeakMap<Socket, number>();
  #answering = new WeakMap<Socket, number>();
  #endless = new WeakSet<Socket>();

  /** Calls `serve` when it is this request's turn, at once in most cases, or never. */
  take(req: IncomingMessage, res: ServerResponse, serve: () => void): void {
    const { socket } = req;
    if (socket.destroyed) return; // what else was in the last bytes read
    const answering = this.#answering.get(socket) ?? 0;
    this.#answering.set(socket, answering + 1);
    res.once('close', () => this.#answering.set(socket, this.#answering.get(socket)! - 1));
    if (res.socket !== null) return serve();
    const waiting = this.#waiting.get(socket) ?? 0;
    if (waiting >= MOST_WAITING || this.#endless.has(socket)) {
      socket.destroy();
      return;
    }
    this.#waiting.set(socket, waiting + 1);
    socket.pause();
    res.once('socket', () => {
      const left = this.#waiting.get(socket)! - 1;
      this.#waiting.set(socket, left);
      if (left === 0) socket.resume();
      queueMicrotask(serve);
    });
  }

  /** Whether an answer on this connection has not been finished. */
  busy(socket: Socket): boolean {
    return (this.#answering.get(socket) ?? 0) > 0;
  }

  /** The answer now under way is the last one here. False, and the connection is over, when others wait behind it. */
  last(socket: Socket): boolean {
    this.#endless.add(socket);
    if ((this.#waiting.get(socket) ?? 0) === 0) return true;
    socket.destroy();
    return false;
  }
}
