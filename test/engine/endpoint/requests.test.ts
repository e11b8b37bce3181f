/** What is sent beside the dialect, and how often. */
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import http from 'node:http';
import { follow, listening, noting, server, stream, type Asked } from './rig.ts';

const sse = (port: number) => [{ method: 'sse' as const, url: `http://127.0.0.1:${port}/x?kept=1` }];

describe('a request that may cost something', () => {
  it('is sent once: its stream is not asked for again by itself', async () => {
    const { port, asked } = await server((_, res) => {
      stream(res, 'one');
      setTimeout(() => res.destroy(), 30);
    });
    const w = await follow({ body: '{"model":"x"}', query: { v: '2' } }, sse(port));
    expect(await w.until('state', (s) => s.to === 'failed')).toMatchObject({ reason: 'not-resent' });
    expect(await w.until('notice', (n) => n.code === 'not-resent')).toMatchObject({ level: 'error' });
    expect(asked).toMatchObject([{ method: 'POST', url: '/x?kept=1&v=2', body: '{"model":"x"}' }]);
    expect(asked[0]!.headers['content-type']).toBe('application/json');
    expect(w.all('event')).toHaveLength(1);
  });

  it('is over where its answer is complete', async () => {
    const { port, asked } = await server((_, res) => {
      stream(res, 'one');
      res.end();
    });
    const w = await follow({ httpMethod: 'POST' }, sse(port));
    expect(await w.until('state', (s) => s.to === 'failed' || s.to === 'stopped')).toMatchObject({ reason: 'ended' });
    expect(w.all('drop')).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('comes back where a rule says so, and where it never left', async () => {
    let n = 0;
    const { port, asked } = await server((_, res) => (++n < 3 ? res.writeHead(503).end() : stream(res, 'in')));
    const w = await follow({ body: 'x', retryOn: ['503'] }, sse(port));
    await w.until('event');
    expect(asked).toHaveLength(3);
    const dead = await follow({ body: 'x' }, [{ method: 'sse', url: 'http://127.0.0.1:1/x' }]);
    await dead.until('reconnect', (r) => r.attempt === 2);
  });
});

describe('a rule', () => {
  it('stops what would come back, and brings back what would stop', async () => {
    const { port } = await server((_, res) => res.writeHead(404).end());
    const back = await follow({ retryOn: ['404'] }, sse(port));
    await back.until('reconnect', (r) => r.attempt === 2);
    const made = http.createServer();
    new WebSocketServer({ server: made }).on('connection', (ws) => ws.close(4001));
    const wsPort = await listening(made);
    const stop = await follow({ retryOn: ['4001=stop'] }, [{ method: 'websocket', url: `ws://127.0.0.1:${wsPort}` }]);
    expect(await stop.until('state', (s) => s.to === 'failed')).toMatchObject({ evidence: 'close:4001' });
  });
});

it('a total deadline ends a stream and a poll, by the client’s own doing', async () => {
  const { port } = await server((req, res) => (req.url.startsWith('/s') ? stream(res, 'x') : undefined));
  const w = await follow({ deadlineMs: 150 }, [
    { method: 'sse', url: `http://127.0.0.1:${port}/s` },
    { method: 'long-polling', url: `http://127.0.0.1:${port}/poll` },
  ]);
  for (const id of ['sse', 'long-polling']) {
    const drop = await w.until('drop', (d) => d.lane === id);
    expect(drop).toMatchObject({ evidence: 'deadline', by: 'client' });
    expect(drop.detail).toContain('total deadline');
  }
});

it('cookies that a server sets go with the lane’s next requests, each lane its own', async () => {
  let n = 0;
  const { port, asked } = await server((req, res) => {
    if (!req.headers.cookie) res.setHeader('set-cookie', [`node=s${++n}-sticky; Path=/`, 'far=x; Domain=other.test']);
    stream(res, 'x');
    setTimeout(() => res.destroy(), 20);
  });
  const url = `http://127.0.0.1:${port}/x`;
  const w = await follow({}, [
    { method: 'sse', url },
    { method: 'sse', url },
  ]);
  await w.until('request', () => asked.length >= 6);
  expect([...new Set(asked.map((one) => one.headers.cookie))].toSorted()).toEqual([
    'node=s1-sticky',
    'node=s2-sticky',
    undefined,
  ]);
  expect(w.all('notice').filter((o) => o.code === 'cookie-set')).toHaveLength(2);
  expect(JSON.stringify(w.seen)).not.toContain('-sticky');
  await w.lab.close();
  const off = await follow({ cookies: false }, [{ method: 'sse', url }]);
  asked.length = 0;
  await off.until('reconnect', (r) => r.attempt === 2);
  expect(asked.every((one) => one.headers.cookie === undefined)).toBe(true);
});

it('a WebSocket offers its subprotocols and sends its opening messages at every connect', async () => {
  const got: string[] = [];
  const asked: Asked[] = [];
  const made = http.createServer(noting(asked, (_, res) => res.end()));
  const wss = new WebSocketServer({ server: made });
  wss.on('connection', (ws, req) => {
    got.push(String(req.headers['sec-websocket-protocol']));
    ws.on('message', (data: Buffer) => {
      got.push(data.toString());
      ws.send('ok');
      setTimeout(() => ws.close(4000), 20);
    });
  });
  const port = await listening(made);
  const w = await follow(
    { subprotocols: ['v2.json'], open: ['{"op":"subscribe","from":"{cursor?}","key":"{var.k}"}'], vars: { k: 'a"b' } },
    [{ method: 'websocket', url: `ws://127.0.0.1:${port}/` }],
  );
  await w.until('reconnect', (r) => r.attempt === 2);
  expect(got.slice(0, 4)).toEqual([
    'v2.json',
    '{"op":"subscribe","key":"a\\"b"}',
    'v2.json',
    '{"op":"subscribe","key":"a\\"b"}',
  ]);
});

describe('TLS', () => {
  const fixture = (name: string): string =>
    readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
  const secure = async (options: https.ServerOptions = {}): Promise<number> =>
    listening(
      https.createServer({ key: fixture('key.pem'), cert: fixture('cert.pem'), ...options }, (_, res) =>
        stream(res, 'x'),
      ),
    );
  const lanes = (port: number, host = 'localhost') => [{ method: 'sse' as const, url: `https://${host}:${port}/x` }];

  it('trusts an authority of one’s own, and holds the certificate against the name that was given', async () => {
    const port = await secure();
    const w = await follow({ tls: { ca: fixture('cert.pem') } }, lanes(port));
    await w.until('event');
    const other = await follow({ tls: { ca: fixture('cert.pem'), serverName: 'other.test' } }, lanes(port));
    expect(await other.until('drop')).toMatchObject({ evidence: 'tls' });
  });

  it('takes any certificate where that is asked for, and says so everywhere', async () => {
    const w = await follow({ tls: { insecure: true } }, lanes(await secure()));
    await w.until('event');
    expect(w.all('notice')).toContainEqual(
      expect.objectContaining({ code: 'insecure-tls', level: 'warn', lane: 'sse' }),
    );
    expect(w.all('run')[0]!.target.insecure).toBe(true);
    expect(w.lab.summary()['sse']!.insecure).toBe(true);
  });

  it('shows a client certificate, and says where one was asked for', async () => {
    const port = await secure({ requestCert: true, ca: fixture('cert.pem') });
    const ca = fixture('cert.pem');
    const w = await follow({ tls: { ca, cert: ca, key: fixture('key.pem') } }, lanes(port));
    await w.until('event');
    const none = await follow({ tls: { ca } }, lanes(port));
    const drop = await none.until('drop');
    expect(drop).toMatchObject({ evidence: 'tls' });
    expect(drop.detail).toContain('client certificate');
  });

  it('names the file whose password is wrong', async () => {
    await expect(follow({ tls: { cert: fixture('cert.pem'), key: 'nowhere.pem' } }, lanes(1))).rejects.toMatchObject({
      place: 'tls.key',
      exit: 2,
      message: 'nowhere.pem cannot be read: there is no such file.',
    });
  });
});
