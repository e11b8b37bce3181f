import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { Causes } from '../../../../src/engine/evidence/causes.ts';
import { realClock } from '../../../../src/engine/time/clock.ts';
import { ClientNetwork, type ClientNetworkOptions } from '../../../../src/engine/client/net/network.ts';
import { FakeClock, settle } from '../../../helpers/fake-clock.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const undo: (() => void)[] = [];
afterEach(() => {
  for (const fn of undo.splice(0)) fn();
});

/** A server whose next connection can be awaited. */
async function server(make: (onSocket: (s: net.Socket) => void) => net.Server = (fn) => net.createServer(fn)) {
  const waiting: ((s: net.Socket) => void)[] = [];
  const arrived: net.Socket[] = [];
  const all = new Set<net.Socket>();
  const srv = make((s) => {
    all.add(s);
    s.on('error', () => {});
    const taker = waiting.shift();
    if (taker) taker(s);
    else arrived.push(s);
  });
  await new Promise<void>((resolve) => srv.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    for (const s of all) s.destroy();
    srv.close();
  });
  return {
    port: (srv.address() as net.AddressInfo).port,
    next: (): Promise<net.Socket> =>
      new Promise((resolve) => {
        const s = arrived.shift();
        if (s) resolve(s);
        else waiting.push(resolve);
      }),
  };
}

function line(more: Partial<ClientNetworkOptions> = {}): ClientNetwork {
  const l = new ClientNetwork({
    lane: 'sse',
    clock: realClock(),
    enter: async (_, host, port) => ({ host, port }),
    causes: new Causes(),
    ...more,
  });
  undo.push(() => l.destroy());
  return l;
}

/** What a stream has said so far, in order; `until` resolves once it has said something. */
function received(stream: Duplex) {
  const said: string[] = [];
  const looks = new Set<() => void>();
  const say = (what: string): void => {
    said.push(what);
    for (const look of looks) look();
  };
  stream.on('data', (d: Buffer) => say(d.toString()));
  stream.on('end', () => say('<end>'));
  stream.on('error', () => say('<error>'));
  stream.on('close', () => say('<close>'));
  const until = (what: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!said.join('').includes(what)) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });
  return { said, until };
}

const ended = (s: net.Socket): Promise<void> => new Promise((resolve) => s.once('close', () => resolve()));

describe('what the raw socket saw', () => {
  it.each(['fin', 'rst'] as const)('is a %s after the bytes before it', async (how) => {
    const { port, next } = await server();
    const l = line();
    const stream = l.open({ host: '127.0.0.1', port, secure: false });
    const { said, until } = received(stream);
    const s = await next();
    s.write('last words');
    await until('last words');
    if (how === 'fin') s.end();
    else s.resetAndDestroy();
    await until('<close>');
    expect(l.socketOf(stream)!.evidence).toBe(how);
    expect(said.join('')).toContain('last words');
  });

  it('is a refusal where nobody listens', async () => {
    const l = line();
    const { port } = await server();
    const closed = net.createServer();
    await new Promise<void>((r) => closed.listen(0, '127.0.0.1', r));
    const closedPeer = (closed.address() as net.AddressInfo).port;
    await new Promise((r) => closed.close(r));
    expect(port).not.toBe(closedPeer);
    const stream = l.open({ host: '127.0.0.1', port: closedPeer, secure: false });
    await received(stream).until('<close>');
    expect(l.socketOf(stream)!.evidence).toBe('refused');
  });

  it('is a name that does not resolve', async () => {
    const l = line({ enter: () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })) });
    const stream = l.open({ host: 'nowhere.invalid', port: 80, secure: false });
    await received(stream).until('<close>');
    expect(l.socketOf(stream)!.evidence).toBe('dns');
  });

  it('is a timeout on the lane’s own clock', async () => {
    const clock = new FakeClock();
    const l = line({ clock, enter: () => new Promise(() => {}) });
    const stream = l.open({ host: '127.0.0.1', port: 1, secure: false });
    const { said } = received(stream);
    await clock.pass(9999);
    expect(said).toEqual([]);
    await clock.pass(1);
    expect(said).toContain('<close>');
    expect(l.socketOf(stream)!.evidence).toBe('connect-timeout');
  });

  it('comes with what the engine knows, by the local port', async () => {
    const { port, next } = await server();
    const causes = new Causes();
    const clock = realClock();
    const l = line({ causes, clock });
    const stream = l.open({ host: '127.0.0.1', port, secure: false });
    const { until } = received(stream);
    const s = await next();
    const at = clock.now();
    causes.note(s.remotePort!, { cause: 'idle-limit', by: 'path', at });
    s.end();
    await until('<close>');
    expect(l.closeReport().known).toEqual({ cause: 'idle-limit', by: 'path', at });
    // told once, and gone from the book with the connection
    expect(causes.take(s.remotePort!)).toBeNull();
  });
});

describe('frozen', () => {
  it.each(['fin', 'rst'] as const)('holds bytes and then the %s, in order', async (how) => {
    const { port, next } = await server();
    const l = line();
    const stream = l.open({ host: '127.0.0.1', port, secure: false });
    const { said, until } = received(stream);
    const s = await next();
    s.write('one');
    await until('one');
    l.freeze();
    await new Promise((resolve) => s.write('two', resolve));
    // a reset loses what the kernel has not sent on: one turn of the network
    await settle();
    const gone = ended(s);
    if (how === 'fin') s.destroySoon();
    else s.resetAndDestroy();
    if (how === 'rst') await gone;
    await settle();
    expect(said).toEqual(['one']);
    expect(l.socketOf(stream)!.evidence).toBeNull();
    l.thaw();
    await until('<close>');
    expect(said.slice(0, 2)).toEqual(['one', 'two']);
    expect(l.socketOf(stream)!.evidence).toBe(how);
  });

  it('writes nothing until it wakes', async () => {
    const { port, next } = await server();
    const l = line();
    const stream = l.open({ host: '127.0.0.1', port, secure: false });
    const s = await next();
    const got: string[] = [];
    s.on('data', (d) => got.push(d.toString()));
    l.freeze();
    stream.write('held');
    await settle();
    expect(got).toEqual([]);
    l.thaw();
    await new Promise((resolve) => s.once('data', resolve));
    expect(got).toEqual(['held']);
  });

  it('dials only on waking', async () => {
    const { port, next } = await server();
    const l = line();
    l.freeze();
    const stream = l.open({ host: '127.0.0.1', port, secure: false });
    await settle();
    expect(l.socketOf(stream)!.connecting).toBe(true);
    l.thaw();
    await next();
  });
});

describe('offline', () => {
  it('lets nothing through, either way, and TCP bring it later', async () => {
    const { port, next } = await server();
    const l = line();
    const stream = l.open({ host: '127.0.0.1', port, secure: false });
    const { said, until } = received(stream);
    const s = await next();
    l.setOffline(true);
    stream.write('up');
    await new Promise((resolve) => s.write('down', resolve));
    await settle();
    expect(said).toEqual([]);
    expect(s.bytesRead).toBe(0);
    l.setOffline(false);
    await until('down');
    await new Promise((resolve) => s.once('data', resolve));
  });

  it('fails a new dial at once', async () => {
    const { port } = await server();
    const l = line();
    l.setOffline(true);
    const stream = l.open({ host: '127.0.0.1', port, secure: false });
    await received(stream).until('<close>');
    expect(l.socketOf(stream)!.evidence).toBe('offline');
    expect(l.closeReport().known).toMatchObject({ cause: 'offline', by: 'client' });
  });
});

it.each(['fin', 'rst'] as const)('cut with a %s says who did it', async (end) => {
  const { port, next } = await server();
  const l = line();
  const stream = l.open({ host: '127.0.0.1', port, secure: false });
  const { until } = received(stream);
  const s = await next();
  s.write('x');
  await until('x');
  l.cut(end);
  await until('<close>');
  expect(l.socketOf(stream)!.evidence).toBe(end);
  expect(l.closeReport().known).toMatchObject({ cause: 'cut', by: 'path' });
});

describe('TLS over the line', () => {
  const secure = { key: fixture('key.pem'), cert: fixture('cert.pem') };

  it('counts the plaintext, and enters the path at the socket', async () => {
    let name: string | false | null = null;
    const { port, next } = await server((fn) =>
      tls.createServer(secure, (s) => {
        name = s.servername;
        fn(s);
      }),
    );
    // the lane dials elsewhere, the certificate and SNI stay the target's
    const l = line({ tls: { ca: secure.cert }, enter: async () => ({ host: '127.0.0.1', port }) });
    const stream = l.open({ host: 'localhost', port: 443, secure: true });
    const { until } = received(stream);
    stream.write('hello');
    const s = await next();
    await new Promise((resolve) => s.once('data', resolve));
    s.write('hi there');
    await until('hi there');
    expect(name).toBe('localhost');
    expect([l.bytesOut, l.bytesIn]).toEqual([5, 8]);
    s.destroy();
    await until('<close>');
    expect(l.socketOf(stream)!.evidence).toBe('fin');
  });

  it('an unknown certificate is tls, and no more', async () => {
    const { port } = await server((fn) => tls.createServer(secure, fn));
    const l = line();
    const stream = l.open({ host: '127.0.0.1', port, secure: true });
    await received(stream).until('<close>');
    expect(l.socketOf(stream)!.evidence).toBe('tls');
  });
});
