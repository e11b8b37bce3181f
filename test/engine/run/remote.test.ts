/** What Heartline itself asks of an endpoint is answered or fails: nothing is waited for forever. */
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { RunEndpoint } from '../../../src/engine/run/run-endpoint.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import { KnownSecrets } from '../../../src/shared/secrets.ts';
import { publishTo, readNewestCursor } from '../../../src/engine/run/remote.ts';

const undo: (() => void)[] = [];
afterEach(() => undo.splice(0).forEach((fn) => fn()));

async function says(answer: (socket: net.Socket) => void): Promise<string> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/x`;
}

const never = new AbortController().signal;
const target = {
  kind: 'remote',
  name: 'x',
  base: null,
  urls: {},
  channel: 'x',
  headers: {},
  dialect: 'plain',
} as const;
const endpoint = new RunEndpoint({
  target,
  dialectHasToken: false,
  clock: realClock(1),
  secrets: new KnownSecrets(),
  signal: never,
});

it.each([
  [
    'switches protocols unasked',
    (s: net.Socket) => void s.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  ],
  ['hangs up before an answer', (s: net.Socket) => void s.end()],
  ['hangs up within an answer', (s: net.Socket) => void s.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')],
  ['answers without end', (s: net.Socket) => void s.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(2 << 20)}`)],
])('a server that %s is a failure with exit 3', async (_, answer) => {
  const url = await says(answer);
  const failure = { code: 'unreachable', exit: 3, message: expect.stringMatching(/could not be asked: .+\.$/) };
  await expect(readNewestCursor(endpoint, url, 5000, never)).rejects.toMatchObject(failure);
  await expect(publishTo(endpoint, url, { type: 'a', data: 'b' }, never)).rejects.toMatchObject(failure);
});

it('an answer that ends with the connection is whole', async () => {
  const url = await says((s) => s.end('HTTP/1.1 200 OK\r\nEvents-Newest: a.7\r\n\r\nwhatever'));
  expect(await readNewestCursor(endpoint, url, 5000, never)).toBe('a.7');
});
