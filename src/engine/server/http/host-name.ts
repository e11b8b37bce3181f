import { hostname } from 'node:os';
import { isIP } from 'node:net';
import { HttpError } from './http-error.ts';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

const isLoopback = (address: string): boolean => LOOPBACK.has(address) || address.startsWith('127.');

/** `[::1]:80` → `::1`, `Localhost:80` → `localhost`. */
const hostnameOf = (host: string): string =>
  (/^\[([^\]]*)\](?::\d*)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, '')).toLowerCase();

/**
 * Whether a Host names a server that listens on this address, with any port: what stands before it may have another.
 * A name that a stranger lets point here (DNS rebinding) is not our own; an address cannot be pointed anywhere.
 */
export function isOwnHost(host: string | undefined, address: string): boolean {
  if (host === undefined) return false;
  const name = hostnameOf(host);
  if (LOOPBACK.has(name) || name === address.toLowerCase()) return true;
  if (isLoopback(address)) return false;
  const machine = hostname().toLowerCase();
  return isIP(name) > 0 || name === machine || name === `${machine}.local`;
}

/**
 * On the loopback only its own names are answered: a page whose name points here would else be of our own origin.
 * On other addresses anyone may read, under whatever name they know the machine by. No Host (HTTP/1.0): no browser.
 * @throws HttpError 421
 */
export function checkHost(host: string | undefined, address: string): void {
  if (host === undefined || !isLoopback(address) || isOwnHost(host, address)) return;
  throw new HttpError(421, {
    code: 'wrong-host',
    place: 'Host',
    message: `This server is not ${host.slice(0, 200)}.`,
    hint: `Ask for ${address}; a proxy in front of it should send that as the Host.`,
  });
}
