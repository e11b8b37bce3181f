/** What a dialect promises, whoever wrote it: the same server is told of truthfully by rules alone. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { dialectFrom } from '../helpers/dialect.ts';
import { watchedLane, type WatchedLane } from '../helpers/lane.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

async function http(
  answer: (req: IncomingMessage, res: ServerResponse, nth: number, body: string) => void,
): Promise<string> {
  let nth = 0;
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => (body += String(chunk)));
    req.on('end', () => answer(req, res, nth++, body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

async function sockets(serve: (ws: WebSocket, said: any, nth: number) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  let nth = 0;
  server.on('connection', (ws) => {
    const mine = nth++;
    ws.on('message', (data) => serve(ws, JSON.parse(String(data)), mine));
  });
  undo.push(
    () => server.close(),
    () => server.clients.forEach((ws) => ws.terminate()),
  );
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

function follow(method: 'sse' | 'websocket' | 'short-polling', url: string, text: string): WatchedLane {
  const w = watchedLane({ method, url, dialect: dialectFrom(text), settings: { pollMs: 100 } });
  undo.push(() => w.lane.close());
  w.lane.start();
  return w;
}

const TICKER = `
ids: {kind: dense}
methods:
  websocket:
    framing: json
    open: [{send: {op: sub, from: '{cursor?:number}'}, await: {/t: ok}}]
    messages:
      - {when: {/t: ok}, is: ignore}
      - {when: {/t: bye}, is: end}
      - {when: {/t: gap}, is: gap, oldest: /oldest, then: before-oldest}
      - {is: event, id: /n, data: /d}
`;

describe('a WebSocket with a subscription', () => {
  it('counts a gap once, goes on from before the oldest, and ends with its end', async () => {
    const asked: unknown[] = [];
    const url = await sockets((ws, said, nth) => {
      asked.push(said.from);
      const say = (...all: object[]): void => all.forEach((one) => ws.send(JSON.stringify(one)));
      if (nth === 0) {
        say({ t: 'ok' }, { n: 1, d: 'a' }, { n: 2, d: 'b' });
        ws.close(4000);
      } else if (nth === 1) {
        say({ t: 'ok' }, { t: 'gap', oldest: 6 });
        ws.close(4409); // the same gap
      } else say({ t: 'ok' }, { n: 6, d: 'f' }, { t: 'bye' });
    });
    const w = follow('websocket', url, TICKER);
    expect(await w.until('state', (s) => s.to === 'stopped')).toMatchObject({ reason: 'ended' });
    expect(asked).toEqual([undefined, 2, 5]);
    expect(w.all('gap')).toEqual([expect.objectContaining({ from: '2', to: '5', missed: 3 })]);
    expect(w.all('event').map((e) => e.id)).toEqual(['1', '2', '6']);
  });

  it('is not open until what it awaits has come', async () => {
    const url = await sockets(() => {});
    const w = follow('websocket', url, TICKER.replace('await: {/t: ok}', 'await: {/t: ok}, within: 200ms'));
    expect(await w.until('drop')).toMatchObject({ evidence: 'no-answer', by: 'client' });
    expect(w.all('state').map((s) => s.to)).not.toContain('open');
  });
});

const CHAT = `
ids: {kind: none}
methods:
  sse:
    first: {method: POST, body: {stream: true}}
    resume: none
    messages:
      - {when: {data: '[DONE]'}, is: end}
      - {is: event, data: /delta}
`;

describe('a stream that is asked for by POST', () => {
  const stream = (res: ServerResponse, text: string): void => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(text);
  };

  it('is complete with its terminal message, and asked for once', async () => {
    const bodies: string[] = [];
    const url = await http((_, res, __, body) => {
      bodies.push(body);
      stream(res, 'data: {"delta":"hi"}\n\ndata: [DONE]\n\n');
      res.end();
    });
    const w = follow('sse', url, CHAT);
    expect(await w.until('state', (s) => s.to === 'stopped')).toMatchObject({ reason: 'ended' });
    expect(bodies).toEqual(['{"stream":true}']);
    expect(w.all('notice').filter((n) => n.code === 'truncated')).toEqual([]);
  });

  it.each(['end', 'destroy'] as const)(
    'that stops by %s without it is truncated, and not asked for again',
    async (how) => {
      let requests = 0;
      const url = await http((_, res) => {
        requests++;
        stream(res, 'data: {"delta":"hi"}\n\n');
        setTimeout(() => res[how](), 50);
      });
      const w = follow('sse', url, CHAT);
      expect(await w.until('state', (s) => s.to === 'failed')).toMatchObject({ reason: 'not-resent' });
      expect(w.all('notice').map((n) => n.code)).toContain('truncated');
      expect(requests).toBe(1);
    },
  );
});

describe('lines of JSON', () => {
  it('are a stream: bookmarks move the cursor, a gone version starts it anew', async () => {
    const asked: (string | null)[] = [];
    const url = await http((req, res, nth) => {
      asked.push(new URL(req.url!, 'http://x').searchParams.get('resourceVersion'));
      if (nth === 1)
        return void res
          .writeHead(410, { 'content-type': 'application/json' })
          .end('{"kind":"Status","code":410,"message":"too old"}');
      res.writeHead(200, { 'content-type': 'application/json' });
      res.write('{"type":"ADDED","object":{"metadata":{"resourceVersion":"7"}}}\n');
      if (nth === 0) res.end('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n');
    });
    const w = watchedLane({ method: 'sse', url, dialect: 'kubernetes-watch' });
    undo.push(() => w.lane.close());
    w.lane.start();
    await w.until('event', () => asked.length === 3);
    expect(asked).toEqual([null, '9', null]);
    expect(w.all('gap')).toHaveLength(1);
    expect(w.all('gap')[0]).toMatchObject({ from: '9', to: null, missed: null });
  });
});

describe('polls', () => {
  it('ask Telegram from the last id + 1, and say so', async () => {
    const asked: (string | null)[] = [];
    const url = await http((req, res, nth) => {
      asked.push(new URL(req.url!, 'http://x').searchParams.get('offset'));
      const result = nth === 0 ? [{ update_id: 41 }, { update_id: 42 }] : [];
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, result }));
    });
    const w = watchedLane({ method: 'short-polling', url, dialect: 'telegram', settings: { pollMs: 100 } });
    undo.push(() => w.lane.close());
    w.lane.start();
    const request = await w.until('request', (r) => r.cursor !== undefined);
    expect(request.cursor).toBe('43');
    await w.until('response', (r) => r.id >= 2);
    expect(asked.slice(0, 2)).toEqual([null, '43']);
    expect(w.all('event').map((e) => [e.id, e.replayed])).toEqual([
      ['41', true],
      ['42', true],
    ]);
  });

  it('follow pages, newest first, until one is known, and wait as long as GitHub says', async () => {
    const newest = 4;
    const url = await http((req, res) => {
      const page = Number(new URL(req.url!, 'http://x').searchParams.get('page') ?? 1);
      const first = newest - (page - 1) * 2;
      const ids = [first, first - 1].filter((id) => id > 0);
      const link = first - 2 > 0 ? { link: `<${`?page=${page + 1}`}>; rel="next"` } : {};
      res.writeHead(200, { 'content-type': 'application/json', 'x-poll-interval': '60', ...link });
      res.end(JSON.stringify(ids.map((id) => ({ id: String(id), type: 'PushEvent' }))));
    });
    const w = watchedLane({ method: 'short-polling', url, dialect: 'github-events', settings: { pollMs: 100 } });
    undo.push(() => w.lane.close());
    w.lane.start();
    await w.until('notice', (n) => n.code === 'server-pace');
    expect(w.all('event').map((e) => e.id)).toEqual(['1', '2', '3', '4']);
    const resting = await w.until('state', (s) => s.phase === 'resting');
    expect(resting.until! - resting.at).toBeGreaterThan(30_000);
  });
});

describe('Socket.IO', () => {
  it('recovers a session, and tells of one that was not recovered', async () => {
    const asked: string[] = [];
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    undo.push(
      () => server.close(),
      () => server.clients.forEach((ws) => ws.terminate()),
    );
    server.on('connection', (ws) => {
      ws.send('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}');
      ws.on('message', (data) => {
        const said = String(data);
        if (!said.startsWith('40')) return;
        asked.push(said);
        const nth = asked.length;
        ws.send(`40{"sid":"s${nth}","pid":"p${nth < 3 ? 1 : nth}"}`);
        ws.send(`42["tick",{"n":${nth}},"off${nth}"]`);
        if (nth < 3) ws.close();
      });
    });
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/`;
    const w = watchedLane({ method: 'websocket', url, dialect: 'socket.io', settings: { backoff: 'none' } });
    undo.push(() => w.lane.close());
    w.lane.start();
    await w.until('event', (e) => e.id === 'off3');
    expect(asked).toEqual(['40', '40{"pid":"p1","offset":"off1"}', '40{"pid":"p1","offset":"off2"}']);
    expect(w.all('notice').map((n) => n.code)).toEqual(expect.arrayContaining(['recovered', 'not-recovered']));
    expect(w.all('gap')).toEqual([expect.objectContaining({ from: 'off2', missed: null, reason: 'not-recovered' })]);
    expect(w.all('event')[0]!.data).toBe('{"event":"tick","args":[{"n":1}]}');
  });
});
