import type { Duplex } from 'node:stream';
import type { Clock } from '../../../shared/clock.ts';

/** How long the peer has to read the response and close. Engine milliseconds. */
const LINGER_MS = 5000;
/** How much of what it still sends is read and discarded meanwhile. */
const MAX_DISCARDED_BYTES = 64 * 1024;

/**
 * Ends a connection that Node's HTTP server has handed over with these bytes. Such a socket stays half open
 * until the peer closes too, so one that never does is destroyed.
 */
export function endWithRawResponse(socket: Duplex, text: string, clock: Clock): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  let remaining = MAX_DISCARDED_BYTES;
  // unread input would turn the end into a reset
  socket.on('data', (chunk: Buffer) => {
    remaining -= chunk.length;
    if (remaining < 0) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.once(
    'close',
    clock.after(LINGER_MS, () => socket.destroy()),
  );
  socket.end(text);
  socket.resume();
}
