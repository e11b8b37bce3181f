import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { TcpConnection } from '../../../../src/engine/proxy/tcp/connection.ts';
import { COMMON_PARAMS } from '../../../../src/shared/path/common-params.ts';
import { define } from '../../../../src/shared/path/definition.ts';
import { defaultsOf } from '../../../../src/shared/path/params.ts';
import type { AppliedStep } from '../../../../src/engine/proxy/tcp/pipeline.ts';
import { seeded } from '../../../../src/shared/random.ts';
import { End, eventually, Rig } from '../sockets.ts';

let rig: Rig;
afterEach(() => rig.stop());

describe('a connection through a path without faults', () => {
  it('carries bytes both ways', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    client.write('ask');
    await eventually(() => server.text === 'ask');
    server.write('answer');
    await eventually(() => client.text === 'answer');
  });

  it('passes a FIN from the client on and keeps the other half open', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    client.socket.end('last');
    await eventually(() => server.seen.includes('fin'));
    server.write('still here');
    await eventually(() => client.text === 'still here');
    expect(client.seen).toEqual([]);
    server.socket.end();
    await eventually(() => client.seen.includes('fin'));
    await eventually(() => rig.path.connections().length === 0);
  });

  it('passes a FIN from the server on and keeps the other half open', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    server.socket.end('bye');
    await eventually(() => client.seen.includes('fin'));
    expect(client.text).toBe('bye');
    client.write('and thanks');
    await eventually(() => server.text === 'and thanks');
    expect(server.seen).toEqual([]);
  });

  it('passes a RST from either side on as RST', async () => {
    rig = await new Rig().start();
    const one = await rig.open();
    one.server.write('before the reset');
    await eventually(() => one.client.text !== '');
    one.server.socket.resetAndDestroy();
    await eventually(() => one.client.seen.length > 0);
    expect(one.client.seen).toEqual(['rst']);
    const two = await rig.open();
    two.client.socket.resetAndDestroy();
    await eventually(() => two.server.seen.length > 0);
    expect(two.server.seen).toEqual(['rst']);
    await eventually(() => rig.path.connections().length === 0);
  });

  it('resets a server that writes to a client which was reset after its FIN', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    client.socket.end('x');
    await eventually(() => server.seen.includes('fin'));
    client.socket.resetAndDestroy();
    // After a FIN nobody reads, so a reset shows when something is written, as it does without a path.
    await eventually(() => {
      if (server.seen.length < 2) server.write('into the void');
      return server.seen.length > 1;
    });
    expect(server.seen[1]).toMatch(/rst|EPIPE/);
    await eventually(() => rig.path.connections().length === 0);
  });

  it('makes a fast sender wait for a slow reader, and loses nothing', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open();
    client.socket.pause();
    const block = 'x'.repeat(64 * 1024);
    let sent = 0;
    let full = false;
    while (!full && sent < 64 * 1024 * 1024) {
      server.write(block);
      sent += block.length;
      await new Promise((r) => setImmediate(r));
      full = server.socket.writableLength > 4 * 1024 * 1024;
    }
    expect(full).toBe(true);
    expect(rig.path.connections()[0]!.bytes.down).toBeLessThan(sent);
    client.socket.resume();
    await eventually(() => client.text.length === sent, 20_000);
  });
});

describe('a stack of faults', () => {
  const tag = (letter: string): AppliedStep => ({
    key: letter,
    params: defaultsOf(COMMON_PARAMS),
    fault: {
      definition: define({ id: letter, label: letter, what: '', params: {}, summary: () => letter }),
      async *pipe(_dir, chunks) {
        for await (const { bytes, at } of chunks) {
          yield { at, bytes: bytes.length > 0 ? Buffer.concat([bytes, Buffer.from(letter)]) : bytes };
        }
      },
    },
  });

  it('is met from the client outwards, and from the server in the other order', async () => {
    rig = await new Rig().start();
    const { client, server } = await linked([tag('1'), tag('2'), tag('3')]);
    client.write('up');
    await eventually(() => server().text === 'up123');
    server().write('down');
    await eventually(() => client.text === 'down321');
  });

  it('resets the connection and says so when a fault has a bug', async () => {
    rig = await new Rig().start();
    const broken = tag('x');
    // eslint-disable-next-line require-yield -- it never gets that far
    broken.fault.pipe = async function* (): AsyncIterable<never> {
      throw new Error('a bug');
    };
    const notices: string[] = [];
    const { client } = await linked([tag('1'), broken, tag('3')], (message) => notices.push(message));
    await eventually(() => client.seen.includes('rst'));
    expect(notices[0]).toMatch(/a bug/);
  });

  /** A connection through stages that have no name in the registry. */
  async function linked(steps: AppliedStep[], notice: (message: string) => void = () => {}) {
    const listener = createServer({ allowHalfOpen: true }, (downstream) => {
      new TcpConnection({
        id: 1,
        lane: null,
        downstream,
        target: { host: '127.0.0.1', port: rig.port },
        steps,
        clock: rig.clock,
        random: seeded(1),
        causes: rig.causes,
        onFaultFired: () => {},
        onNotice: (_code, message) => notice(message),
        onClose: () => listener.close(),
      });
    }).listen(0, '127.0.0.1');
    await new Promise((r) => listener.once('listening', r));
    const client = new End(connect((listener.address() as { port: number }).port, '127.0.0.1'));
    onTestFinished(() => void client.socket.destroy());
    await eventually(() => rig.arrived.length > 0);
    return { client, server: () => rig.arrived[0]! };
  }
});

describe('a target that cannot be reached', () => {
  it('resets the client, says why, and leaves the path standing', async () => {
    rig = await new Rig().start();
    const nobody = await rig.dial('sse', '127.0.0.1', 1);
    let connected = 0;
    nobody.socket.on('connect', () => (connected = nobody.socket.localPort!));
    await eventually(() => nobody.seen.length > 0);
    expect(nobody.seen).toEqual(['rst']);
    expect(rig.causes.take(connected)).toMatchObject({ cause: 'target-unreachable', by: 'path' });
    const { client, server } = await rig.open();
    server.write('fine');
    await eventually(() => client.text === 'fine');
    expect(rig.facts.find((f) => f.type === 'notice')).toMatchObject({
      lane: 'sse',
      code: 'target-unreachable',
      message: expect.stringMatching('127.0.0.1:1 ECONNREFUSED'),
    });
  });

  it('survives a name that does not exist', async () => {
    rig = await new Rig().start();
    const client = await rig.dial('sse', 'no-such-host.invalid', 80);
    await eventually(() => client.seen.includes('rst'));
  });
});

describe('targets', () => {
  it('may be names', async () => {
    rig = await new Rig().start();
    const { client, server } = await rig.open('sse', 'localhost');
    server.write('hello');
    await eventually(() => client.text === 'hello');
  });

  it('may be IPv6, as they stand in a URL', async ({ skip }) => {
    rig = new Rig();
    try {
      await rig.start([], '::1');
    } catch {
      skip('this machine has no IPv6 loopback');
    }
    const { client, server } = await rig.open('sse', '[::1]');
    server.write('hello');
    await eventually(() => client.text === 'hello');
  });
});

describe('an idle limit on real sockets', () => {
  it.each([
    ['fin', 'fin'],
    ['rst', 'rst'],
  ])('ends both sides with %s, and the cause is known', async (end, evidence) => {
    rig = await new Rig().start([`idle-timeout:after=200ms,end=${end}`]);
    const started = rig.clock.now();
    const { client, server, port } = await rig.open();
    await eventually(() => client.seen.length > 0 && server.seen.length > 0);
    expect(client.seen).toEqual([evidence]);
    expect(server.seen).toEqual([evidence]);
    expect(rig.facts.at(-1)).toMatchObject({ type: 'fault', lane: 'sse', name: 'idle-timeout', action: 'fire' });
    const known = rig.causes.take(port);
    expect(known).toMatchObject({ cause: 'idle-limit', by: 'path' });
    expect(known!.at - started).toBeGreaterThanOrEqual(195);
  });

  it('silence: nothing is heard until one side sends, then it gets RST', async () => {
    rig = await new Rig().start(['idle-timeout:after=100ms,end=silence']);
    const { client, server } = await rig.open();
    await eventually(() => rig.path.connections()[0]!.state === 'ended');
    await rig.clock.sleep(50); // time in which a FIN or RST would have come
    expect([...client.seen, ...server.seen]).toEqual([]);
    client.write('anyone?');
    await eventually(() => client.seen.length > 0);
    expect(client.seen).toEqual(['rst']);
    expect(server.text).toBe('');
    expect(server.seen).toEqual([]);
    server.write('me?');
    await eventually(() => server.seen.includes('rst'));
    await eventually(() => rig.path.connections().length === 0);
  });

  it('black-hole: nothing is heard, whoever sends', async () => {
    rig = await new Rig().start(['idle-timeout:after=100ms,end=black-hole']);
    const { client, server } = await rig.open();
    await eventually(() => rig.path.connections()[0]!.state === 'ended');
    client.write('anyone?');
    server.write('anyone?');
    server.socket.end();
    await rig.clock.sleep(100);
    expect([...client.seen, ...server.seen, client.text, server.text]).toEqual(['', '']);
  });

  it('spares who keeps talking', async () => {
    rig = await new Rig().start(['idle-timeout:after=1s']);
    const sender = await rig.open();
    const silent = await rig.open();
    let on = true;
    void (async () => {
      for (; on; await rig.clock.sleep(20)) sender.server.write('.');
    })();
    await eventually(() => silent.client.seen.length > 0);
    await rig.clock.sleep(200);
    on = false;
    expect(sender.client.seen).toEqual([]);
  });

  it('runs on engine time', async () => {
    rig = await new Rig({ scale: 60 }).start(['idle-timeout:after=10s']);
    const real = performance.now();
    const { client, port } = await rig.open();
    await eventually(() => client.seen.length > 0);
    expect(performance.now() - real).toBeLessThan(9000); // 167 ms, and all the patience a busy machine may need
    expect(rig.causes.take(port)!.at).toBeGreaterThan(0);
  });
});

describe('close-after on real sockets', () => {
  it.each(['fin', 'rst'])('lets the bytes through, then %s', async (end) => {
    rig = await new Rig().start([`close-after:bytes=1000B,end=${end},dir=down`, 'latency:delay=20ms']);
    const { client, server, port } = await rig.open();
    server.write('x'.repeat(600));
    server.write('y'.repeat(600));
    await eventually(() => client.seen.length > 0);
    expect(client.text).toBe('x'.repeat(600) + 'y'.repeat(400));
    expect(client.seen).toEqual([end]);
    expect(rig.causes.take(port)).toMatchObject({ cause: 'close-after' });
  });

  it('stands by its end when the settings change before it is carried out', async () => {
    rig = await new Rig().start([
      'latency:delay=30s,dir=down',
      'close-after:bytes=5B,dir=down',
      'latency:delay=10ms,dir=down',
    ]);
    const { client, server } = await rig.open();
    server.write('0123456789');
    await rig.clock.sleep(100);
    server.write('more');
    rig.set();
    await eventually(() => client.seen.length > 0);
    expect(client.text).toBe('01234');
    expect(client.seen).toEqual(['fin']);
  });

  it('delivers through a delay nearer to the client before it ends', async () => {
    rig = await new Rig().start(['latency:delay=100ms', 'close-after:bytes=10B,dir=down']);
    const { client, server } = await rig.open();
    server.write('0123456789abc');
    await eventually(() => client.seen.length > 0);
    expect(client.text).toBe('0123456789');
  });
});

describe('latency on real sockets', () => {
  it('delays a FIN behind the bytes before it, and a RST too', async () => {
    rig = await new Rig().start(['latency:delay=100ms,dir=down']);
    const one = await rig.open();
    const start = rig.clock.now();
    one.server.socket.end('bye');
    await eventually(() => one.client.seen.length > 0);
    expect(rig.clock.now() - start).toBeGreaterThanOrEqual(100);
    expect(one.client.text).toBe('bye');
    const two = await rig.open();
    const again = rig.clock.now();
    two.server.write('bye');
    two.server.socket.resetAndDestroy();
    await eventually(() => two.client.seen.length > 0);
    expect(two.client.seen).toEqual(['rst']);
    expect(rig.clock.now() - again).toBeGreaterThanOrEqual(100);
  });

  it('adds up over two stages without becoming a throttle', async () => {
    rig = await new Rig().start(['latency:delay=100ms,dir=down', 'latency:delay=100ms,dir=down']);
    const { client, server } = await rig.open();
    const start = rig.clock.now();
    for (let i = 0; i < 10; i++) {
      server.write(`${i}`);
      await rig.clock.sleep(20);
    }
    await eventually(() => client.text === '0123456789');
    const took = rig.clock.now() - start;
    expect(took).toBeGreaterThanOrEqual(350);
    expect(took).toBeLessThan(2000); // one after the other it would be 10 × 200
  });
});

describe('a black hole on real sockets', () => {
  it('lets nothing through, not even an end; lifted, what waited arrives in order', async () => {
    rig = await new Rig().start();
    const { client, server, port } = await rig.open();
    server.write('before ');
    await eventually(() => client.text === 'before ');
    rig.set('black-hole:');
    server.write('during ');
    server.socket.end();
    await rig.clock.sleep(50);
    expect(client.text).toBe('before ');
    expect(client.seen).toEqual([]);
    rig.set();
    await eventually(() => client.seen.length > 0);
    expect(client.text).toBe('before during ');
    expect(client.seen).toEqual(['fin']);
    expect(rig.causes.take(port)).toBeNull(); // it lives again
  });

  it('has the moment it went dead as its cause', async () => {
    rig = await new Rig().start();
    const { port } = await rig.open();
    const before = rig.clock.now();
    rig.set('black-hole:dir=down');
    expect(rig.causes.take(port)).toMatchObject({ cause: 'black-hole', by: 'path' });
    expect(rig.clock.now()).toBeGreaterThanOrEqual(before);
  });

  it('keeps that moment when something else about the path changes', async () => {
    rig = await new Rig().start();
    const { port } = await rig.open();
    rig.set('black-hole:');
    await rig.clock.sleep(30);
    const later = rig.clock.now();
    rig.set('black-hole:', 'idle-timeout:after=60s');
    expect(rig.causes.take(port)!.at).toBeLessThan(later);
  });

  it('tells the server of a client’s reset only when it is lifted', async () => {
    rig = await new Rig().start(['black-hole:']);
    const { client, server } = await rig.open();
    client.socket.resetAndDestroy();
    await rig.clock.sleep(50);
    expect(server.seen).toEqual([]);
    rig.set();
    await eventually(() => server.seen.length > 0);
    expect(server.seen).toEqual(['rst']);
  });
});
