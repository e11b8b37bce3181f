/** Servers of public reports, on loopback, and lanes to them that are gone with the test. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { watchedLane, type WatchedLane } from '../helpers/lane.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return port;
}

/** @returns its address */
export async function httpOrigin(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  const port = await listen(server);
  undo.push(() => server.closeAllConnections());
  return `http://127.0.0.1:${port}/`;
}

/** @returns its address */
export async function webSocketOrigin(talk: (socket: WebSocket) => void): Promise<string> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', talk);
  const port = await listen(server);
  undo.push(() => sockets.clients.forEach((socket) => socket.terminate()));
  return `ws://127.0.0.1:${port}/`;
}

/** A running lane that knows nothing of the server but plain events. */
export function laneTo(options: Parameters<typeof watchedLane>[0]): WatchedLane {
  const watched = watchedLane({ dialect: 'plain', ...options });
  undo.push(() => watched.lane.close());
  watched.lane.start();
  return watched;
}
