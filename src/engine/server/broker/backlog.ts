import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Deadline } from './deadlines.ts';
import type { Broker } from './broker.ts';

/**
 * Bytes that have not left this process. Node counts those it holds; the count of what the kernel has not taken yet
 * is the handle's, which Node's own write timeouts read too. Without it one large write would look like no progress.
 */
export function backlog(socket: Socket): number {
  const handle = (socket as { _handle?: { writeQueueSize?: number } | null })._handle;
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}

/** Smaller responses fit into the kernel's send buffer. */
const LARGE_BYTES = 64 * 1024;

/** Destroys the connection of a client that does not read a large response, as with a slow consumer of a stream. */
export function closeIfUnread(res: ServerResponse, bytes: number, broker: Broker): void {
  if (bytes <= LARGE_BYTES || !res.socket) return;
  const deadline = new UnreadDeadline(res.socket, broker);
  broker.deadlines.set(deadline, broker.clock.now() + broker.limits.slowConsumerMs);
  res.once('close', () => broker.deadlines.clear(deadline));
}

class UnreadDeadline extends Deadline {
  #socket: Socket;
  #broker: Broker;
  #lastBacklog = Infinity;

  constructor(socket: Socket, broker: Broker) {
    super();
    this.#socket = socket;
    this.#broker = broker;
  }

  onDeadline(now: number): void {
    const unsent = backlog(this.#socket);
    if (unsent >= this.#lastBacklog) {
      this.#broker.recordCause(this.#socket, 'slow-consumer');
      this.#broker.counters.increment(this.#broker.counters.ended, 'slow-consumer');
      this.#socket.destroy();
      return;
    }
    this.#lastBacklog = unsent;
    this.#broker.deadlines.set(this, now + this.#broker.limits.slowConsumerMs);
  }
}
