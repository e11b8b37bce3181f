/** Plain HTTP to the path, TLS from it to the target. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METHODS } from '../../../../src/shared/catalog.ts';
import { WebSocketServer } from 'ws';
import { watchedLane } from '../../../helpers/lane.ts';
import { End } from '../sockets.ts';
import { eventually, get, HttpRig } from './rig.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const ca = fixture('cert.pem');
let rig: HttpRig;
let server: Server;
let port: number;
const ends: string[] = [];

beforeEach(async () => {
  ends.length = 0;
  server = createServer({ key: fixture('key.pem'), cert: ca }, (req, res) => {
    if (req.url === '/hold') return;
    if (req.headers.accept === 'text/event-stream') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      return void res.write(`id: abcd.1\ndata: v1\n\n`);
    }
    const event = { cursor: 'abcd.1', type: 'tick', time: 1, data: 'v1' };
    const first = !req.url!.includes('abcd.1');
    if (first) res.end(JSON.stringify({ events: [event], cursor: event.cursor, more: false }));
    else setTimeout(() => res.writeHead(204).end(), 50);
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', (e: NodeJS.ErrnoException) => ends.push(e.code === 'ECONNRESET' ? 'rst' : 'error'));
    socket.on('end', () => ends.push('fin'));
  });
  new WebSocketServer({ server }).on('connection', (ws) =>
    ws.send(JSON.stringify({ t: 'ev', ch: 'demo', cursor: 'abcd.1', type: 'tick', time: 1, data: 'v1' })),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  await rig.stop();
  server.closeAllConnections();
  server.close();
});

describe('a path that reads HTTP before a TLS target', () => {
  it('speaks TLS in the client’s place, and resets what it has to reset', async () => {
    rig = await new HttpRig({ scale: 20 }).start(['http-idle-timeout:after=20s,origin=rst']);
    const at = await rig.path.enter('sse', '127.0.0.1', port, 0, { servername: 'localhost', ca });
    const client = new End(connect(at));
    client.write(get('/poll'));
    await eventually(() => client.text.includes('v1'));
    client.write(get('/hold'));
    await eventually(() => client.text.includes('504'));
    await eventually(() => ends.includes('rst'));
    client.socket.destroy();
  });

  it('answers 502 where the certificate is not to be trusted', async () => {
    rig = await new HttpRig().start(['http-proxy']);
    const at = await rig.path.enter('sse', '127.0.0.1', port, 0, { servername: 'localhost' });
    const client = new End(connect(at));
    client.write(get('/poll'));
    await eventually(() => client.text.includes('502'));
    client.socket.destroy();
  });

  it.each(METHODS)('carries a %s lane to https', async (method) => {
    rig = await new HttpRig().start(['nginx-tuned']);
    const w = watchedLane({
      method,
      url: `${method === 'websocket' ? 'wss' : 'https'}://localhost:${port}/events/demo`,
      enter: (lane, host, asked, secure) =>
        rig.path.enter(lane, host === 'localhost' ? '127.0.0.1' : host, asked, 0, secure),
      readsHttp: () => rig.path.readsHttp,
      tls: { ca },
    });
    w.lane.start();
    await w.until('event', (e) => e.data === 'v1');
    expect(w.all('drop')).toEqual([]);
    expect(rig.path.connections()).toHaveLength(1);
    await w.lane.close();
  });
});
