import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Alarm } from './alarms.ts';
import type { House } from './serve-context.ts';

/**
 * Bytes that have not left this process. Node tells of those it holds; the count of what the kernel has not taken yet
 * is the handle's, which Node's own write timeouts read too. Without it one large write would look like no progress.
 */
export function backlog(socket: Socket): number {
  const handle = (socket as { _handle?: { writeQueueSize?: number } | null })._handle;
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}

/** Smaller answers fit into what the kernel keeps for a reader; they cost nobody anything. */
const LARGE_BYTES = 64 * 1024;

/** Lets go of a reader that asked for much and takes nothing of it, as a stream's reader is let go of. */
export function mustBeTaken(res: ServerResponse, bytes: number, house: House): void {
  if (bytes <= LARGE_BYTES || !res.socket) return;
  const untaken = new Untaken(res.socket, house);
  house.alarms.set(untaken, house.clock.now() + house.limits.slowConsumerMs);
  res.once('close', () => house.alarms.clear(untaken));
}

class Untaken extends Alarm {
  #socket: Socket;
  #house: House;
  #left = Infinity;

  constructor(socket: Socket, house: House) {
    super();
    this.#socket = socket;
    this.#house = house;
  }

  ring(now: number): void {
    const left = backlog(this.#socket);
    if (left >= this.#left) {
      this.#house.note(this.#socket, 'slow-consumer');
      this.#house.tally.count(this.#house.tally.ended, 'slow-consumer');
      this.#socket.destroy();
      return;
    }
    this.#left = left;
    this.#house.alarms.set(this, now + this.#house.limits.slowConsumerMs);
  }
}
