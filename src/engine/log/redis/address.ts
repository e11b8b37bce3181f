import { Failure } from '../../../shared/failure.ts';

/** What `redis://[user:pass@]host:port[/db][?prefix=heartline]` says. */
export interface RedisAddress {
  host: string;
  port: number;
  tls: boolean;
  username: string | null;
  password: string | null;
  database: number;
  /** Servers with the same one are one server. */
  prefix: string;
  /** For people: without user and password. */
  shown: string;
}

const SHAPE = 'redis://[user:pass@]host:port[/db][?prefix=heartline]';

/** @throws Failure `bad-log` (exit 2), which repeats nothing of the text: it may hold a password */
export function parseRedisAddress(text: string): RedisAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('This is not the address of a Redis.');
  }
  if (url.hostname === '') throw refuse('This address of a Redis names no host.');
  const path = decodeURIComponent(url.pathname.replace(/^\//, ''));
  if (!/^\d{0,5}$/.test(path)) throw refuse('What follows the host of a Redis is the number of its database.');
  for (const name of url.searchParams.keys()) {
    if (name !== 'prefix') throw refuse(`The address of a Redis has no option "${name.slice(0, 40)}".`);
  }
  const prefix = url.searchParams.get('prefix') ?? 'heartline';
  if (!/^[A-Za-z0-9._:-]{1,64}$/.test(prefix)) {
    throw refuse('A prefix is up to 64 letters, digits and . _ : -');
  }
  const tls = url.protocol === 'rediss:';
  const port = url.port === '' ? 6379 : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    host,
    port,
    tls,
    username: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.password === '' ? null : decodeURIComponent(url.password),
    database: Number(path === '' ? 0 : path),
    prefix,
    shown: `${url.protocol}//${url.hostname}:${port}${path === '' ? '' : `/${path}`}`,
  };
}

const refuse = (message: string): Failure =>
  new Failure({ code: 'bad-log', place: '--log', message, hint: `Write ${SHAPE}, or rediss:// for TLS.`, exit: 2 });
