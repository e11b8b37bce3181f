import { createServer as createHttpServer, request, type OutgoingHttpHeaders } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../src/engine/journal/journal.ts';
import { startControl, type ControlServer } from '../../../src/engine/proxy-server/control-api.ts';
import { ProxyCollection } from '../../../src/engine/proxy-server/collection.ts';
import type { Observation } from '../../../src/shared/observation.ts';
import { seeded } from '../../../src/shared/random.ts';
import { steadyClock } from '../../helpers/steady-clock.ts';
import { End, eventually } from '../proxy/sockets.ts';

let facts: Observation[];
let collection: ProxyCollection;
let control: ControlServer;
let server: Server;
let target: string;
let arrived: End[];
let ends: Socket[];

beforeEach(async () => {
  facts = [];
  arrived = [];
  ends = [];
  const clock = steadyClock();
  const journal = new Journal(clock);
  const here = facts; // what still comes of an earlier test is not ours
  journal.listen((o) => here.push(o));
  collection = new ProxyCollection({ clock, random: seeded(3), journal });
  control = await startControl({ collection, port: 0, version: '1.2.3' });
  server = createServer({ allowHalfOpen: true }, (s) => arrived.push(new End(s)));
  target = `tcp://127.0.0.1:${await listening(server)}`;
});

afterEach(async () => {
  for (const socket of [...ends, ...arrived.map((a) => a.socket)]) socket.destroy();
  await control.close();
  await collection.close();
  server.close();
});

const listening = async (s: Server, port = 0): Promise<number> => {
  await new Promise<void>((r) => s.listen(port, '127.0.0.1', r));
  return (s.address() as { port: number }).port;
};

interface Answer {
  status: number;
  type: string;
  headers: Headers;
  /** Whatever JSON it was. */
  json: any;
  text: string;
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const res = await fetch(control.url + path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await res.text();
  const type = res.headers.get('content-type') ?? '';
  return {
    status: res.status,
    type,
    headers: res.headers,
    text,
    json: type.includes('json') && text !== '' ? JSON.parse(text) : null,
  };
}

/** A proxy to the bare server. */
const make = async (more: object = {}): Promise<Answer> => ask('POST', '/proxies', { name: 'api', target, ...more });

function dial(port: number): End {
  const end = new End(connect({ host: '127.0.0.1', port, allowHalfOpen: true }));
  ends.push(end.socket);
  return end;
}

/** A connection through a proxy that has arrived at the server. */
async function open(port: number): Promise<{ client: End; server: End }> {
  const n = arrived.length;
  const client = dial(port);
  await eventually(() => arrived.length > n);
  return { client, server: arrived[n]! };
}

describe('proxies', () => {
  it('are created, listed, shown and deleted', async () => {
    const made = await make();
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/proxies/api');
    expect(made.json).toMatchObject({ name: 'api', target, enabled: true, faults: [], via: [], label: 'Direct' });
    expect(made.json.url).toBe(`tcp://127.0.0.1:${made.json.listen}`);
    expect((await ask('GET', '/proxies')).json.proxies).toEqual([made.json]);
    expect((await ask('GET', '/proxies/api')).json).toEqual(made.json);

    const { client, server: far } = await open(made.json.listen);
    client.write('ping');
    await eventually(() => far.text === 'ping');
    far.write('pong');
    await eventually(() => client.text === 'pong');

    expect((await ask('DELETE', '/proxies/api')).status).toBe(204);
    expect((await ask('GET', '/proxies/api')).status).toBe(404);
    await eventually(() => client.seen.length > 0);
    const late = dial(made.json.listen);
    await eventually(() => late.seen.includes('refused'));
  });

  it('refuse while disabled, and listen on the same port again', async () => {
    const port = (await make()).json.listen as number;
    const { client } = await open(port);
    expect((await ask('POST', '/proxies/api/disable')).json).toMatchObject({ enabled: false, listen: port });
    await eventually(() => client.seen.includes('fin'));
    const refused = dial(port);
    await eventually(() => refused.seen.includes('refused'));
    expect((await ask('PATCH', '/proxies/api', { enabled: true })).json).toMatchObject({ enabled: true, listen: port });
    await open(port);
  });

  it('may be made disabled', async () => {
    const made = await make({ enabled: false });
    expect(made.json.enabled).toBe(false);
    const refused = dial(made.json.listen);
    await eventually(() => refused.seen.includes('refused'));
    await ask('POST', '/proxies/api/enable');
    await open(made.json.listen);
  });

  it('say so when their port was taken while they were disabled', async () => {
    const port = await free();
    await make({ listen: port });
    await ask('POST', '/proxies/api/disable');
    const thief = createServer();
    await listening(thief, port);
    const refused = await ask('POST', '/proxies/api/enable');
    expect(refused).toMatchObject({ status: 409, json: { code: 'port-in-use', place: 'listen' } });
    expect((await ask('GET', '/proxies/api')).json.enabled).toBe(false);
    await new Promise((r) => thief.close(r));
    expect((await ask('POST', '/proxies/api/enable')).status).toBe(200);
    await open(port);
  });

  it('that took any free port get another one where theirs was taken, and say so', async () => {
    const port = (await make({ via: ['latency:delay=1ms'] })).json.listen as number;
    await ask('POST', '/proxies/api/disable');
    const thief = createServer();
    await listening(thief, port);
    const moved = (await ask('POST', '/proxies/api/enable')).json;
    expect(moved).toMatchObject({ enabled: true, via: ['latency:delay=1ms'] });
    expect(moved.listen).not.toBe(port);
    expect(facts.some((o) => o.type === 'notice' && o.code === 'proxy-moved')).toBe(true);
    await open(moved.listen);
    expect(collection.get('api').open).toBe(1); // and are counted there
    thief.close();
  });

  it('never forward to themselves', async () => {
    const port = await free();
    const self = { target: `tcp://localhost:${port}`, listen: port };
    expect(await make(self)).toMatchObject({ status: 400, json: { place: 'target' } });
    const made = (await make()).json;
    const turned = await ask('PATCH', '/proxies/api', { target: `tcp://127.0.0.1:${made.listen}` });
    expect(turned).toMatchObject({ status: 400, json: { place: 'target' } });
    await open(made.listen);
  });

  it('move to another target, dropping what was open', async () => {
    const port = (await make({ via: ['idle-timeout:after=10s'] })).json.listen as number;
    const { client } = await open(port);
    const other = createServer((s) => s.end('other'));
    const to = `tcp://127.0.0.1:${await listening(other)}`;
    const moved = await ask('PATCH', '/proxies/api', { target: to });
    expect(moved.json).toMatchObject({ target: to, listen: port, via: ['idle-timeout:after=10s'] });
    await eventually(() => client.seen.length > 0);
    const fresh = dial(port);
    await eventually(() => fresh.text === 'other');
    other.close();
  });

  it('move to another port, and stay when it cannot be had', async () => {
    const port = (await make()).json.listen as number;
    const thief = createServer();
    expect(await ask('PATCH', '/proxies/api', { listen: await listening(thief) })).toMatchObject({
      status: 409,
      json: { code: 'port-in-use', place: 'listen' },
    });
    thief.close();
    await open(port);
    const next = await free();
    expect((await ask('PATCH', '/proxies/api', { listen: `127.0.0.1:${next}` })).json.listen).toBe(next);
    await open(next);
    const old = dial(port);
    await eventually(() => old.seen.includes('refused'));
  });

  it.each([[[]], [['latency:delay=1ms']]])(
    'survive a target that cannot be reached, and say so: via %j',
    async (via) => {
      const nobody = await free();
      const port = (await make({ target: `tcp://127.0.0.1:${nobody}`, via })).json.listen as number;
      for (let i = 0; i < 2; i++) {
        const client = dial(port);
        await eventually(() => client.seen.includes('rst'));
      }
      const notices = facts.filter((o) => o.type === 'notice' && o.code === 'target-unreachable');
      expect(collection.get('api').summary().unreachable).toBe(2);
      expect(notices).toHaveLength(2);
      expect(notices[0]).toMatchObject({ lane: 'api', message: expect.stringContaining('ECONNREFUSED') as string });
    },
  );

  it('forward over IPv6', async () => {
    const six = createServer((s) => s.end('six'));
    await new Promise<void>((r) => six.listen(0, '::1', r));
    const made = await make({ target: `tcp://[::1]:${(six.address() as { port: number }).port}` });
    const client = dial(made.json.listen);
    await eventually(() => client.text === 'six');
    six.close();
  });
});

describe('faults', () => {
  it('are added, shown, changed and removed by name, under living connections', async () => {
    const port = (await make()).json.listen as number;
    const { client, server: far } = await open(port);
    const added = await ask('POST', '/proxies/api/faults', { type: 'black-hole', direction: 'down', name: 'hole' });
    expect(added.status).toBe(201);
    expect(added.headers.get('location')).toBe('/proxies/api/faults/hole');
    expect(added.json).toEqual({ name: 'hole', type: 'black-hole', direction: 'down', chance: 1, attributes: {} });
    client.write('up');
    await eventually(() => far.text === 'up'); // only one way is shut
    far.write('down');
    await eventually(() => collection.get('api').connections()[0]!.bytes.down === 4);
    expect(client.text).toBe('');
    expect((await ask('PATCH', '/proxies/api/faults/hole', { direction: 'up' })).json.direction).toBe('up');
    await eventually(() => client.text === 'down');
    client.write('held');
    await eventually(() => collection.get('api').connections()[0]!.bytes.up === 6);
    expect((await ask('DELETE', '/proxies/api/faults/hole')).status).toBe(204);
    await eventually(() => far.text === 'upheld');
    expect((await ask('GET', '/proxies/api/faults')).json).toEqual({ faults: [] });
  });

  it('change alone, each keeping its name and what was not said', async () => {
    await make({ via: ['latency:delay=10ms,dir=up+idle-timeout:after=60s', 'latency:delay=20ms'] });
    const names = (await ask('GET', '/proxies/api/faults')).json.faults.map((f: { name: string }) => f.name);
    expect(names).toEqual(['latency-up', 'idle-timeout', 'latency']);
    const changed = await ask('POST', '/proxies/api/faults/latency-up', {
      attributes: { jitter: '5ms' },
      toxicity: 0.25,
    });
    expect(changed.json).toEqual({
      name: 'latency-up',
      type: 'latency',
      direction: 'up',
      chance: 0.25,
      attributes: { delay: 10, jitter: 5, distribution: 'uniform' },
    });
    expect((await ask('GET', '/proxies/api')).json.via).toEqual([
      'latency:delay=10ms,jitter=5ms,dir=up,chance=0.25',
      'idle-timeout:',
      'latency:delay=20ms',
    ]);
  });

  it('keep a value that happens to be the default', async () => {
    await make();
    await ask('POST', '/proxies/api/faults', { type: 'close-after', attributes: { bytes: 1024 } });
    expect((await ask('GET', '/proxies/api/faults/close-after')).json.attributes).toMatchObject({
      time: 0,
      bytes: 1024,
    });
    await ask('PATCH', '/proxies/api/faults/close-after', { attributes: { time: 30_000 } });
    expect((await ask('GET', '/proxies/api')).json.label).toBe('closes after 30 s or 1 KiB');
  });

  it('strike a share of the connections', async () => {
    const port = (await make({ faults: [{ type: 'refuse', toxicity: 0.5, attributes: { how: 'fin' } }] })).json.listen;
    const all = Array.from({ length: 40 }, () => dial(port));
    await eventually(() => arrived.length + all.filter((c) => c.seen.includes('fin')).length === 40);
    expect(arrived.length).toBeGreaterThan(5);
    expect(arrived.length).toBeLessThan(35);
  });

  it('may be a preset, whose limits change in place', async () => {
    await make();
    const added = await ask('POST', '/proxies/api/faults', {
      type: 'haproxy-tcp',
      name: 'edge',
      attributes: { 'idle-timeout': '3s' },
    });
    expect(added.json).toEqual({ name: 'edge', type: 'haproxy-tcp', attributes: { 'idle-timeout': '3s' } });
    expect((await ask('GET', '/proxies/api')).json).toMatchObject({
      via: ['haproxy-tcp:idle-timeout=3s'],
      idleLimitMs: 3000,
    });
  });

  it('are set as a whole', async () => {
    await make();
    const set = await ask('PUT', '/proxies/api/faults', ['latency:+latency:', { type: 'slice', direction: 'up' }]);
    expect(set.json.faults.map((f: { name: string }) => f.name)).toEqual(['latency', 'latency-2', 'slice-up']);
    expect((await ask('DELETE', '/proxies/api/faults')).status).toBe(204);
    expect((await ask('GET', '/proxies/api')).json.label).toBe('Direct');
  });
});

describe('several', () => {
  it('are populated, and again without harm', async () => {
    const list = [
      { name: 'a', target, via: ['latency:delay=1ms'] },
      { name: 'b', upstream: target.replace('tcp://', ''), enabled: false },
    ];
    const first = await ask('POST', '/populate', list);
    expect(first.status).toBe(201);
    expect(first.json.proxies[1].target).toBe(target);
    const ports = first.json.proxies.map((p: { listen: number }) => p.listen);
    const { client } = await open(ports[0]);
    await ask('POST', '/proxies/b/faults', { type: 'latency' });
    const again = await ask('POST', '/populate', list);
    expect(again.json.proxies.map((p: { listen: number }) => p.listen)).toEqual(ports);
    client.write('still here');
    await eventually(() => arrived[0]!.text === 'still here');
    expect(again.json.proxies[1].faults).toHaveLength(1); // nothing was said of its faults
  });

  it('are all checked before anything is made', async () => {
    const bad = await ask('POST', '/populate', [
      { name: 'a', target },
      { name: 'b', target, via: ['latancy:'] },
    ]);
    expect(bad).toMatchObject({ status: 400, json: { place: '[1].via[0]', hint: 'Did you mean latency?' } });
    expect((await ask('GET', '/proxies')).json.proxies).toEqual([]);
  });

  it('are reset: all enabled, no faults, nobody dropped', async () => {
    await ask('POST', '/populate', [
      { name: 'a', target, via: ['black-hole:'] },
      { name: 'b', target, enabled: false },
    ]);
    const { client } = await open(collection.get('a').port);
    client.write('held');
    expect((await ask('POST', '/reset')).status).toBe(204);
    await eventually(() => arrived[0]!.text === 'held');
    const { proxies } = (await ask('GET', '/proxies')).json;
    expect(proxies).toMatchObject([
      { name: 'a', enabled: true, faults: [] },
      { name: 'b', enabled: true, faults: [] },
    ]);
    await open(collection.get('b').port);
  });

  it('can be asked for at once by many', async () => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => collection.create({ name: 'api', target })));
    expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect((await make()).status).toBe(409);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask('POST', '/proxies/api/faults', { type: 'latency', name: `l${i}` })),
    );
    expect(collection.get('api').spec.faults).toHaveLength(20);
  });
});

describe('connections', () => {
  it('are listed with age, silence and bytes, and cut', async () => {
    const port = (await make()).json.listen as number;
    const one = await open(port);
    one.client.write('12345');
    await eventually(() => one.server.text === '12345');
    const [view] = (await ask('GET', '/proxies/api/connections')).json.connections;
    expect(view).toMatchObject({ proxy: 'api', state: 'open', bytes: { up: 5, down: 0 } });
    expect(view.age).toBeGreaterThanOrEqual(view.silence);
    expect((await ask('GET', '/connections')).json.connections).toHaveLength(1);
    expect((await ask('POST', '/proxies/api/cut', { end: 'rst' })).json).toEqual({ cut: 1 });
    await eventually(() => one.client.seen.includes('rst') && one.server.seen.includes('rst'));
    const two = await open(port);
    expect((await ask('POST', '/cut')).json).toEqual({ cut: 1 });
    await eventually(() => two.client.seen.includes('fin') && two.server.seen.includes('fin'));
    expect((await ask('POST', '/cut?end=rst')).json).toEqual({ cut: 0 });
  });

  it('are told as they come and go, with all their bytes', async () => {
    const port = (await make()).json.listen as number;
    const { client, server: far } = await open(port);
    const from = client.socket.localPort;
    client.write('123');
    await eventually(() => far.text === '123');
    far.socket.end('4567');
    await eventually(() => client.seen.includes('fin'));
    client.socket.end();
    await eventually(() => facts.some((o) => o.type === 'connection' && o.action === 'close'));
    const reported = facts.filter((o) => o.type === 'connection');
    expect(reported).toMatchObject([
      { lane: 'api', action: 'open', port: from },
      { lane: 'api', action: 'close', port: from, bytes: { up: 3, down: 4 } },
    ]);
  });

  it('are counted for Prometheus, to the last byte and after their end', async () => {
    const answering = createHttpServer((_, res) => res.end('hello'));
    const port = await listening(answering as unknown as Server);
    const made = await make({ target: `http://127.0.0.1:${port}` });
    for (let i = 0; i < 3; i++) {
      const res = await fetch(made.json.url, { headers: { connection: 'close' } });
      expect(await res.text()).toBe('hello');
    }
    await eventually(() => collection.get('api').open === 0);
    const { text, type } = await ask('GET', '/metrics');
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const value = (name: string, ...labels: string[]): number => {
      const line = text.split('\n').find((l) => l.startsWith(`${name}{`) && labels.every((label) => l.includes(label)));
      return Number(line?.split(' ').at(-1));
    };
    expect(value('heartline_proxy_connections_total', 'proxy="api"')).toBe(3);
    expect(value('heartline_proxy_connections', 'proxy="api"')).toBe(0);
    for (const direction of ['up', 'down']) {
      const received = value('heartline_proxy_received_bytes_total', `direction="${direction}"`);
      expect(received).toBeGreaterThan(100);
      expect(value('heartline_proxy_sent_bytes_total', `direction="${direction}"`)).toBe(received);
    }
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.e+-]+)$/);
    }
    answering.close();
  });
});

describe('what is wrong is said with its place', () => {
  beforeEach(() => make({ via: ['latency:'] }));

  it.each<[string, string, unknown, number, object]>([
    ['POST', '/proxies', undefined, 400, { place: 'body' }],
    ['POST', '/proxies', '{"name": ', 400, { code: 'bad-json', place: 'body' }],
    ['POST', '/proxies', [], 400, { place: 'body' }],
    ['POST', '/proxies', { target: 'http://h' }, 400, { place: 'name' }],
    ['POST', '/proxies', { name: 'x' }, 400, { place: 'target' }],
    ['POST', '/proxies', { name: 'a b', target: 'http://h' }, 400, { place: 'name' }],
    ['POST', '/proxies', { name: 'api', target: 'http://h' }, 409, { code: 'name-taken', place: 'name' }],
    [
      'POST',
      '/proxies',
      { name: 'x', target: '127.0.0.1:80' },
      400,
      { hint: 'Write the scheme too: http://127.0.0.1:80' },
    ],
    ['POST', '/proxies', { name: 'x', target: 'htps://h' }, 400, { place: 'target', hint: 'Did you mean https://?' }],
    ['POST', '/proxies', { name: 'x', target: 'tcp://h' }, 400, { place: 'target' }],
    ['POST', '/proxies', { name: 'x', traget: 'http://h' }, 400, { place: 'traget', hint: 'Did you mean target?' }],
    ['POST', '/proxies', { name: 'x', target: 'http://h', listen: 70_000 }, 400, { place: 'listen' }],
    ['POST', '/proxies', { name: 'x', target: 'http://h', listen: '0.0.0.0:80' }, 400, { place: 'listen' }],
    ['POST', '/proxies', { name: 'x', target: 'http://h', enabled: 'yes' }, 400, { place: 'enabled' }],
    ['POST', '/proxies', { name: 'x', target: 'http://h', via: ['latency:lanes=sse'] }, 400, { place: 'via[0]' }],
    ['POST', '/proxies', { name: 'x', target: 'http://h', faults: [{ type: 'x' }] }, 400, { place: 'faults[0].type' }],
    ['PATCH', '/proxies/api', { name: 'other' }, 400, { place: 'name' }],
    ['PATCH', '/proxies/apo', { enabled: true }, 404, { code: 'not-found', hint: 'Did you mean api?' }],
    ['POST', '/populate', {}, 400, {}],
    ['POST', '/populate', [{ name: 'x' }], 400, { place: '[0].target' }],
    [
      'POST',
      '/populate',
      [
        { name: 'x', target: 'http://h' },
        { name: 'x', target: 'http://h' },
      ],
      400,
      { place: '[1].name' },
    ],
    ['POST', '/proxies/api/faults', { type: 'constructor' }, 400, { place: 'type' }],
    ['POST', '/proxies/api/faults', { type: 'latancy' }, 400, { place: 'type', hint: 'Did you mean latency?' }],
    ['POST', '/proxies/api/faults', { type: 'latency' }, 409, { code: 'name-taken', place: 'name' }],
    [
      'POST',
      '/proxies/api/faults',
      { type: 'latency', name: 'n', attributes: { dealy: 5 } },
      400,
      { place: 'attributes.dealy', hint: 'Did you mean delay?' },
    ],
    [
      'POST',
      '/proxies/api/faults',
      { type: 'latency', name: 'n', attributes: { delay: -5 } },
      400,
      { place: 'attributes.delay' },
    ],
    [
      'POST',
      '/proxies/api/faults',
      { type: 'latency', name: 'n', attributes: { delay: '11m' } },
      400,
      { place: 'attributes.delay' },
    ],
    [
      'POST',
      '/proxies/api/faults',
      { type: 'latency', name: 'n', attributes: { delay: true } },
      400,
      { place: 'attributes.delay' },
    ],
    [
      'POST',
      '/proxies/api/faults',
      { type: 'latency', name: 'n', attributes: { dir: 'up' } },
      400,
      { place: 'attributes.dir' },
    ],
    [
      'POST',
      '/proxies/api/faults',
      { type: 'latency', name: 'n', attributes: { lanes: 'sse' } },
      400,
      { place: 'attributes.lanes' },
    ],
    ['POST', '/proxies/api/faults', { type: 'latency', name: 'n', direction: 'left' }, 400, { place: 'direction' }],
    ['POST', '/proxies/api/faults', { type: 'refuse', direction: 'up' }, 400, { place: 'direction' }],
    ['POST', '/proxies/api/faults', { type: 'latency', name: 'n', toxicity: 1.5 }, 400, { place: 'chance' }],
    ['POST', '/proxies/api/faults', { type: 'haproxy-tcp', chance: 0.5 }, 400, { place: 'chance' }],
    [
      'POST',
      '/proxies/api/faults',
      { type: 'haproxy-tcp', attributes: { 'idle-timeout': '3s+refuse:' } },
      400,
      { place: 'attributes.idle-timeout' },
    ],
    ['PATCH', '/proxies/api/faults/latency', { type: 'slice' }, 400, { place: 'type' }],
    ['PATCH', '/proxies/api/faults/lat', {}, 404, { code: 'not-found' }],
    ['PUT', '/proxies/api/faults', ['slize:'], 400, { place: '[0]', hint: 'Did you mean slice?' }],
    ['POST', '/proxies/api/cut', { end: 'bang' }, 400, { place: 'end' }],
    ['PUT', '/proxies', {}, 405, { code: 'bad-method', hint: 'Use GET, POST.' }],
    ['GET', '/proxis', undefined, 404, { code: 'no-such-page', hint: 'Did you mean /proxies?' }],
    ['GET', '/%', undefined, 400, {}],
  ])('%s %s %j', async (method, path, body, status, problem) => {
    const before = (await ask('GET', '/proxies')).text;
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status, type: 'application/problem+json', json: { status, ...problem } });
    expect(answer.json.hint).toMatch(/./);
    expect((await ask('GET', '/proxies')).text).toBe(before); // and nothing has changed
  });

  it('a body too long', async () => {
    expect(await ask('POST', '/populate', `[${' '.repeat(1024 * 1024)}]`)).toMatchObject({ status: 413 });
  });
});

describe('the door', () => {
  const knock = (
    headers: OutgoingHttpHeaders,
    method = 'GET',
    path = '/proxies',
  ): Promise<{ status: number; headers: object }> =>
    new Promise((resolve, reject) => {
      request(control.url + path, { method, headers }, (res) => {
        res.resume();
        resolve({ status: res.statusCode!, headers: res.headers });
      })
        .on('error', reject)
        .end();
    });

  it('is open to programs under each name of this machine', async () => {
    const { port } = new URL(control.url);
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST']) {
      expect((await knock({ host: `${host}:${port}` })).status).toBe(200);
    }
  });

  it('is shut to other names (DNS rebinding) and to web pages', async () => {
    const { port, host } = new URL(control.url);
    expect((await knock({ host: `evil.example:${port}` })).status).toBe(421);
    expect((await knock({ host: '127.0.0.1' })).status).toBe(421);
    expect((await knock({ host, origin: 'https://evil.example' }, 'POST', '/reset')).status).toBe(403);
    expect((await knock({ host, origin: control.url }, 'POST', '/reset')).status).toBe(403);
    expect((await knock({ host, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('never carries a CORS header', async () => {
    const { host } = new URL(control.url);
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const { headers } = await knock({ host, origin: 'https://evil.example' }, method);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('says which version answers, and what there is', async () => {
    expect((await ask('GET', '/version')).json).toEqual({ version: '1.2.3', timeScale: 1 });
    expect((await ask('GET', '/')).json.routes).toContain('POST /populate');
    const { faults, presets } = (await ask('GET', '/catalog')).json;
    expect(faults).toContainEqual(expect.objectContaining({ id: 'latency', direction: true }));
    expect(presets).toContainEqual(expect.objectContaining({ id: 'haproxy-tcp' }));
    expect((await ask('HEAD', '/proxies')).status).toBe(200);
  });
});

/** A port that nobody listens on just now. */
async function free(): Promise<number> {
  const s = createServer();
  const port = await listening(s);
  await new Promise((r) => s.close(r));
  return port;
}
