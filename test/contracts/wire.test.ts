/** What a wire promises, and what calls and feed over it promise, once for both kinds. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { realClock } from '../../src/engine/time/clock.ts';
import { connectEngine } from '../../src/rpc/client.ts';
import { portWire } from '../../src/rpc/port-wire.ts';
import { serveEngine } from '../../src/rpc/serve.ts';
import { socketWire } from '../../src/rpc/socket-wire.ts';
import type { Wire } from '../../src/rpc/wire.ts';
import type { FeedBatch, LabSnapshot } from '../../src/shared/api.ts';
import { Failure } from '../../src/shared/failure.ts';
import { badVia, fakeEngine } from '../rpc/fake-engine.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

/** However long it takes on a busy machine; it ends as soon as it holds. */
const soon = { timeout: 20_000 };

interface Pair {
  engine: Wire;
  page: Wire;
  /** The page stops reading from its end of the wire, and starts again. */
  stall(): void;
  resume(): void;
  end(): Promise<void>;
}

const WIRES: Record<string, () => Promise<Pair>> = {
  'a port': async () => {
    const { port1, port2 } = new MessageChannel();
    const held: (() => void)[] = [];
    let stalled = false;
    // A page that is stuck takes nothing from its port: its messages wait.
    const page = {
      postMessage: (m: unknown) => port2.postMessage(m),
      addEventListener: (type: 'message' | 'close', fn: (e: any) => void) =>
        port2.addEventListener(type as 'message', (e: any) => (stalled ? void held.push(() => fn(e)) : fn(e))),
      start: () => port2.start(),
      close: () => port2.close(),
    };
    return {
      engine: portWire(port1),
      page: portWire(page),
      stall: () => (stalled = true),
      resume: () => {
        stalled = false;
        for (const give of held.splice(0)) give();
      },
      end: async () => (port1.close(), port2.close()),
    };
  },
  'a socket': async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [socket] = (await once(sockets, 'connection')) as [WebSocket];
    return {
      engine: socketWire(socket),
      page: socketWire(client),
      stall: () => client.pause(),
      resume: () => client.resume(),
      end: async () => {
        client.terminate();
        socket.terminate();
        sockets.close();
        await new Promise((r) => server.close(r));
      },
    };
  },
};

describe.each(Object.entries(WIRES))('over %s', (_, make) => {
  let ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    ends = [];
  });
  const pair = async (): Promise<Pair> => {
    const p = await make();
    ends.push(() => p.end());
    return p;
  };
  const lab = async (over = {}) => {
    const p = await pair();
    const engine = fakeEngine(over);
    ends.push(serveEngine(engine, p.engine, realClock()));
    const snapshots: LabSnapshot[] = [];
    const batches: FeedBatch[] = [];
    let closed = 0;
    const connection = connectEngine(p.page, {
      snapshot: (s) => snapshots.push(s),
      batch: (b) => batches.push(b),
      closed: () => closed++,
    });
    return { ...p, fake: engine, connection, api: connection.api, snapshots, batches, closed: () => closed };
  };

  it('messages arrive whole, in order, both ways, even those sent before anyone listened', async () => {
    const { engine, page } = await pair();
    const there: unknown[] = [];
    const back: unknown[] = [];
    for (let i = 0; i < 50; i++) page.send({ i, text: 'é\n\u2028'.repeat(i) });
    engine.listen((m) => {
      there.push(m);
      engine.send(m);
    });
    page.listen((m) => back.push(m));
    await vi.waitFor(() => expect(back).toHaveLength(50), soon);
    expect(there).toEqual(Array.from({ length: 50 }, (_, i) => ({ i, text: 'é\n\u2028'.repeat(i) })));
    expect(back).toEqual(there);
  });

  it.each(['engine', 'page'] as const)(
    'when the %s closes it, both ends are told once, and sending harms nobody',
    async (who) => {
      const p = await pair();
      const reported = { engine: 0, page: 0 };
      p.engine.listen(() => undefined);
      p.page.listen(() => undefined);
      p.engine.closed(() => reported.engine++);
      p.page.closed(() => reported.page++);
      p[who].close();
      p[who].close();
      await vi.waitFor(() => expect(reported).toEqual({ engine: 1, page: 1 }), soon);
      p.engine.send('x');
      p.page.send('x');
      let late = 0;
      p.page.closed(() => late++);
      expect(late).toBe(1);
    },
  );

  it('a call reaches the engine with its argument, and its answer comes back', async () => {
    const { api, fake } = await lab({ publish: async () => ({ cursor: 'k3f9ab.1' }) });
    await api.setPath({ path: resolveVia(['nginx-default', 'latency:delay=100ms']) });
    await api.sleep({ ms: 10_000, timers: 'fire', lane: undefined as never });
    expect(fake.calls).toEqual([
      { name: 'setPath', args: [{ path: resolveVia(['nginx-default', 'latency:delay=100ms']) }] },
      { name: 'sleep', args: [{ ms: 10_000, timers: 'fire' }] },
    ]);
    expect(await api.publish({ type: 'x', data: 'y' })).toEqual({ cursor: 'k3f9ab.1' });
  });

  it('a failure crosses with its code, place and way out; a bug crosses as an error of its own', async () => {
    const { api } = await lab({
      setPath: badVia,
      wake: () => {
        throw new TypeError('x is not a function');
      },
      loseLog: () => Promise.reject('just a word'),
    });
    const failure = await api.setPath({ path: [] }).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: 'bad-via', place: '--via', hint: 'Did you mean nginx?', exit: 2 });
    await expect(api.wake()).rejects.toMatchObject({ code: 'internal', message: 'x is not a function' });
    await expect(api.loseLog()).rejects.toMatchObject({ code: 'internal', message: 'just a word' });
  });

  it.each([
    ['setPath', { path: 'nginx' }, 'setPath.path'],
    ['setPath', { path: [1] }, 'setPath.path.0'],
    [
      'setPath',
      { path: [{ steps: [{ name: 'latency', params: { delay: true } }] }] },
      'setPath.path.0.steps.0.params.delay',
    ],
    ['setPath', { path: [{ steps: [{ name: 'latency', params: { delay: 5 } }] }] }, 'setPath.path'],
    ['setPath', { path: [{ steps: [{ name: 'toString', params: {} }] }] }, 'setPath.path'],
    ['setPath', { path: [{ preset: 'haproxy', steps: [] }] }, 'setPath.path'],
    [
      'savePath',
      {
        name: 'late',
        path: [{ steps: [{ name: 'black-hole', params: { dir: 'sideways', lanes: 'all', chance: 1 } }] }],
      },
      'savePath.path',
    ],
    ['restartRun', { path: [{ steps: [{ name: 'latancy', params: {} }] }] }, 'restartRun.path'],
    ['sleep', { ms: -1, timers: 'fire' }, 'sleep.ms'],
    ['sleep', { ms: null, timers: 'fire' }, 'sleep.ms'],
    ['restartRun', { pollMs: '2s' }, 'restartRun.pollMs'],
    ['restartRun', { colour: 'red' }, 'restartRun.colour'],
    ['restartRun', { target: { kind: 'remote', name: 'x' } }, 'restartRun.target.base'],
    ['setWorkload', { name: 'chaos', rate: null, size: null, burst: null }, 'setWorkload.name'],
    ['stopLane', undefined, 'stopLane'],
    ['cutAll', null, 'cutAll'],
  ])('a bad argument to %s is rejected by path: %j', async (name, argument, place) => {
    const { api, fake } = await lab();
    const call = api[name as 'stopLane'] as (a: unknown) => Promise<unknown>;
    await expect(call(argument)).rejects.toMatchObject({ code: 'bad-argument', place });
    expect(fake.calls).toEqual([]);
    await api.wake();
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'snapshot', 'listen', 'calls', 'see', '', 'then'])(
    'only names of the API can be called: not %j',
    async (name) => {
      const p = await pair();
      const engine = fakeEngine();
      ends.push(serveEngine(engine, p.engine, realClock()));
      const answers: any[] = [];
      p.page.listen((m) => answers.push(m));
      p.page.send({ t: 'q', i: '1', m: name, a: [] });
      await vi.waitFor(() => expect(answers).toHaveLength(1), soon);
      expect(answers[0].e).toMatchObject({ code: 'unknown-call' });
      expect(engine.calls).toEqual([]);
    },
  );

  it('nonsense on the wire is survived', async () => {
    const p = await pair();
    const engine = fakeEngine();
    ends.push(serveEngine(engine, p.engine, realClock()));
    const answers: any[] = [];
    p.page.listen((m) => answers.push(m));
    for (const bad of [
      null,
      7,
      'hello',
      [],
      {},
      { t: 'q' },
      { t: 'q', m: 'wake', a: 'x' },
      { t: 'q', m: {}, a: [] },
      { t: 's', i: 'nobody', r: 1 },
      { t: 's', e: { code: 7 } },
      { t: 'q', i: {}, m: 'wake', a: [] },
      { t: 'q', m: 'ack', a: [{ seq: 'x' }] },
      { t: 'q', m: 'wake', a: [1, 2, 3] },
    ]) {
      p.page.send(bad);
    }
    p.page.send({ t: 'q', i: 'last', m: 'wake', a: [] });
    await vi.waitFor(() => expect(answers.map((m) => m.i)).toEqual(['last']), soon);
    expect(engine.calls).toEqual([{ name: 'wake', args: [] }]);
  });

  it('the feed starts with a snapshot; every observation after it arrives once, in order', async () => {
    const { fake, snapshots, batches } = await lab();
    await vi.waitFor(() => expect(snapshots).toHaveLength(1), soon);
    for (let i = 0; i < 20; i++) {
      for (let k = 0; k < 10; k++) fake.emit();
      await new Promise((r) => setImmediate(r));
    }
    await vi.waitFor(() => expect(batches.flatMap((b) => b.observations).length + snapshots.at(-1)!.n).toBe(200), soon);
    expect(batches.flatMap((b) => b.observations.map((o) => o.n))).toEqual(
      Array.from({ length: 200 - snapshots[0]!.n }, (_, i) => snapshots[0]!.n + i + 1),
    );
  });

  it(
    'a page that stops reading costs four messages, and gets a snapshot when it is back',
    { timeout: 30_000 },
    async () => {
      const p = await pair();
      const sent: unknown[] = [];
      const engineWire: Wire = {
        ...p.engine,
        get congested() {
          return p.engine.congested;
        },
        send: (m) => {
          sent.push(m);
          p.engine.send(m);
        },
      };
      const fake = fakeEngine();
      ends.push(serveEngine(fake, engineWire, realClock()));
      const snapshots: LabSnapshot[] = [];
      const seen: number[] = [];
      const { api } = connectEngine(p.page, {
        snapshot: (s) => {
          snapshots.push(s);
          seen.length = 0;
        },
        batch: (b) => seen.push(...b.observations.map((o) => o.n)),
        closed: () => undefined,
      });
      await api.info();
      await vi.waitFor(() => expect(snapshots).toHaveLength(1), soon);
      p.stall();
      sent.length = 0;
      for (let i = 0; i < 300; i++) {
        for (let k = 0; k < 100; k++) fake.emit();
        await new Promise((r) => setTimeout(r, 1));
      }
      expect(sent.length).toBeLessThanOrEqual(5);
      p.resume();
      await vi.waitFor(() => expect(snapshots.at(-1)!.n).toBe(30_000), soon);
      fake.emit();
      await vi.waitFor(() => expect(seen).toEqual([30_001]), soon);
    },
  );

  it('a page whose handler throws still gets what follows', async () => {
    const p = await pair();
    const fake = fakeEngine();
    ends.push(serveEngine(fake, p.engine, realClock()));
    const complaints: unknown[] = [];
    const complain = (e: unknown) => void complaints.push(e);
    process.prependOnceListener('unhandledRejection', complain);
    const own = process.listeners('unhandledRejection').filter((l) => l !== complain);
    for (const l of own) process.off('unhandledRejection', l);
    let batches = 0;
    connectEngine(p.page, {
      snapshot: () => {
        throw new Error('a mistake of the page');
      },
      batch: () => batches++,
      closed: () => undefined,
    });
    await vi.waitFor(() => expect(complaints).toHaveLength(1), soon);
    for (const l of own) process.on('unhandledRejection', l);
    for (let i = 0; i < 6; i++) {
      const had: number = batches;
      fake.emit();
      await vi.waitFor(() => expect(batches).toBeGreaterThan(had), soon);
    }
  });

  it('a hole in the numbering is closed by a snapshot', async () => {
    const p = await pair();
    const fake = fakeEngine();
    let lose = 0;
    const lossy: Wire = {
      ...p.engine,
      congested: false,
      send: (m: any) => (m.m === 'batch' && lose > 0 ? void lose-- : p.engine.send(m)),
    };
    ends.push(serveEngine(fake, lossy, realClock()));
    const snapshots: number[] = [];
    const seen: number[] = [];
    connectEngine(p.page, {
      snapshot: (s) => snapshots.push(s.n),
      batch: (b) => seen.push(...b.observations.map((o) => o.n)),
      closed: () => undefined,
    });
    await vi.waitFor(() => expect(snapshots).toEqual([0]), soon);
    lose = 1;
    fake.emit();
    await vi.waitFor(() => expect(lose).toBe(0), soon);
    fake.emit();
    await vi.waitFor(() => expect(snapshots).toEqual([0, 2]), soon);
    fake.emit();
    await vi.waitFor(() => expect(seen).toEqual([3]), soon);
  });

  it('when the engine goes, calls under way and later ones say so', async () => {
    const { api, engine, closed } = await lab({ info: () => new Promise(() => undefined) });
    const pending = api.info();
    await new Promise((r) => setTimeout(r, 20));
    engine.close();
    await expect(pending).rejects.toMatchObject({ code: 'engine-gone' });
    await vi.waitFor(() => expect(closed()).toBe(1), soon);
    await expect(api.wake()).rejects.toMatchObject({ code: 'engine-gone' });
  });

  it('when the page goes, the engine is let go of', async () => {
    const { fake, connection, snapshots } = await lab();
    await vi.waitFor(() => expect(snapshots).toHaveLength(1), soon);
    expect(fake.listening).toBe(1);
    connection.close();
    await vi.waitFor(() => expect(fake.listening).toBe(0), soon);
  });
});
