/** Where a lane says from which cursor it goes on: where its dialect says, at a start and on a resume. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Dialect } from '../../../src/shared/dialect/model.ts';
import { dialectV1, HEARTLINE_V1 as own } from '../../helpers/dialect.ts';
import { watchedLane, type WatchedLane } from '../../helpers/lane.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

type Ask = { in: string; name?: string };
const WAYS: [string, Ask, { url: string; header?: [string, string]; cursor?: string }][] = [
  ['a query', { in: 'query', name: 'since' }, { url: '/x?since=e1', cursor: 'e1' }],
  ['a header', { in: 'header', name: 'X-Since' }, { url: '/x', header: ['x-since', 'e1'], cursor: 'e1' }],
  ['none', { in: 'none' }, { url: '/x' }],
];
const withAsk = (ask: Ask): Dialect =>
  dialectV1({
    ...own,
    poll: { ...own['poll'], ask },
    sse: { ask, time: own['sse'].time, control: own['sse'].control },
    websocket: { ...own['websocket'], ask },
  });

type Asked = Pick<IncomingMessage, 'url' | 'headers'>;

/** Ends every first answer after one event. */
async function server(): Promise<{ port: number; asked: Asked[] }> {
  const asked: Asked[] = [];
  const http = createServer((req, res) => {
    asked.push(req);
    if (req.headers.accept !== 'text/event-stream') {
      const events = [{ cursor: 'e1', type: 'tick', time: 1, data: 'a' }];
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ events, cursor: 'e1' }));
      return;
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.length === 1) res.end('id: e1\ndata: a\n\n');
    else res.write(': here\n\n');
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (ws, req) => {
    asked.push(req);
    if (asked.length > 1) return;
    ws.send(JSON.stringify({ t: 'ev', ch: 'demo', cursor: 'e1', type: 'tick', time: 1, data: 'a' }));
    ws.close(1012);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  undo.push(
    () => http.close(),
    () => http.closeAllConnections(),
    () => sockets.clients.forEach((ws) => ws.terminate()),
  );
  return { port: (http.address() as AddressInfo).port, asked };
}

describe.each(['sse', 'websocket', 'short-polling'] as const)('%s goes on', (method) => {
  it.each(WAYS)('by %s', async (_name, ask, expected) => {
    const { port, asked } = await server();
    const url = `${method === 'websocket' ? 'ws' : 'http'}://127.0.0.1:${port}/x`;
    const w: WatchedLane = watchedLane({ method, url, dialect: withAsk(ask), settings: { pollMs: 100 } });
    undo.push(() => w.lane.close());
    w.lane.start();
    await w.until('event');
    const request = await w.until('request', () => w.all('request').length >= 2 && asked.length >= 2);
    expect(request.cursor).toBeUndefined();
    expect(asked[1]!.url).toBe(expected.url);
    const { header } = expected;
    expect(asked[1]!.headers[header?.[0] ?? 'x-since']).toBe(header?.[1]);
    expect(asked[1]!.headers['last-event-id']).toBeUndefined();
    expect(w.all('request')[1]!.cursor).toBe(expected.cursor);
    for (const { cursor } of w.all('reconnect')) expect(cursor).toBe(expected.cursor ?? null);
    for (const { sent } of w.all('resume')) expect(sent).toBe(expected.cursor ?? null);
  });
});

it('an SSE lane of our own server resumes as an EventSource does, and starts where it is told by a query', async () => {
  const { port, asked } = await server();
  const url = `http://127.0.0.1:${port}/x`;
  const w: WatchedLane = watchedLane({ method: 'sse', url, dialect: dialectV1(own), cursor: 'e0' });
  undo.push(() => w.lane.close());
  w.lane.start();
  await w.until('request', () => w.all('request').length >= 2 && asked.length >= 2);
  expect([asked[0]!.url, asked[0]!.headers['last-event-id']]).toEqual(['/x?after=e0', undefined]);
  expect([asked[1]!.url, asked[1]!.headers['last-event-id']]).toEqual(['/x', 'e1']);
});
