import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../shared/clock.ts';
import { failureData } from '../../../shared/failure.ts';
import { problemText, type Headers } from './response.ts';
import { endWithRawResponse } from './raw-response.ts';
import { HttpError, statusOf } from './http-error.ts';

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
