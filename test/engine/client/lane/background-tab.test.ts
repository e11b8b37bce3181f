/** A tab in the background, before a server that closes whoever has been silent for too long. */
import { afterEach, expect, it } from 'vitest';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { watchedLane } from '../../../helpers/lane.ts';
import { steadyClock } from '../../../helpers/steady-clock.ts';

const clock = steadyClock(50);
let server: WebSocketServer;
let close: () => Promise<void>;
afterEach(async () => {
  await close();
  for (const socket of server.clients) socket.terminate();
  server.close();
});

/** It wants a frame of the client every 15 s; it sends an event and a ping every 2 s. */
async function patientServer(): Promise<{ url: string; pongs: () => number }> {
  let pongs = 0;
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket: WebSocket) => {
    let last = clock.now();
    socket.on('ping', () => (last = clock.now()));
    socket.on('pong', () => pongs++);
    const look = (): void => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(String(Math.round(clock.now())));
      socket.ping();
      if (clock.now() - last > 15_000) socket.close(1000, 'no heartbeat from client');
      else clock.after(2000, look);
    };
    look();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, pongs: () => pongs };
}

it('pings too late in the background, and is closed though all that comes is handled (phoenixframework/phoenix #4307)', async () => {
  const { url, pongs } = await patientServer();
  const w = watchedLane({ method: 'websocket', url, dialect: 'plain', clock, settings: { pingMs: 6000 } });
  close = () => w.lane.close();
  w.lane.start();
  await w.until('state', (s) => s.to === 'open');
  await clock.sleep(30_000);
  expect(w.all('drop')).toEqual([]);

  const [events, answered] = [w.data().length, pongs()];
  w.lane.sleep(300_000, 'throttled');
  const drop = await w.until('drop');
  expect(drop).toMatchObject({ by: 'server', evidence: 'close:1000', reason: 'no heartbeat from client' });
  expect(w.data().length).toBeGreaterThanOrEqual(events + 5);
  expect(pongs()).toBeGreaterThanOrEqual(answered + 5);
  // it never slept
  expect(w.states()).not.toContain('asleep');
  expect(w.all('setting').map(({ name, value }) => `${name}: ${value}`)).toEqual([
    'timers: once a minute, as of a tab in the background',
  ]);
});

it('is itself again once it is in front', async () => {
  const { url } = await patientServer();
  const w = watchedLane({ method: 'websocket', url, dialect: 'plain', clock, settings: { pingMs: 6000 } });
  close = () => w.lane.close();
  w.lane.start();
  await w.until('state', (s) => s.to === 'open');
  w.lane.sleep(10_000, 'throttled');
  await w.until('setting', (s) => s.value === 'as usual');
  await clock.sleep(40_000);
  expect(w.all('drop')).toEqual([]);
});
