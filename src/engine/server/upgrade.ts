import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';
import { failureData } from '../../shared/failure.ts';
import { problemText, type Headers } from './answer.ts';
import { lastWords } from './last-words.ts';
import { Refusal, statusOf } from './refusal.ts';

/** Answers an upgrade with a problem instead, and ends the connection once the other end has taken it. */
export function refuseRaw(socket: Duplex, thrown: unknown, headers: Headers, clock: Clock): void {
  lastWords(socket, rawProblem(thrown, headers), clock);
}

/** A whole answer as it stands on the wire. */
export function rawProblem(thrown: unknown, headers: Headers): string {
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
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
