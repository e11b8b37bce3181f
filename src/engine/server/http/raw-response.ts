import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../shared/clock.ts';
import { failureData } from '../../../shared/failure.ts';
import { problemText, type Headers } from '../../http/response.ts';
import { HttpError, statusOf } from './http-error.ts';

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

/** Responds to an upgrade with a problem instead, and closes the connection once the client has read it. */
export function rejectUpgrade(socket: Duplex, thrown: unknown, headers: Headers, clock: Clock): void {
  endWithRawResponse(socket, rawProblemResponse(thrown, headers), clock);
}

/** A complete response as raw HTTP/1.1. */
export function rawProblemResponse(thrown: unknown, headers: Headers): string {
  const status = statusOf(thrown);
  const body = problemText(status, failureData(thrown));
  const allHeaders: Headers = {
    'Cache-Control': 'no-store',
    ...headers,
    ...(thrown instanceof HttpError ? thrown.headers : {}),
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(allHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
