/** What every method promises, whichever it is: a lane that follows the embedded server through it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import { TRANSPORTS } from '../../src/engine/transports/index.ts';
import { dialectNamed, urlFor } from '../../src/engine/dialects/index.ts';
import { eventServer } from '../helpers/event-server.ts';
import { watchedLane, type WatchedLane } from '../helpers/lane.ts';

type TestServer = Awaited<ReturnType<typeof eventServer>>;

let target: TestServer | null = null;
let watched: WatchedLane[] = [];
afterEach(async () => {
  await Promise.all(watched.map((w) => w.lane.close()));
  await target?.server.close();
  watched = [];
  target = null;
});

const openSessions = ({ server }: TestServer): Record<string, number> => {
  const { held, streams, sockets } = server.counters();
  return { held, streams, sockets };
};

describe.each(METHODS)('%s', (method) => {
  async function follow(
    o: {
      start?: 'head' | 'earliest';
      before?: number;
      settings?: object;
      target?: Parameters<typeof eventServer>;
    } = {},
  ): Promise<WatchedLane & { target: TestServer }> {
    target = await eventServer(...(o.target ?? [{ holdMs: 2000 }]));
    for (let i = 1; i <= (o.before ?? 0); i++) void target.publish(`before ${i}`);
    const w = watchedLane({
      method,
      causes: target.causes,
      url: urlFor(dialectNamed('heartline'), method, target.url, 'demo')!,
      cursor: o.start === 'earliest' ? 'earliest' : target.head(),
      settings: { pollMs: 100, holdMs: 2000, ...o.settings },
    });
    watched.push(w);
    w.lane.start();
    await w.until('state', (s) => s.to === 'open');
    return { ...w, target };
  }

  it('has both halves', () => {
    const t = TRANSPORTS[method];
    expect(t.method).toBe(method);
    expect(t.connect).toBeTypeOf('function');
    expect(t.serve ?? t.upgrade).toBeTypeOf('function');
  });

  it('brings each event once, in order, with its id, type and text', async () => {
    const { target, until, all } = await follow();
    for (let i = 1; i <= 50; i++) void target.publish(`line ${i}\nü ☃ 😀\n`, i % 2 ? 'odd' : 'even');
    await until('event', (e) => e.data?.startsWith('line 50\n') ?? false);
    const events = all('event');
    expect(events.map((e) => e.data)).toEqual(Array.from({ length: 50 }, (_, i) => `line ${i + 1}\nü ☃ 😀\n`));
    expect(events.map((e) => e.event)).toEqual(Array.from({ length: 50 }, (_, i) => (i % 2 ? 'even' : 'odd')));
    expect(new Set(events.map((e) => e.cursor)).size).toBe(50);
    expect(events.some((e) => e.duplicate)).toBe(false);
    expect(all('gap')).toEqual([]);
  });

  it('starts where it is told to', async () => {
    const { until, all } = await follow({ start: 'earliest', before: 3 });
    await until('event', (e) => e.data === 'before 3');
    expect(all('event').map((e) => e.data)).toEqual(['before 1', 'before 2', 'before 3']);
  });

  it.each(['fin', 'rst'] as const)(
    'cut with a %s, drops with that evidence and resumes with nothing missed',
    async (end) => {
      const { target, until, all, lane, data } = await follow();
      void target.publish('a');
      await until('event', (e) => e.data === 'a');
      // a poller is only cut while it asks: cut as soon as it does
      for (let i = 0; all('drop').length === 0 && i < 2000; i++) {
        const { phase } = lane.snapshot();
        if (method !== 'short-polling' || phase === 'requesting') lane.cut(end);
        await new Promise((resolve) => setImmediate(resolve));
        if (all('drop').length === 0 && i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      if (method === 'short-polling' && all('drop').length === 0) return; // answered before any cut could fall
      const drop = await until('drop');
      expect(drop).toMatchObject({ evidence: end, cause: 'cut', by: 'path' });
      void target.publish('b');
      void target.publish('c');
      await until('event', (e) => e.data === 'c');
      expect(data()).toEqual(['a', 'b', 'c']);
      expect(all('resume')[0]).toMatchObject({ missed: 0, epochChanged: false, after: end });
      expect(all('reconnect').length).toBeGreaterThan(0);
    },
  );

  it('asleep hears nothing, and awake goes on from where it was', async () => {
    const { target, until, all, lane, data } = await follow();
    void target.publish('a');
    await until('event', (e) => e.data === 'a');
    lane.sleep(60_000, 'resume');
    await until('state', (s) => s.to === 'asleep');
    const before = all('event').length;
    for (let i = 0; i < 5; i++) void target.publish(`asleep ${i}`);
    // long enough for two polls of an awake lane
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(all('event').length).toBe(before);
    lane.wake();
    await until('event', (e) => e.data === 'asleep 4');
    expect(data()).toEqual(['a', 'asleep 0', 'asleep 1', 'asleep 2', 'asleep 3', 'asleep 4']);
    expect(all('gap')).toEqual([]);
  });

  it('told to go by a server that drains, comes back without a drop', async () => {
    const { target, until, all, data } = await follow({ settings: { backoff: 'none' } });
    void target.publish('a');
    await until('event', (e) => e.data === 'a');
    await target.server.restart();
    void target.publish('b');
    await until('event', (e) => e.data === 'b', 30_000);
    expect(data()).toEqual(['a', 'b']);
    // a poll may ask just while nobody listens
    const refused = method.endsWith('polling') ? ['refused'] : [];
    expect(all('drop').filter((d) => !refused.includes(d.evidence))).toEqual([]);
  });

  it('killed with the server, knows the cause and the moment', async () => {
    const { target, until } = await follow({ settings: { pollMs: 5000 } });
    if (method === 'short-polling') return; // between two polls there is nothing to kill
    if (method === 'long-polling') await until('state', (s) => s.phase === 'held');
    await vi.waitUntil(() => Object.values(openSessions(target)).some((n) => n === 1), { timeout: 30_000 });
    await target.server.kill(10);
    const drop = await until('drop');
    expect(drop).toMatchObject({ evidence: 'rst', cause: 'kill', by: 'server', detected: expect.any(Number) });
  });

  it('is told of events it can no longer have', async () => {
    const { target, until, all, lane } = await follow({ target: [{ holdMs: 2000 }, { count: 5 }] });
    void target.publish('a');
    await until('event', (e) => e.data === 'a');
    lane.stop();
    await until('state', (s) => s.to === 'stopped');
    for (let i = 1; i <= 20; i++) void target.publish(`lost ${i}`);
    lane.start();
    await until('event', (e) => e.data === 'lost 20');
    expect(all('gap')).toEqual([expect.objectContaining({ reason: 'trimmed', missed: 15 })]);
    expect(all('resume')).toEqual([expect.objectContaining({ missed: 15, after: 'user', epochChanged: false })]);
  });

  it('is told that the log began another life', async () => {
    const { target, until, all } = await follow();
    void target.publish('a');
    await until('event', (e) => e.data === 'a');
    void target.server.loseLog();
    void target.publish('anew');
    await until('event', (e) => e.data === 'anew');
    expect(all('gap')[0]).toMatchObject({ reason: 'epoch', missed: null });
  });

  it('stops for good when the channel has ended', async () => {
    const { target, until, all, lane } = await follow();
    void target.publish('a');
    await until('event', (e) => e.data === 'a');
    void target.server.end('demo');
    await until('state', (s) => s.to === 'failed');
    expect(all('state').at(-1)).toMatchObject({ to: 'failed', reason: 'ended' });
    expect(all('drop')).toEqual([]);
    expect(lane.snapshot().until).toBeNull();
  });

  it('stops at once and leaves nothing behind', async () => {
    const { target, until, lane, seen } = await follow();
    lane.stop();
    await until('state', (s) => s.to === 'stopped' && s.reason === 'user');
    const then = seen.filter((o) => o.type !== 'traffic').length;
    await vi.waitFor(() => expect(target.server.counters()).toMatchObject({ streams: 0, sockets: 0 }), 30_000);
    void target.publish('unheard');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(seen.filter((o) => o.type !== 'traffic').length).toBe(then);
  });

  it('shows what stood on the wire, without secrets', async () => {
    target = await eventServer({ holdMs: 2000, heartbeatMs: 1000 });
    const w = watchedLane({
      method,
      url: `${urlFor(dialectNamed('heartline'), method, target.url, 'demo')!}?token=hush`,
      headers: { Authorization: 'Bearer hush' },
      cursor: target.head(),
      settings: { pollMs: 100, holdMs: 2000, wire: true },
    });
    watched.push(w);
    w.lane.start();
    await w.until('state', (s) => s.to === 'open');
    void target.publish('seen');
    await w.until('event');
    const wires = w.all('wire');
    expect(wires.find((o) => o.what === 'request')).toMatchObject({
      dir: 'out',
      text: expect.stringMatching(/^GET \/events\/demo\?token=‹redacted›[^]*\r\n\r\n$/),
    });
    expect(wires.find((o) => o.what === 'response')).toMatchObject({
      dir: 'in',
      text: expect.stringMatching(/^HTTP\/1.1 /),
    });
    expect(JSON.stringify(wires)).not.toContain('hush');
    if (method === 'sse') expect(wires.some((o) => o.what === 'field' && o.text === 'data: seen')).toBe(true);
    if (method === 'websocket') expect(wires.some((o) => o.what === 'frame' && o.text.includes('"seen"'))).toBe(true);
    expect(wires.every((o) => o.text.length <= 2048)).toBe(true);
  });

  it('counts every byte on its sockets', async () => {
    const { target, until, all, lane } = await follow();
    void target.publish('x'.repeat(5000));
    await until('event');
    await lane.close();
    const traffic = all('traffic').at(-1)!;
    expect(traffic.bytesIn).toBeGreaterThan(5000);
    expect(traffic.bytesIn).toBeLessThan(20_000);
    expect(traffic.bytesOut).toBeGreaterThan(80);
  });
});
