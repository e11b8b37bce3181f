import type { Duplex } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';

/** How long the other end has to take the answer and leave. Engine milliseconds. */
const LINGER_MS = 5000;
/** How much of what it still sends is read meanwhile. */
const MOST_READ = 64 * 1024;

/**
 * Ends a connection that is no longer Node's to look after with these bytes. An HTTP server's sockets stay half open
 * until the other end leaves too, so one that never does is destroyed.
 */
export function lastWords(socket: Duplex, text: string, clock: Clock): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  let left = MOST_READ;
  // unread input would turn the end into a reset
  socket.on('data', (part: Buffer) => {
    left -= part.length;
    if (left < 0) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.once(
    'close',
    clock.after(LINGER_MS, () => socket.destroy()),
  );
  socket.end(text);
  socket.resume();
}
