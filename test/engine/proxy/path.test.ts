import { afterEach, describe, expect, it } from 'vitest';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import { connect, createServer } from 'node:net';
import { End, eventually, Rig } from './sockets.ts';

let rig: Rig;
afterEach(() => rig.stop());

describe('changing the path under living connections', () => {
  it('loses, doubles and reorders nothing', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    let n = 0;
    let on = true;
    const writing = (async () => {
      for (; on; await new Promise((r) => setTimeout(r, 1))) server.write(`${n++},`);
    })();
    const settings = [
      ['latency:delay=30ms'],
      ['latency:delay=5ms,jitter=5ms', 'slice:size=3B,delay=1ms'],
      [],
      ['bandwidth:rate=200KiB'],
      ['bandwidth:rate=300B'],
      ['idle-timeout:after=10s'],
      ['black-hole:'],
      ['latency:delay=50ms+idle-timeout:after=10s'],
      ['black-hole:dir=down', 'latency:delay=1ms'],
      [],
      ['latency:delay=500ms'],
      [],
    ];
    for (const via of settings) {
      rig.set(...via);
      const seen = n;
      await eventually(() => n > seen + 25);
    }
    on = false;
    await writing;
    const all = Array.from({ length: n }, (_, i) => `${i},`).join('');
    await eventually(() => client.text.length >= all.length);
    expect(client.text).toBe(all);
    expect(client.seen).toEqual([]);
    expect(rig.arrived.length).toBe(1); // nobody reconnected
  });

  it('loses nothing when the sender must wait for a full queue', async () => {
    rig = await new Rig().start(['black-hole:']);
    const { client, server } = await rig.open();
    const block = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 12; i++) server.write(block);
    await eventually(() => rig.path.connections()[0]!.bytes.down >= 1024 * 1024);
    await rig.clock.sleep(50);
    expect(rig.path.connections()[0]!.bytes.down).toBeLessThan(3 * 1024 * 1024);
    for (const via of ['latency:delay=10ms', 'bandwidth:rate=64MiB', '']) {
      rig.set(via);
      await rig.clock.sleep(10);
    }
    await eventually(() => client.text.length === 12 * block.length, 20_000);
  });

  it('restarts no wait of a fault that stays as it was', async () => {
    rig = await new Rig().start(['latency:delay=1500ms,dir=down']);
    const { client, server } = await rig.open();
    server.write('held');
    await rig.clock.sleep(20);
    rig.set('latency:delay=1500ms,dir=down', 'idle-timeout:after=60s');
    await rig.clock.sleep(50);
    expect(client.text).toBe(''); // not flushed, as nothing about the latency changed
    await eventually(() => client.text === 'held');
  });

  it('notes the path and each fault that came, changed or went', async () => {
    rig = await new Rig().start();
    rig.facts.length = 0;
    rig.set('idle-timeout:after=10s', 'latency:');
    rig.set('idle-timeout:after=5s');
    expect(rig.facts).toMatchObject([
      { type: 'path', lane: null, via: ['idle-timeout:after=10s', 'latency:'], idleLimitMs: 10_000 },
      { type: 'fault', name: 'idle-timeout', action: 'add', detail: 'idle limit 10 s' },
      { type: 'fault', name: 'latency', action: 'add' },
      { type: 'path', label: 'idle limit 5 s', idleLimitMs: 5000 },
      { type: 'fault', name: 'latency', action: 'remove' },
      { type: 'fault', name: 'idle-timeout', action: 'change', detail: 'idle limit 5 s' },
    ]);
    expect(rig.path.idleLimitMs).toBe(5000);
  });
});

describe('cut', () => {
  it.each(['fin', 'rst'] as const)('ends every connection with %s on both sides', async (end) => {
    rig = await new Rig().start();
    const a = await rig.open('sse');
    const b = await rig.open('websocket');
    expect(rig.path.cutAll(end)).toBe(2);
    expect(rig.path.cutAll(end)).toBe(0);
    for (const e of [a.client, a.server, b.client, b.server]) {
      await eventually(() => e.seen.length > 0);
      expect(e.seen).toEqual([end]);
    }
    expect(rig.causes.take(a.port)).toMatchObject({ cause: 'cut', by: 'path' });
    expect(rig.causes.take(b.port)).toMatchObject({ cause: 'cut', by: 'path' });
  });

  it('of one lane leaves the others alone', async () => {
    rig = await new Rig().start();
    const a = await rig.open('sse');
    const b = await rig.open('sse-2');
    expect(rig.path.cutAll('fin', 'sse')).toBe(1);
    await eventually(() => a.client.seen.length > 0);
    b.server.write('alive');
    await eventually(() => b.client.text === 'alive');
  });

  it('frees the connection though a client never closes its half', async () => {
    rig = await new Rig().start();
    await rig.open();
    rig.path.cutAll('fin');
    await eventually(() => rig.path.connections().length === 0); // after the linger
  });
});

describe('refuse', () => {
  it('refuses new connections for real, spares the old ones, and opens the same door again', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    const listener = await rig.path.enter('sse', '127.0.0.1', rig.port);
    rig.set('refuse:');
    expect(rig.path.refuses('sse')).toBe(true);
    const refused = await rig.dial();
    await eventually(() => refused.seen.length > 0);
    expect(refused.seen).toEqual(['refused']);
    expect(await rig.path.enter('sse', '127.0.0.1', rig.port)).toEqual({ ...listener, shut: true });
    server.write('old ones live on');
    await eventually(() => client.text === 'old ones live on');
    rig.set();
    expect(await rig.path.enter('sse', '127.0.0.1', rig.port)).toEqual(listener);
    await rig.open();
  });

  it.each([
    ['rst', 'rst'],
    ['fin', 'fin'],
  ])('accepts and ends with %s without troubling the server', async (how, evidence) => {
    rig = await new Rig().start([`refuse:how=${how}`]);
    const client = await rig.dial();
    let connected = 0;
    client.socket.on('connect', () => (connected = client.socket.localPort!));
    await eventually(() => client.seen.length > 0);
    expect(client.seen).toEqual([evidence]);
    expect(rig.arrived.length).toBe(0);
    expect(rig.causes.take(connected)).toMatchObject({ cause: 'refuse', by: 'path' });
  });

  it('hangs', async () => {
    rig = await new Rig().start(['refuse:how=hang']);
    const client = await rig.dial();
    client.write('hello?');
    await eventually(() => rig.path.connections().length === 1);
    await rig.clock.sleep(50);
    expect(client.seen).toEqual([]);
    expect(rig.arrived.length).toBe(0);
  });
});

describe('whom a fault strikes', () => {
  it('may be one method only', async () => {
    rig = await new Rig().start(['idle-timeout:after=100ms,lanes=sse']);
    const sse = await rig.open('sse-2');
    const ws = await rig.open('websocket');
    await eventually(() => sse.client.seen.length > 0);
    await rig.clock.sleep(50);
    expect(ws.client.seen).toEqual([]);
    rig.set('refuse:lanes=sse');
    expect(rig.path.refuses('sse-2')).toBe(true);
    await rig.open('websocket');
  });

  it('may be a share of the connections, the same ones for the same seed', async () => {
    const struck = async (seed: number): Promise<boolean[]> => {
      rig = await new Rig({ seed }).start(['close-after:bytes=1B,dir=down,chance=0.5']);
      const result: boolean[] = [];
      for (let i = 0; i < 12; i++) {
        const { client, server } = await rig.open();
        server.write('xyz');
        await eventually(() => client.text.length > 0);
        await eventually(() => client.text === 'xyz' || client.seen.length > 0);
        result.push(client.text !== 'xyz');
      }
      await rig.stop();
      return result;
    };
    const first = await struck(3);
    expect(await struck(3)).toEqual(first);
    expect(new Set(first).size).toBe(2);
    expect(await struck(4)).not.toEqual(first);
  });
});

describe('doors', () => {
  it('are one for each lane and target, however many ask at once', async () => {
    rig = await new Rig().start();
    const [a, b, c] = await Promise.all([
      rig.path.enter('sse', '127.0.0.1', rig.port),
      rig.path.enter('sse', '127.0.0.1', rig.port),
      rig.path.enter('websocket', '127.0.0.1', rig.port),
    ]);
    expect(a).toEqual(b);
    expect(c).not.toEqual(a);
  });

  it('listen where they are told, or say that they cannot', async () => {
    rig = await new Rig().start();
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((r) => taken.once('listening', r));
    const { port } = taken.address() as { port: number };
    await expect(rig.path.enter('proxy', '127.0.0.1', rig.port, port)).rejects.toMatchObject({ code: 'port-in-use' });
    await new Promise((r) => taken.close(r));
    expect(await rig.path.enter('proxy', '127.0.0.1', rig.port, port)).toEqual({ host: '127.0.0.1', port });
  });

  it('are closed with the path, and so are the connections', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    const listener = await rig.path.enter('sse', '127.0.0.1', rig.port);
    await rig.path.close();
    await eventually(() => client.seen.length > 0 && server.seen.length > 0);
    const late = new End(connect(listener));
    await eventually(() => late.seen.length > 0);
    expect(late.seen).toEqual(['refused']);
    expect(rig.path.connections()).toEqual([]);
    rig.path.set(resolveVia(['latency:'])); // does no harm
  });
});

it('tells who is connected, for how long, and how much has passed', async () => {
  rig = await new Rig().start();
  const { client, server } = await rig.open('long-polling');
  client.write('12345');
  await eventually(() => server.text === '12345');
  await rig.clock.sleep(30);
  const [view] = rig.path.connections();
  expect(view).toMatchObject({ lane: 'long-polling', state: 'open', bytes: { up: 5, down: 0 } });
  expect(view!.silence).toBeGreaterThanOrEqual(20);
  expect(view!.age).toBeGreaterThanOrEqual(view!.silence);
});
