/** A proxy before a server that speaks TLS: for clients that do not, and for clients that do. */
import { readFileSync } from 'node:fs';
import { createServer, get as httpsGet, type Server } from 'node:https';
import { connect, createServer as createNetServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Journal } from '../../../src/engine/journal/journal.ts';
import { ProxyCollection } from '../../../src/engine/proxy-server/collection.ts';
import type { Observation } from '../../../src/shared/observation.ts';
import { seeded } from '../../../src/shared/random.ts';
import { steadyClock } from '../../helpers/steady-clock.ts';
import { End, eventually } from '../proxy/sockets.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const ca = fixture('cert.pem');
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
let server: Server;
let collection: ProxyCollection;
let facts: Observation[];
let clients: End[];
let target: string;

beforeEach(async () => {
  facts = [];
  clients = [];
  server = createServer({ key: fixture('key.pem'), cert: ca }, (req, res) => {
    if (req.url !== '/hold') res.end('sealed');
  });
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r));
  target = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await collection.close();
  server.closeAllConnections();
  server.close();
});

async function open(via: string[], roots?: string[], to = target): Promise<{ port: number; dial: () => End }> {
  const clock = steadyClock(20);
  const journal = new Journal(clock);
  journal.listen((o) => facts.push(o));
  collection = new ProxyCollection({ clock, random: seeded(1), journal, ...(roots ? { roots } : {}) });
  const { port } = await collection.create({ name: 'api', target: to, via });
  const dial = (): End => {
    const end = new End(connect(port, '127.0.0.1'));
    clients.push(end);
    return end;
  };
  return { port, dial };
}
const notices = (): string[] =>
  facts.flatMap((o) =>
    o.type === 'notice' && o.code === 'target-unreachable' ? [`${o.message} ${o.hint ?? ''}`] : [],
  );

it.each([[[]], [['latency:delay=20ms']], [['nginx-tuned']], [['slice:size=9B,delay=0ms', 'apache']]])(
  'speaks TLS for a client that does not: via %j',
  async (via) => {
    const { dial } = await open(via, [ca]);
    const client = dial();
    for (let n = 1; n <= 2; n++) {
      client.write(get('/'));
      await eventually(() => client.text.split('sealed').length === n + 1);
    }
    expect(client.text).toMatch(/^HTTP\/1.1 200/);
    expect(collection.get('api').plainUrl).toMatch(/^http:\/\/127/);
  },
);

it('lets policies act on what it has made plain', async () => {
  const { dial } = await open(['http-idle-timeout:after=20s'], [ca]);
  const client = dial();
  client.write(get('/hold'));
  await eventually(() => client.text.includes('504'));
});

it.each([[[]], [['slice:size=7B,delay=0ms']], [['nginx-tuned', 'latency:delay=20ms']]])(
  'passes a client that speaks TLS itself unread, encrypted once: via %j',
  async (via) => {
    const { port } = await open(via, []); // whom the path trusts is of no account then
    const body = await new Promise<string>((resolve, reject) => {
      httpsGet(`https://127.0.0.1:${port}/`, { ca, agent: false }, (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (d: string) => (text += d));
        res.on('end', () => resolve(text));
      }).on('error', reject);
    });
    expect(body).toBe('sealed');
    expect(facts.some((o) => o.type === 'notice' && o.code === 'path-cannot-read-tls')).toBe(via[0] === 'nginx-tuned');
  },
);

it('ends such a client as bytes are ended: a reset stays one, a cut is one', async () => {
  const resets = createNetServer((s) => s.on('error', () => {}).once('data', () => s.resetAndDestroy()));
  await new Promise<void>((r) => resets.listen(0, '127.0.0.1', r));
  const { dial } = await open([], [], `https://127.0.0.1:${(resets.address() as AddressInfo).port}`);
  const raw = dial();
  raw.socket.write(Buffer.from([0x16, 3, 1, 0, 1, 0]));
  await eventually(() => raw.seen.length > 0);
  expect(raw.seen).toEqual(['rst']);
  resets.close();
  await collection.close();
  const { port } = await open([], []);
  const held = new Promise<string>((resolve) => {
    httpsGet(`https://127.0.0.1:${port}/hold`, { ca, agent: false }).on('error', (e: NodeJS.ErrnoException) =>
      resolve(e.code!),
    );
  });
  await eventually(() =>
    collection
      .get('api')
      .connections()
      .some((c) => c.bytes.down > 1000),
  );
  expect(collection.get('api').cut('rst')).toBeGreaterThan(0);
  expect(await held).toBe('ECONNRESET');
  await eventually(() => collection.get('api').open === 0);
});

it('refuses a certificate that nobody here has vouched for, and says so with a way out', async () => {
  const { dial } = await open([]);
  const client = dial();
  client.write(get('/'));
  await eventually(() => client.text.includes('\r\n\r\n'));
  expect(client.text).toMatch(/^HTTP\/1.1 502/);
  await eventually(() => notices().length > 0);
  expect(notices()).toEqual([expect.stringMatching(/SELF_SIGNED.*the client got 502.*NODE_EXTRA_CA_CERTS/)]);
  expect(collection.get('api').summary().unreachable).toBe(1);
});

it.each([
  ['haproxy:origin-dies.refused-after=0s', '503'],
  ['apache', '503'],
  ['http-proxy', '502'],
])('says why a target cannot be reached, and what the client got: via %s', async (via, status) => {
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((r) => server.close(() => r()));
  const { dial } = await open([via], [ca], `http://127.0.0.1:${port}`);
  const client = dial();
  client.write(get('/'));
  await eventually(() => client.text.includes(status));
  await eventually(() => notices().length > 0);
  expect(notices()).toEqual([expect.stringMatching(new RegExp(`ECONNREFUSED\\); the client got ${status}\\.`))]);
});
