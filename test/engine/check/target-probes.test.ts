/** A check against real servers on loopback: what each step says, and that it asks no more than once. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { DIALECTS } from '../../../src/engine/dialects/index.ts';
import { TargetProbes } from '../../../src/engine/check/target-probes.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import type { Method } from '../../../src/shared/catalog.ts';
import {
  probeVerdict,
  type MethodProbe,
  type ProbeStepName,
  type TargetProbe,
} from '../../../src/shared/target-probe.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const cert = fixture('cert.pem');
const key = fixture('key.pem');

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

type Options = ConstructorParameters<typeof TargetProbes>[1];
/** Long enough for a busy machine where an answer comes; short where silence is waited for. */
const PATIENT = { totalMs: 20_000, firstByteMs: 20_000 };
const BRIEF = { totalMs: 20_000, firstByteMs: 250 };

async function listen(server: net.Server | http2.Http2SecureServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  const at = server.address();
  return (at as AddressInfo).port;
}

/** A server that counts what it is asked, and its address. */
async function serve(answer: RequestListener): Promise<{ at: string; asked: http.IncomingMessage[] }> {
  const asked: http.IncomingMessage[] = [];
  const server = http.createServer((req, res) => {
    asked.push(req);
    answer(req, res);
  });
  const port = await listen(server);
  undo.push(() => server.closeAllConnections());
  return { at: `127.0.0.1:${port}`, asked };
}

async function probe(target: Partial<RemoteTarget>, options: Options = {}): Promise<TargetProbe> {
  const clock = realClock();
  const probes = new TargetProbes(clock, { limits: PATIENT, ...options });
  const whole: RemoteTarget = {
    kind: 'remote',
    name: 'x',
    base: null,
    urls: {},
    channel: 'demo',
    headers: {},
    dialect: 'plain',
    ...target,
  };
  let now = probes.start(whole, DIALECTS[whole.dialect]!, Object.values(DIALECTS));
  while (!now.done) now = await probes.after(now);
  return now;
}

async function probeOne(
  method: Method,
  url: string,
  o: Options & { target?: Partial<RemoteTarget> } = {},
): Promise<MethodProbe> {
  const { target, ...options } = o;
  const { methods } = await probe({ urls: { [method]: url }, ...target }, options);
  return methods[0]!;
}

const step = (one: MethodProbe, name: ProbeStepName) => one.steps.find((s) => s.name === name)!;
const outcomes = (one: MethodProbe): string => one.steps.map((s) => `${s.name} ${s.outcome}`).join(', ');

describe('a check says how far it came', () => {
  it('a port where nothing listens', async () => {
    const server = net.createServer();
    const port = await listen(server);
    server.close();
    const one = await probeOne('sse', `http://127.0.0.1:${port}/events`);
    expect(outcomes(one)).toBe('name ok, address failed, head not-reached, bytes not-reached, dialect not-reached');
    expect(step(one, 'address').text).toBe(`127.0.0.1:${port} refuses connections: nothing listens there.`);
    expect(step(one, 'address').hint).toContain('Start the server');
    expect(step(one, 'head').took).toBeNull();
  });

  it('a name that nobody knows', async () => {
    const lookup = async (): Promise<never> => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    const one = await probeOne('sse', 'http://events.example.invalid/x', { lookup });
    expect(step(one, 'name')).toMatchObject({
      outcome: 'failed',
      text: 'No address is known for the name events.example.invalid.',
    });
    expect(step(one, 'address').outcome).toBe('not-reached');
  });

  it('a name service that does not answer is left after the time there is', async () => {
    const one = await probeOne('sse', 'http://events.example.invalid/x', {
      lookup: () => new Promise(() => {}),
      limits: { totalMs: 200, firstByteMs: 100 },
    });
    expect(step(one, 'name').text).toContain('gave no answer about events.example.invalid within 0.2 s');
  });
});

describe('over TLS', () => {
  const answer: RequestListener = (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('id: 1\ndata: a\n\n');
  };
  const secure = async (): Promise<string> => {
    const server = https.createServer({ key, cert }, answer);
    const port = await listen(server);
    undo.push(() => server.closeAllConnections());
    return `https://localhost:${port}/`;
  };
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }];

  it('a certificate from an unknown authority, named, and nothing is sent', async () => {
    const one = await probeOne('sse', await secure(), { lookup });
    expect(outcomes(one)).toContain('tls failed, head not-reached');
    expect(step(one, 'tls').text).toContain('is not from an authority that is trusted here');
    expect(step(one, 'tls').hint).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('a trusted one, with version and ALPN', async () => {
    const one = await probeOne('sse', await secure(), { lookup, tls: { ca: cert } });
    expect(step(one, 'tls').text).toBe('TLS 1.3, http/1.1 agreed by ALPN; the certificate is for localhost.');
    expect(probeVerdict(one)).toBe('ok');
  });

  it('a certificate for another name', async () => {
    const url = (await secure()).replace('localhost', 'other.example');
    const one = await probeOne('sse', url, { lookup, tls: { ca: cert } });
    expect(step(one, 'tls').text).toBe('The certificate is for localhost, 127.0.0.1, not for other.example.');
  });

  it('a server that speaks HTTP/2 only', async () => {
    const server = http2.createSecureServer({ key, cert, allowHTTP1: false });
    const port = await listen(server);
    const one = await probeOne('sse', `https://localhost:${port}/`, { lookup, tls: { ca: cert } });
    expect(one.steps.find((s) => s.outcome === 'failed')!.text).toContain('The server speaks HTTP/2 only');
  });

  it('a server that speaks HTTP/2 only, without TLS', async () => {
    const server = http2.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    undo.push(() => server.close());
    const one = await probeOne('sse', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(step(one, 'head').text).toContain('The server speaks HTTP/2 only');
  });

  it('a port that speaks none', async () => {
    const { at } = await serve((_req, res) => res.end());
    const one = await probeOne('sse', `https://${at}/`);
    expect(step(one, 'tls').text).toContain('does not speak TLS');
    expect(step(one, 'tls').hint).toContain('http://');
  });

  it('and a plain request to a port that speaks TLS', async () => {
    const one = await probeOne('sse', (await secure()).replace('https', 'http'), { lookup });
    expect(step(one, 'head').outcome).toBe('failed');
  });
});

describe('answers that are none of a stream', () => {
  it('a redirect to a login page: its address without its query, and it is not followed', async () => {
    const { at, asked } = await serve((_req, res) => {
      res.writeHead(302, { location: '/account/login?return_to=%2Fevents&state=hush4hush4' }).end();
    });
    for (const method of ['sse', 'short-polling', 'websocket'] as const) {
      const one = await probeOne(method, `${method === 'websocket' ? 'ws' : 'http'}://${at}/events`);
      expect(step(one, 'head').text).toBe(`302: it redirects to a login page, http://${at}/account/login?….`);
      expect(step(one, 'head').hint).toContain('Authorization');
    }
    expect(asked).toHaveLength(3);
  });

  it('another redirect: where to', async () => {
    const { at } = await serve((_req, res) => void res.writeHead(308, { location: 'http://other.example/v2' }).end());
    const one = await probeOne('sse', `http://${at}/events`);
    expect(step(one, 'head')).toMatchObject({
      outcome: 'unknown',
      text: '308: it redirects to http://other.example/v2, which was not asked.',
    });
  });

  it('a web page, by its title, for every method', async () => {
    const { at } = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome\n</title>');
    });
    for (const method of ['sse', 'long-polling', 'websocket'] as const) {
      const one = await probeOne(method, `${method === 'websocket' ? 'ws' : 'http'}://${at}/events`);
      expect(step(one, 'head').text).toBe(
        `200: a web page (text/html), titled “Welcome”, answers at ${new URL(one.url).origin}/events.`,
      );
    }
  });

  it('a login page that answers in place', async () => {
    const { at } = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/html' }).end('<title>Acme</title><input type="password">');
    });
    expect(step(await probeOne('sse', `http://${at}/`), 'head').text).toContain('200: a login page');
  });

  it('404, and 400 with its own words', async () => {
    const { at } = await serve((req, res) => {
      if (req.url === '/gone') return void res.writeHead(404).end();
      res.writeHead(400, { 'content-type': 'application/problem+json' }).end('{"detail":"no tenant given"}');
    });
    expect(step(await probeOne('sse', `http://${at}/gone`), 'head')).toMatchObject({
      outcome: 'failed',
      text: '404: there is nothing at this path.',
      hint: 'Check path, channel and dialect.',
    });
    expect(step(await probeOne('short-polling', `http://${at}/`), 'head').text).toBe(
      '400: it does not understand the request: no tenant given.',
    );
  });

  it('an event stream where a poll is wanted, and the other way about', async () => {
    const { at } = await serve((req, res) => {
      if (req.url === '/json') return void res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hi\n\n');
    });
    expect(step(await probeOne('short-polling', `http://${at}/sse`), 'head').hint).toBe('Give this URL for SSE.');
    expect(step(await probeOne('sse', `http://${at}/json`), 'head').hint).toContain('polling');
  });
});

describe('event streams', () => {
  it('one that has an event, read and left; the server is asked once', async () => {
    const { at, asked } = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 7\ndata: a\n\n');
    });
    const one = await probeOne('sse', `http://${at}/events?token=hush1hush2`, {
      target: { headers: { 'X-Key': 'swordfish-1' } },
    });
    expect(outcomes(one)).toBe('name ok, address ok, head ok, bytes ok, dialect ok');
    expect(step(one, 'head').text).toBe('200, text/event-stream.');
    for (const { took } of one.steps) expect(took).toBeGreaterThanOrEqual(0);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.method).toBe('GET');
    expect(asked[0]!.headers).toMatchObject({ accept: 'text/event-stream', 'x-key': 'swordfish-1' });
    if (!asked[0]!.socket.destroyed) await once(asked[0]!.socket, 'close');
  });

  it('a silent one is not a failed one', async () => {
    const { at } = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const one = await probeOne('sse', `http://${at}/`, { limits: BRIEF });
    expect(step(one, 'head').outcome).toBe('ok');
    expect(step(one, 'bytes').outcome).toBe('unknown');
    expect(step(one, 'bytes').text).toMatch(/^No byte yet after 0\.\d s\.$/);
    expect(probeVerdict(one)).toBe('unknown');
  });

  it('a head that does not come is not known either, but for a short poll', async () => {
    const { at } = await serve(() => {});
    const limits = { totalMs: 300, firstByteMs: 100 };
    const { methods } = await probe(
      { urls: { sse: `http://${at}/`, 'long-polling': `http://${at}/`, 'short-polling': `http://${at}/` } },
      { limits },
    );
    const heads = methods.map((one) => [one.method, step(one, 'head').outcome]);
    expect(heads).toEqual([
      ['short-polling', 'failed'],
      ['long-polling', 'unknown'],
      ['sse', 'unknown'],
    ]);
  });

  it('one of another dialect: which', async () => {
    const { at } = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1700000000:0\ndata: a\n\n');
    });
    const one = await probeOne('sse', `http://${at}/`, { target: { dialect: 'heartline' } });
    expect(step(one, 'dialect').outcome).toBe('failed');
    expect(step(one, 'dialect').hint).toContain('It fits nchan (nginx)');
    expect(one.suggestedDialect).toBe('nchan');
  });
});

describe('polls', () => {
  it('JSON that fits', async () => {
    const events = [{ cursor: 'abcd.1', type: 'tick', time: 1, data: 'x' }];
    const { at, asked } = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ events, cursor: 'abcd.1' }));
    });
    const urls = { 'short-polling': `http://${at}/p`, 'long-polling': `http://${at}/l` };
    const { methods } = await probe({ dialect: 'heartline', urls });
    expect(methods.map(probeVerdict)).toEqual(['ok', 'ok']);
    expect(step(methods[0]!, 'dialect').text).toBe('Heartline: 1 event at /events, each with its id.');
    expect(asked.map((req) => req.url).sort()).toEqual(['/l?wait=1', '/p']);
  });

  it('JSON that fits another dialect better', async () => {
    const { at } = await serve((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"events":[]}');
    });
    const one = await probeOne('short-polling', `http://${at}/`);
    expect(step(one, 'dialect').outcome).toBe('ok');
    expect(one.suggestedDialect).toBe('heartline');
    const other = await serve((_req, res) => void res.end('{"price":3}'));
    const two = await probeOne('short-polling', `http://${other.at}/`, { target: { dialect: 'heartline' } });
    expect(step(two, 'dialect').outcome).toBe('failed');
    expect(two.suggestedDialect).toBe('plain');
  });
});

describe('WebSocket', () => {
  const sockets = async (greet: boolean): Promise<{ at: string; closes: Promise<number> }> => {
    const server = http.createServer();
    const wss = new WebSocketServer({ server });
    const closes = Promise.withResolvers<number>();
    wss.on('connection', (ws) => {
      ws.on('close', (code) => closes.resolve(code));
      if (greet) ws.send('hello');
    });
    const port = await listen(server);
    undo.push(() => wss.close());
    return { at: `127.0.0.1:${port}`, closes: closes.promise };
  };

  it('one that speaks, left with a close frame', async () => {
    const { at, closes } = await sockets(true);
    const one = await probeOne('websocket', `ws://${at}/`);
    expect(outcomes(one)).toBe('name ok, address ok, head ok, bytes ok, dialect ok');
    expect(await closes).toBe(1000);
  });

  it('one that says nothing yet', async () => {
    const { at } = await sockets(false);
    const one = await probeOne('websocket', `ws://${at}/`, { limits: BRIEF });
    expect(step(one, 'head').text).toBe('101: it switches to WebSocket.');
    expect(step(one, 'bytes')).toMatchObject({ outcome: 'unknown' });
    expect(step(one, 'bytes').text).toMatch(/^No message yet after 0\.\d s\.$/);
  });

  it('one that takes no subprotocol of the dialect', async () => {
    const server = http.createServer();
    const wss = new WebSocketServer({ server, handleProtocols: () => false });
    const port = await listen(server);
    undo.push(() => wss.close());
    const one = await probeOne('websocket', `ws://127.0.0.1:${port}/`, { target: { dialect: 'heartline' } });
    expect(step(one, 'head').text).toContain('takes none of the subprotocols of Heartline (events.v1)');
    expect(one.suggestedDialect).toBe('plain');
  });

  it.each([200, 426])('behind a path that takes Upgrade away: %i', async (status) => {
    const { at } = await serve(
      (_req, res) => void res.writeHead(status, { 'content-type': 'text/plain' }).end('use wss'),
    );
    const one = await probeOne('websocket', `ws://${at}/`);
    expect(step(one, 'head')).toMatchObject({
      outcome: 'failed',
      text: `${status} text/plain answers instead of a switch to WebSocket${status === 426 ? ': use wss' : ''}.`,
    });
    expect(step(one, 'head').hint).toContain('Upgrade');
  });
});

it('shows nothing of what lets it in, though a server says it back', async () => {
  const { at } = await serve((req, res) => {
    const said = { detail: `bad ${req.headers.authorization} for ${req.url}` };
    res.writeHead(400, { 'content-type': 'application/problem+json' }).end(JSON.stringify(said));
  });
  const one = await probeOne('sse', `http://user:pa55phrase@${at}/events?api_key=abc123def456`, {
    target: { headers: { Authorization: 'Bearer s3cr3t-t0ken' } },
  });
  const all = JSON.stringify(one);
  for (const secret of ['pa55phrase', 'abc123def456', 's3cr3t-t0ken']) expect(all).not.toContain(secret);
  expect(all).toContain('redacted');
});
