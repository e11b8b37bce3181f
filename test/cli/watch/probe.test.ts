/** What `watch` takes an unknown endpoint for. */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isHeartlineServer } from '../../../src/cli/watch/probe.ts';
import { probeWay } from '../../helpers/probe-way.ts';

const undo: (() => void)[] = [];
afterEach(() => undo.splice(0).forEach((fn) => fn()));

async function listening(server: net.Server): Promise<string> {
  const open = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    open.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

describe('an endpoint', () => {
  it('that names its head is ours', async () => {
    const url = await listening(http.createServer((_, res) => res.writeHead(200, { 'Events-Newest': 'a.1' }).end()));
    expect(await isHeartlineServer(url, probeWay())).toBe(true);
  });

  it('that answers otherwise is not', async () => {
    const url = await listening(http.createServer((_, res) => res.end('hello')));
    expect(await isHeartlineServer(url, probeWay())).toBe(false);
  });

  it('that holds the question but answers OPTIONS is a long poll of another make', async () => {
    const url = await listening(http.createServer((req, res) => req.method === 'OPTIONS' && res.end()));
    expect(await isHeartlineServer(url, probeWay(), 200)).toBe(false);
  });

  it('that accepts and never answers is left to the lanes, which can tell', async () => {
    expect(await isHeartlineServer(await listening(net.createServer()), probeWay(), 200)).toBe(true);
  });

  it('where nobody listens is left to the lanes too', async () => {
    const url = await listening(net.createServer());
    undo.pop()!();
    expect(await isHeartlineServer(url, probeWay())).toBe(true);
  });
});
