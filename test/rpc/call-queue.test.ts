import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connectEngine, type EngineConnection } from '../../src/rpc/client.ts';
import { serveEngine } from '../../src/rpc/serve.ts';
import { socketWire } from '../../src/rpc/socket-wire.ts';
import { realClock } from '../../src/engine/time/clock.ts';
import { fakeEngine } from './fake-engine.ts';

const ANSWER = { version: 'x'.repeat(200_000) } as never;
let server: WebSocketServer;
let page: WebSocket;
let engineSocket: WebSocket;
let connection: EngineConnection;
let started = 0;

beforeEach(async () => {
  const http = createServer().listen(0, '127.0.0.1');
  server = new WebSocketServer({ server: http });
  await once(http, 'listening');
  page = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  [engineSocket] = (await once(server, 'connection')) as [WebSocket];
  await once(page, 'open');
  started = 0;
  const engine = fakeEngine({
    info: async () => {
      started++;
      return ANSWER;
    },
  });
  serveEngine(engine, socketWire(engineSocket), realClock());
  connection = connectEngine(socketWire(page), { snapshot: () => {}, batch: () => {}, closed: () => {} });
});
afterEach(() => {
  connection.close();
  page.terminate();
  for (const client of server.clients) client.terminate();
  server.close();
});

it('a page that asks and does not read holds its own answers back, and gets them all when it reads again', async () => {
  page.pause();
  const answers = Array.from({ length: 200 }, () => connection.api.info());
  for (const answer of answers) answer.catch(() => {});
  let most = 0;
  await vi.waitFor(() => expect(started).toBeGreaterThan(0));
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    most = Math.max(most, engineSocket.bufferedAmount);
  }
  expect(most).toBeLessThan(3 * 1024 * 1024); // 40 MB were asked for
  expect(started).toBeLessThan(200);
  page.resume();
  expect(await Promise.all(answers)).toHaveLength(200);
  expect(started).toBe(200);
});

it('a page that goes on asking all the same is let go', { timeout: 20_000 }, async () => {
  page.pause();
  page.on('error', () => undefined);
  const answers = Array.from({ length: 1000 }, () => connection.api.info().catch((error: unknown) => error));
  await vi.waitFor(() => expect(engineSocket.readyState).not.toBe(WebSocket.OPEN), 10_000);
  expect(started).toBeLessThan(300);
  page.terminate();
  await Promise.all(answers);
});
