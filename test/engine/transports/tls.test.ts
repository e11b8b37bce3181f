/** Over TLS, entering the path at the socket: Host, SNI and Origin stay the target's. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { METHODS } from '../../../src/shared/catalog.ts';
import { watchedLane } from '../../helpers/lane.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const cert = fixture('cert.pem');
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

it.each(METHODS)('%s follows https', async (method) => {
  const hosts = new Set<string>();
  const names = new Set<string | false | undefined>();
  let connections = 0;
  const server = createServer({ key: fixture('key.pem'), cert }, (req, res) => {
    hosts.add(req.headers.host!);
    names.add((req.socket as TLSSocket).servername as string);
    if (req.headers.accept === 'text/event-stream') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const n of [1, 2, 3]) res.write(`id: abcd.${n}\ndata: v${n}\n\n`);
      return;
    }
    const after = Number(/abcd\.(\d+)/.exec(req.url!)?.[1] ?? 0);
    if (after >= 3) return void (method === 'long-polling' ? null : res.writeHead(304).end());
    const event = { cursor: `abcd.${after + 1}`, type: 'tick', time: 1, data: `v${after + 1}` };
    res.end(JSON.stringify({ events: [event], cursor: event.cursor, more: true }));
  });
  server.on('secureConnection', () => connections++);
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (ws, req) => {
    hosts.add(req.headers.host!);
    names.add((req.socket as TLSSocket).servername as string);
    for (const n of [1, 2, 3]) {
      ws.send(JSON.stringify({ t: 'ev', ch: 'demo', cursor: `abcd.${n}`, type: 'tick', time: 1, data: `v${n}` }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const w = watchedLane({
    method,
    url: `${method === 'websocket' ? 'wss' : 'https'}://localhost:8443/events/demo`,
    enter: async (_lane, host, asked) => {
      expect([host, asked]).toEqual(['localhost', 8443]);
      return { host: '127.0.0.1', port };
    },
    tls: { ca: cert },
    settings: { pollMs: 50 },
  });
  undo.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => sockets.clients.forEach((c) => c.terminate()),
    () => w.lane.close(),
  );
  w.lane.start();
  await w.until('event', (e) => e.data === 'v3');
  expect(w.data()).toEqual(['v1', 'v2', 'v3']);
  expect(w.all('drop')).toEqual([]);
  expect([...hosts]).toEqual(['localhost:8443']);
  expect([...names]).toEqual(['localhost']);
  expect(connections).toBe(1);

  const stranger = watchedLane({
    method,
    url: w.all('request')[0]!.url,
    enter: async () => ({ host: '127.0.0.1', port }),
  });
  undo.push(() => stranger.lane.close());
  stranger.lane.start();
  expect(await stranger.until('drop')).toMatchObject({ evidence: 'tls' });
});
