import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may be pipelined behind an unfinished response on one connection. */
const MAX_QUEUED = 16;

/**
 * HTTP/1.1 pipelining (RFC 9112, 9.3.2). Node parses and keeps every request behind an unfinished response, as many as
 * are sent: behind a stream they would fill the memory. So a connection is not read while a request is queued on it, and
 * one is closed that sends too many at once, or any behind a stream; the client retries them on another connection.
 */
export class RequestPipelines {
  #queued = new WeakMap<Socket, number>();
  #unfinished = new WeakMap<Socket, number>();
  #streaming = new WeakSet<Socket>();

  /** Calls `serve` when all earlier responses are complete: at once in most cases, or never. */
  enqueue(req: IncomingMessage, res: ServerResponse, serve: () => void): void {
    const { socket } = req;
    if (socket.destroyed) return; // what else was in the last bytes read
    const unfinished = this.#unfinished.get(socket) ?? 0;
    this.#unfinished.set(socket, unfinished + 1);
    res.once('close', () => this.#unfinished.set(socket, this.#unfinished.get(socket)! - 1));
    if (res.socket !== null) return serve();
    const queued = this.#queued.get(socket) ?? 0;
    if (queued >= MAX_QUEUED || this.#streaming.has(socket)) {
      socket.destroy();
      return;
    }
    this.#queued.set(socket, queued + 1);
    socket.pause();
    res.once('socket', () => {
      const stillQueued = this.#queued.get(socket)! - 1;
      this.#queued.set(socket, stillQueued);
      if (stillQueued === 0) socket.resume();
      queueMicrotask(serve);
    });
  }

  /** Whether a response on this connection is unfinished. */
  isResponding(socket: Socket): boolean {
    return (this.#unfinished.get(socket) ?? 0) > 0;
  }

  /** The current response never ends. False, and the connection is destroyed, when requests are queued behind it. */
  beginLastResponse(socket: Socket): boolean {
    this.#streaming.add(socket);
    if ((this.#queued.get(socket) ?? 0) === 0) return true;
    socket.destroy();
    return false;
  }
}
