/** What is said to an upstream proxy before it lets bytes through: HTTP CONNECT (RFC 9110, 9.3.6) or SOCKS5 (RFC 1928, 1929). */
import { isIP, isIPv6 } from 'node:net';
import type { ProxyRoute } from './proxy-choice.ts';

export type HandshakeStep =
  | { is: 'more'; send?: Buffer }
  /** The way is open; `rest` came already from the other end. */
  | { is: 'open'; rest: Buffer }
  | { is: 'refused'; detail: string };

export interface ProxyHandshake {
  start(): Buffer;
  feed(bytes: Buffer): HandshakeStep;
}

export const proxyName = ({ host, port }: ProxyRoute): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

/** @param host as the proxy is to reach it: a name, or an address without brackets */
export const proxyHandshake = (proxy: ProxyRoute, host: string, port: number): ProxyHandshake =>
  proxy.kind === 'http' ? new HttpConnect(proxy, host, port) : new Socks5(proxy, host, port);

/** What tells a proxy who asks; null where no user was given. */
export function proxyAuthorization({ user, password }: ProxyRoute): string | null {
  return user === null ? null : `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
}

/** More head than this no proxy sends. */
const MAX_HEAD = 64 * 1024;

class HttpConnect implements ProxyHandshake {
  readonly #proxy: ProxyRoute;
  readonly #authority: string;
  #head: Buffer = Buffer.alloc(0);

  constructor(proxy: ProxyRoute, host: string, port: number) {
    this.#proxy = proxy;
    this.#authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  }

  start(): Buffer {
    const authorization = proxyAuthorization(this.#proxy);
    const lines = [
      `CONNECT ${this.#authority} HTTP/1.1`,
      `Host: ${this.#authority}`,
      ...(authorization === null ? [] : [`Proxy-Authorization: ${authorization}`]),
    ];
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  }

  feed(bytes: Buffer): HandshakeStep {
    const all = (this.#head = Buffer.concat([this.#head, bytes]));
    const end = all.indexOf('\r\n\r\n');
    const who = `the proxy ${proxyName(this.#proxy)}`;
    if (end < 0) {
      const begins = all.subarray(0, 5).toString('latin1');
      if (!'HTTP/'.startsWith(begins) && !begins.startsWith('HTTP/')) {
        return { is: 'refused', detail: `what answers at ${proxyName(this.#proxy)} is no HTTP proxy` };
      }
      return all.length > MAX_HEAD ? { is: 'refused', detail: `${who} answers without end` } : { is: 'more' };
    }
    const head = all.subarray(0, end).toString('latin1');
    const [, status = '', reason = ''] = /^HTTP\/1\.\d (\d{3})[ ]?([^\r\n]*)/.exec(head) ?? [];
    if (/^1\d\d$/.test(status)) {
      this.#head = Buffer.alloc(0);
      return this.feed(all.subarray(end + 4));
    }
    if (/^2\d\d$/.test(status)) return { is: 'open', rest: all.subarray(end + 4) };
    const said = status === '' ? 'no HTTP' : `${status}${reason === '' ? '' : ` ${reason}`}`;
    if (status === '407') {
      const scheme = /^proxy-authenticate:\s*([\w-]+)/im.exec(head)?.[1];
      const asked = scheme ? ` (${scheme})` : '';
      const given =
        this.#proxy.user === null ? 'it wants a user and password' : 'it does not take the user or password';
      return { is: 'refused', detail: `${who} answers ${said}: ${given}${asked}` };
    }
    return { is: 'refused', detail: `${who} answers ${said} to CONNECT ${this.#authority}` };
  }
}

const SOCKS_REPLIES: Record<number, string> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'the network cannot be reached',
  4: 'the host cannot be reached',
  5: 'the target refuses connections',
  6: 'the time to live ran out',
  7: 'it knows no CONNECT',
  8: 'it knows no such kind of address',
};

class Socks5 implements ProxyHandshake {
  readonly #proxy: ProxyRoute;
  readonly #host: string;
  readonly #port: number;
  #stage: 'method' | 'auth' | 'reply' = 'method';
  #buffer: Buffer = Buffer.alloc(0);

  constructor(proxy: ProxyRoute, host: string, port: number) {
    this.#proxy = proxy;
    this.#host = host;
    this.#port = port;
  }

  start(): Buffer {
    return Buffer.from(this.#proxy.user === null ? [5, 1, 0] : [5, 2, 0, 2]);
  }

  feed(bytes: Buffer): HandshakeStep {
    const all = (this.#buffer = Buffer.concat([this.#buffer, bytes]));
    if (all.length < 2) return { is: 'more' };
    if (this.#stage === 'method') return this.#method(all);
    if (this.#stage === 'auth') {
      if (all[1] !== 0) return this.#refused('does not take the user or password');
      return this.#connect(all.subarray(2));
    }
    return this.#reply(all);
  }

  #method(all: Buffer): HandshakeStep {
    if (all[0] !== 5) {
      return { is: 'refused', detail: `what answers at ${proxyName(this.#proxy)} is no SOCKS5 proxy` };
    }
    if (all[1] === 0) return this.#connect(all.subarray(2));
    const { user, password } = this.#proxy;
    if (all[1] !== 2 || user === null) {
      const wants = user === null ? 'wants a user and password' : 'takes no way of signing in that is known here';
      return this.#refused(wants);
    }
    this.#stage = 'auth';
    this.#buffer = all.subarray(2);
    const [u, p] = [Buffer.from(user), Buffer.from(password ?? '')];
    return {
      is: 'more',
      send: Buffer.concat([Buffer.from([1, u.length & 255]), u, Buffer.from([p.length & 255]), p]),
    };
  }

  #connect(rest: Buffer): HandshakeStep {
    this.#stage = 'reply';
    this.#buffer = rest;
    return { is: 'more', send: Buffer.concat([Buffer.from([5, 1, 0]), this.#address(), uint16(this.#port)]) };
  }

  #address(): Buffer {
    const kind = isIP(this.#host);
    if (kind === 4) return Buffer.from([1, ...this.#host.split('.').map(Number)]);
    if (kind === 6) return Buffer.concat([Buffer.from([4]), ipv6Bytes(this.#host)]);
    const name = Buffer.from(this.#host);
    return Buffer.concat([Buffer.from([3, name.length & 255]), name]);
  }

  #reply(all: Buffer): HandshakeStep {
    if (all[1] !== 0) return this.#refused(`says: ${SOCKS_REPLIES[all[1]!] ?? `code ${all[1]}`}`);
    if (all.length < 5) return { is: 'more' };
    const length = all[3] === 1 ? 4 : all[3] === 4 ? 16 : 1 + all[4]!;
    const end = 4 + length + 2;
    return all.length < end ? { is: 'more' } : { is: 'open', rest: all.subarray(end) };
  }

  #refused(how: string): HandshakeStep {
    return { is: 'refused', detail: `the SOCKS5 proxy ${proxyName(this.#proxy)} ${how}` };
  }
}

const uint16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);

function ipv6Bytes(text: string): Buffer {
  const [head = '', tail] = text.replace(/%.*$/, '').split('::');
  const words = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((word) => {
          if (!word.includes('.')) return [parseInt(word, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
          return [(a << 8) | b, (c << 8) | d];
        });
  const [before, after] = [words(head), tail === undefined ? [] : words(tail)];
  const zeros = Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return Buffer.concat([...before, ...zeros, ...after].slice(0, 8).map(uint16));
}
