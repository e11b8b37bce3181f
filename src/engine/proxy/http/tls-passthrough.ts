import type { Socket } from 'node:net';
import type { Traffic } from '../tcp/traffic.ts';

/** Carries bytes both ways that nobody here can read. @param first what the client has sent already */
export function pipeTls(down: Socket, up: Socket, first: Buffer, traffic: Traffic): void {
  up.removeAllListeners('data').removeAllListeners('end');
  up.on('data', (bytes: Buffer) => traffic.record('down', bytes.length));
  down.on('data', (bytes: Buffer) => traffic.record('up', bytes.length));
  up.on('error', () => down.destroy());
  down.on('error', () => up.destroy());
  up.write(first);
  up.pipe(down);
  down.pipe(up);
}
