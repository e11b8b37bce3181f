import type { Duplex } from 'node:stream';
import { failureData } from '../../shared/failure.ts';
import { problemText, type Headers } from './answer.ts';
import { Refusal, statusOf } from './refusal.ts';
import { STATUS_CODES } from 'node:http';

/** Answers an upgrade, or a request that could not be read, with a problem instead, and ends the connection. */
export function refuseRaw(socket: Duplex, thrown: unknown, headers: Headers): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOf(thrown);
  const body = problemText(status, failureData(thrown));
  const all: Headers = {
    'Cache-Control': 'no-store',
    ...headers,
    ...(thrown instanceof Refusal ? thrown.headers : {}),
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
  socket.resume(); // unread input would turn the end into a reset
}
