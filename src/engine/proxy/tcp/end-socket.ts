import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { CloseMode } from './faults/fault.ts';

/** How long a side that got FIN may take to close its own half. Real milliseconds. */
const LINGER_MS = 2000;
/** Real milliseconds after which a client has surely seen its connect succeed. */
const CONNECT_GRACE_MS = 20;
const EMPTY = new Uint8Array(0);
/** How long a kernel keeps on sending into a black hole before it gives up: about fifteen minutes on Linux. */
const GIVE_UP_MS = 15 * 60_000;

/** A reset in the same turn as the accept reads as a failed connect, so a new connection gets some time first. */
export const resetGrace = (clock: Clock, openedAt: number): number =>
  Math.max(1, CONNECT_GRACE_MS - (clock.now() - openedAt) / clock.scale);

/**
 * Ends one side of a connection as ordered. The socket's `data` and `end` listeners must be gone.
 * @param grace real milliseconds before a reset, at least one turn: it overtakes what the other end has not yet looked at
 * @param flushed before a reset, wait until what was written has left
 * @returns undoes what still waits, when the socket is destroyed from elsewhere
 */
export function endSocket(socket: Socket, mode: CloseMode, clock: Clock, grace: number, flushed: boolean): Cancel {
  if (socket.connecting) socket.destroy();
  if (socket.destroyed) return () => {};
  let cancel: Cancel = () => {};
  const schedule = (realMs: number, fn: () => void): void => {
    cancel();
    cancel = clock.after(realMs * clock.scale, fn);
  };
  const reset = (): void => void socket.resetAndDestroy();
  switch (mode) {
    case 'fin':
      // Destroying with unread input would send RST, so what still comes is read, to nowhere.
      socket.once('end', () => socket.destroySoon());
      socket.end();
      schedule(LINGER_MS, () => socket.destroy());
      break;
    case 'rst':
      schedule(flushed ? LINGER_MS : grace, reset); // the linger is for one that does not read
      if (!flushed) break;
      if (socket.writableEnded) schedule(grace, reset);
      else socket.write(EMPTY, () => schedule(grace, reset)); // called when all before it has left
      break;
    case 'silence':
      socket.once('data', reset);
      socket.once('end', reset);
      if (socket.readableEnded) cancel = clock.after(GIVE_UP_MS, reset); // it will not send any more
      break;
    case 'black-hole': {
      let spoke = false;
      const speaks = (): void => {
        if (spoke) return;
        spoke = true;
        cancel = clock.after(GIVE_UP_MS, reset);
      };
      socket.once('data', speaks);
      socket.once('end', speaks);
      if (socket.readableEnded) speaks();
      break;
    }
  }
  socket.resume();
  return () => cancel();
}
