import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Deadline } from './deadlines.ts';
import type { Broker } from './broker.ts';

/** Smaller responses fit into the kernel's send buffer. */
const LARGE_BYTES = 64 * 1024;

/**
 * Bytes that have not left this process. Node counts those it holds; the count of what the kernel has not taken yet
 * is the handle's, which Node's own write timeouts read too. Without it one large write would look like no progress.
 */
function backlog(socket: Socket): number {
  // cast: Node’s handle, untyped
  const handle = (socket as { _handle?: { writeQueueSize?: number } | null })._handle;
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}

/** Ends the connection of a client whose socket is full, and which reads nothing of it for a whole period. */
export class SlowConsumerTimer {
  readonly #socket: Socket;
  readonly #broker: Broker;
  readonly #terminate: () => void;
  readonly #deadline = new Deadline(this);
  #lastBacklog = 0;

  constructor(socket: Socket, broker: Broker, terminate: () => void) {
    this.#socket = socket;
    this.#broker = broker;
    this.#terminate = terminate;
  }

  start(): void {
    this.#lastBacklog = backlog(this.#socket);
    this.#arm(this.#broker.clock.now());
  }

  stop(): void {
    this.#broker.deadlines.clear(this.#deadline);
  }

  onDeadline(now: number): void {
    const unsent = backlog(this.#socket);
    if (unsent < this.#lastBacklog) {
      this.#lastBacklog = unsent;
      return this.#arm(now);
    }
    this.#broker.recordEnd(this.#socket, 'slow-consumer');
    this.#terminate();
  }

  #arm(now: number): void {
    this.#broker.deadlines.set(this.#deadline, now + this.#broker.limits.slowConsumerMs);
  }
}

/** Destroys the connection of a client that does not read a large response, as with a slow consumer of a stream. */
export function closeIfUnread(res: ServerResponse, bytes: number, broker: Broker): void {
  const { socket } = res;
  if (bytes <= LARGE_BYTES || !socket) return;
  const timer = new SlowConsumerTimer(socket, broker, () => socket.destroy());
  timer.start();
  res.once('close', () => timer.stop());
}
