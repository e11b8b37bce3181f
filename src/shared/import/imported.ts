/** A request that was seen elsewhere, as an endpoint that can be followed. */
import type { Method } from '../catalog.ts';
import { DEFAULTS } from '../defaults.ts';
import type { TargetAuth } from '../endpoint/auth.ts';
import type { RemoteTarget } from '../target.ts';
import { urlParts } from '../url-parts.ts';
import { fromBase64 } from './base64.ts';

export interface GivenRequest {
  url: string;
  /** Null: not said. */
  httpMethod: string | null;
  headers: [name: string, value: string][];
  body: string | null;
  /** `user:password`; null: none. */
  user: string | null;
  /** What the source knows it for: a browser notes what made a request. */
  known: Method | null;
}

export interface Imported {
  target: RemoteTarget;
  method: Method;
  /** How the method is known; null: it is a guess. */
  by: string | null;
  /** What was not taken over, and why: in the words of whoever wrote it. */
  leftOut: LeftOut[];
}

export interface LeftOut {
  part: string;
  reason: string;
}

/** Fields that belong to the connection, or that a lane writes itself. */
const DROPPED: Record<string, string | null> = {
  host: null,
  connection: null,
  upgrade: null,
  'content-length': null,
  'transfer-encoding': null,
  'sec-websocket-key': null,
  'sec-websocket-version': null,
  'sec-websocket-extensions': null,
  'accept-encoding': 'a lane says by itself which codings it accepts',
  'last-event-id': 'a lane says where it has got to; give --after to begin there',
  te: null,
  'proxy-connection': null,
};

export function importedFrom(given: GivenRequest, leftOut: LeftOut[], more: Partial<RemoteTarget> = {}): Imported {
  const all = given.headers.filter(([name]) => !name.startsWith(':')); // HTTP/2 pseudo-headers, as HAR has them
  const { method, by } = methodOf(given, all);
  const headers: Record<string, string> = {};
  let auth = given.user === null ? undefined : basicOf(given.user);
  let subprotocols: string[] = [];
  for (const [name, value] of all) {
    const lower = name.toLowerCase();
    if (Object.hasOwn(DROPPED, lower)) {
      const reason = DROPPED[lower];
      if (reason != null) leftOut.push({ part: `${name}: ${value}`, reason });
    } else if (lower === 'sec-websocket-protocol') {
      subprotocols = value.split(',').map((one) => one.trim()).filter(Boolean); // prettier-ignore
    } else if (lower === 'authorization' && authOf(value) && auth === undefined) {
      auth = authOf(value);
    } else {
      const before = Object.keys(headers).find((key) => key.toLowerCase() === lower);
      // a repeated field is one with commas (RFC 9110, 5.3), but for cookies
      headers[before ?? name] = before === undefined ? value : `${headers[before]}${lower === 'cookie' ? ';' : ','} ${value}`;
    } // prettier-ignore
  }
  const httpMethod = given.httpMethod?.toUpperCase();
  const usual = given.body === null ? 'GET' : 'POST';
  const target: RemoteTarget = {
    kind: 'remote',
    name: nameOf(given.url),
    base: null,
    urls: { [method]: forMethod(given.url, method) },
    channel: DEFAULTS.channel,
    headers,
    dialect: 'plain',
    ...(httpMethod === undefined || httpMethod === usual || method === 'websocket' ? {} : { httpMethod }),
    ...(given.body === null ? {} : { body: given.body }),
    ...(subprotocols.length > 0 ? { subprotocols } : {}),
    ...(auth ? { auth } : {}),
    ...more,
  };
  return { target, method, by, leftOut };
}

/** What the endpoint is to be called: the last word of its path, and its host. */
function nameOf(url: string): string {
  const parts = urlParts(url);
  if (!parts) return url.slice(0, 100);
  const path = parts.rest.split(/[?#]/)[0]!.split('/').filter(Boolean);
  const host = parts.host + (parts.port === null ? '' : `:${parts.port}`);
  return `${path.length > 0 ? `${path.at(-1)!.slice(0, 60)} · ` : ''}${host}`;
}

function methodOf(
  { url, known, body }: GivenRequest,
  headers: [string, string][],
): { method: Method; by: string | null } {
  const header = (name: string): string => headers.find(([key]) => key.toLowerCase() === name)?.[1].toLowerCase() ?? '';
  if (known) return { method: known, by: 'as the browser noted' };
  if (/^wss?:/i.test(url)) return { method: 'websocket', by: 'by its scheme' };
  if (header('upgrade') === 'websocket') return { method: 'websocket', by: 'by its Upgrade' };
  if (header('accept').includes('text/event-stream')) return { method: 'sse', by: 'by its Accept' };
  if (/ndjson|json-seq|jsonlines|stream\+json/.test(header('accept'))) return { method: 'sse', by: 'by its Accept' };
  if (body !== null && /"stream"\s*:\s*true/.test(body)) return { method: 'sse', by: 'by “stream” in its body' };
  if (/[?&](wait|timeout|hold|longpoll|long_poll)=/i.test(url)) return { method: 'long-polling', by: 'by its query' };
  return { method: 'sse', by: null };
}

/** A WebSocket is asked for by `ws:`, all else by `http:`. */
function forMethod(url: string, method: Method): string {
  if (method === 'websocket') return url.replace(/^http/i, 'ws');
  return url.replace(/^ws/i, 'http');
}

function authOf(value: string): TargetAuth | undefined {
  const m = /^([A-Za-z][\w-]*)\s+(\S+)$/.exec(value.trim());
  if (!m) return undefined;
  const [, scheme = '', rest = ''] = m;
  if (scheme.toLowerCase() === 'bearer') return { type: 'bearer', token: rest };
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const user = fromBase64(rest);
  return user?.includes(':') ? basicOf(user) : undefined;
}

function basicOf(user: string): TargetAuth {
  const at = user.indexOf(':');
  return at < 0
    ? { type: 'basic', user, password: '' }
    : { type: 'basic', user: user.slice(0, at), password: user.slice(at + 1) };
}
