/** What a lane makes of signals: states, facts, back-off. The wire is a script; time passes when told to. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { endedSignal } from '../../../../src/engine/client/connection/ended.ts';
import { SignalQueue } from '../../../../src/engine/client/connection/signal-queue.ts';
import type { ConnectContext, EndedSignal, Signal } from '../../../../src/engine/client/connection/signal.ts';
import type { Method } from '../../../../src/shared/catalog.ts';
import { FakeClock, settle } from '../../../helpers/fake-clock.ts';
import { watchedLane } from '../../../helpers/lane.ts';

function scripted(method: Method = 'sse', o: Partial<Parameters<typeof watchedLane>[0]> = {}) {
  const clock = new FakeClock();
  const connections: { ctx: ConnectContext; outbox: SignalQueue }[] = [];
  const w = watchedLane({
    method,
    url: 'http://x.test/',
    clock,
    ...o,
    connect(ctx) {
      const outbox = new SignalQueue(() => {});
      connections.push({ ctx, outbox });
      ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
      return outbox;
    },
  });
  const say = async (...signals: Signal[]): Promise<void> => {
    for (const s of signals) connections.at(-1)!.outbox.push(s);
    await settle();
  };
  const open = async (): Promise<void> => {
    if (connections.length === 0) w.lane.start();
    await say({ kind: 'open' });
  };
  return { ...w, clock, connections, say, open };
}

const event = (id: string | null): Signal => ({ kind: 'event', id, type: 'tick', time: null, data: 'x', bytes: 9 });
const rst: EndedSignal = endedSignal('rst');

describe('a lane', () => {
  it('tells every change of state, with its reason', async () => {
    const l = scripted();
    await l.open();
    await l.say(rst);
    expect(l.all('state').map(({ from, to, reason }) => [from, to, reason])).toEqual([
      ['idle', 'connecting', 'start'],
      ['connecting', 'open', 'connected'],
      ['open', 'dropped', 'dropped'],
      ['dropped', 'waiting', 'back-off'],
    ]);
    const { until, state } = l.lane.snapshot();
    expect([state, until! - l.clock.now()]).toEqual(['waiting', l.all('reconnect')[0]!.delay]);
    await l.clock.pass(l.all('reconnect')[0]!.delay);
    expect(l.connections).toHaveLength(2);
  });

  it('backs off further with each failure, and afresh after 10 s open', async () => {
    const l = scripted('sse', { settings: { backoff: 'equal' } });
    l.lane.start();
    const delays = (): number[] => l.all('reconnect').map((r) => r.delay);
    for (let i = 0; i < 5; i++) {
      await l.say(rst);
      await l.clock.pass(delays().at(-1)!);
    }
    expect(delays()[4]).toBeGreaterThanOrEqual(4000);
    // one replayed event and death: not proved
    await l.say({ kind: 'open' }, event('abcd.1'), rst);
    expect(delays()[5]).toBeGreaterThanOrEqual(8000);
    await l.clock.pass(delays()[5]!);
    await l.say({ kind: 'open' });
    await l.clock.pass(10_000);
    await l.say(rst);
    expect(delays()[6]).toBeLessThanOrEqual(500);
  });

  it('a poll proves itself by its answers, not by its age', async () => {
    const l = scripted('long-polling', { settings: { backoff: 'equal' } });
    l.lane.start();
    for (let i = 0; i < 4; i++) {
      await l.say({ kind: 'open' });
      await l.clock.pass(20_000);
      await l.say(rst);
      await l.clock.pass(l.all('reconnect').at(-1)!.delay);
    }
    expect(l.all('reconnect').at(-1)!.delay).toBeGreaterThanOrEqual(2000);
    await l.say({ kind: 'open' }, { kind: 'steady' }, rst);
    expect(l.all('reconnect').at(-1)!.delay).toBeLessThanOrEqual(500);
  });

  it('keeps retry: as a floor, and the advice of a goodbye', async () => {
    const l = scripted();
    await l.open();
    await l.say({ kind: 'hint', retryMs: 2000 }, rst);
    expect(l.all('reconnect')[0]!.delay).toBeGreaterThanOrEqual(2000);
    await l.clock.pass(l.all('reconnect')[0]!.delay);
    await l.say({ kind: 'open' }, endedSignal('clean-end', { announced: true, retryMs: 7000 }));
    expect(l.all('reconnect')[1]!.delay).toBeGreaterThanOrEqual(7000);
    expect(l.all('state').at(-1)).toMatchObject({ to: 'waiting', reason: 'server-advice' });
    // what was announced is no drop
    expect(l.all('drop')).toHaveLength(1);
  });

  it('notes an announced end beside drops, and with every drop its age and the reason given', async () => {
    const l = scripted();
    await l.open();
    await l.clock.pass(3000);
    await l.say(endedSignal('clean-end', { announced: true, by: 'server', reason: 'age' }));
    expect(l.all('ended')).toEqual([
      expect.objectContaining({ by: 'server', reason: 'age', announced: true, age: 3000, evidence: 'clean-end' }),
    ]);
    expect(l.all('drop')).toEqual([]);
    await l.clock.pass(l.all('reconnect')[0]!.delay);
    await l.say({ kind: 'open' });
    await l.clock.pass(700);
    await l.say(endedSignal('close:1000', { by: 'server', reason: 'Idle timeout' }));
    expect(l.all('drop')[0]).toMatchObject({ evidence: 'close:1000', by: 'server', age: 700, reason: 'Idle timeout' });
    await l.clock.pass(l.all('reconnect')[1]!.delay);
    await l.say(endedSignal('refused'));
    expect(l.all('drop')[1]).toMatchObject({ evidence: 'refused', age: null });
    expect(l.all('ended')).toHaveLength(1);
  });

  it('does not count as lateness the time it was asleep', async () => {
    const l = scripted('sse', { latencyOf: ({ time }) => ({ latency: l.clock.now() - time!, replayed: false }) });
    await l.open();
    const at = l.clock.now();
    await l.clock.pass(100);
    l.lane.sleep(30_000, 'fire');
    await l.clock.pass(30_000);
    await l.clock.pass(50);
    await l.say({ kind: 'event', id: 'abcd.1', type: 'x', time: at, data: '', bytes: 1 });
    expect(l.all('event')[0]!.latency).toBe(150);
  });

  it('dials once, however often it is asked to', async () => {
    const l = scripted();
    l.lane.start();
    l.lane.start();
    l.lane.retryNow();
    await settle();
    expect(l.connections).toHaveLength(1);
    await l.say(rst);
    l.lane.retryNow();
    l.lane.retryNow();
    l.lane.start();
    await settle();
    expect(l.connections).toHaveLength(2);
    expect(l.all('state').at(-1)).toMatchObject({ to: 'connecting', reason: 'retry-now' });
    await l.clock.pass(60_000);
    expect(l.connections).toHaveLength(2);
  });

  it('stops at any moment, and starts again from its cursor', async () => {
    const l = scripted('sse', { cursor: 'abcd.1' });
    await l.open();
    await l.say(event('abcd.2'), rst);
    l.lane.stop();
    expect(l.lane.snapshot()).toMatchObject({ state: 'stopped', until: null, cursor: 'abcd.2' });
    await l.clock.pass(120_000);
    expect(l.connections).toHaveLength(1);
    l.lane.start();
    await l.say({ kind: 'open' }, event('abcd.3'));
    expect(l.connections[1]!.ctx).toMatchObject({ cursor: 'abcd.2', resume: true });
    expect(l.all('resume')).toEqual([expect.objectContaining({ sent: 'abcd.2', missed: 0, after: 'user' })]);
  });

  it('does not come back from what is final, until a person says so', async () => {
    const l = scripted();
    await l.open();
    await l.say(endedSignal('status:403', { final: true, why: 'refused-by-server', detail: 'answered 403' }));
    expect(l.lane.snapshot().state).toBe('failed');
    expect(l.all('notice').at(-1)).toMatchObject({ level: 'error', message: 'The server answered 403.' });
    await l.clock.pass(120_000);
    expect(l.connections).toHaveLength(1);
    l.lane.retryNow();
    await settle();
    expect(l.connections).toHaveLength(2);
  });

  it('asleep, waits out a wait, and wakes into what it left', async () => {
    const l = scripted();
    await l.open();
    l.lane.sleep(30_000, 'fire');
    expect(l.lane.snapshot()).toMatchObject({ state: 'asleep', until: l.clock.now() + 30_000 });
    await l.clock.pass(30_000);
    expect(
      l
        .all('state')
        .slice(-2)
        .map(({ to, reason }) => [to, reason]),
    ).toEqual([
      ['asleep', 'sleep'],
      ['open', 'wake'],
    ]);
    await l.say(rst);
    l.lane.sleep(60_000, 'resume');
    await l.clock.pass(59_000);
    expect(l.connections).toHaveLength(1);
    l.lane.wake();
    expect(l.lane.snapshot().state).toBe('waiting');
    await l.clock.pass(30_000);
    expect(l.connections).toHaveLength(2);
    expect(l.all('sleep').map((s) => s.phase)).toEqual(['begin', 'end', 'begin', 'end']);
  });

  it('hears nothing while asleep, even of what was already on its way', async () => {
    const l = scripted();
    await l.open();
    l.connections[0]!.outbox.push(event('abcd.1'));
    l.lane.sleep(1000, 'fire');
    await settle();
    expect(l.all('event')).toEqual([]);
    await l.clock.pass(1000);
    expect(l.all('event')).toHaveLength(1);
  });

  it('stopped in its sleep, stays stopped', async () => {
    const l = scripted();
    await l.open();
    l.lane.sleep(10_000, 'fire');
    l.lane.stop();
    await l.clock.pass(60_000);
    expect(l.states().slice(-1)).toEqual(['stopped']);
    expect(l.all('sleep').map((s) => s.phase)).toEqual(['begin', 'end']);
    expect(l.connections).toHaveLength(1);
  });

  it('online again, retries at once', async () => {
    const l = scripted();
    await l.open();
    l.lane.setOffline(true);
    await l.say(rst);
    expect(l.lane.snapshot().state).toBe('waiting');
    expect(l.all('drop')[0]).toMatchObject({ cause: 'offline' });
    l.lane.setOffline(false);
    await settle();
    expect(l.all('state').at(-1)).toMatchObject({ to: 'connecting', reason: 'online' });
  });

  it('marks repeats, keeps its cursor, and gives them no latency', async () => {
    const l = scripted('sse', { cursor: 'abcd.5', latencyOf: () => ({ latency: 12, replayed: false }) });
    await l.open();
    await l.say(event('abcd.6'), event('abcd.6'), event('abcd.4'));
    expect(l.all('event').map((e) => [e.duplicate, e.latency])).toEqual([
      [false, 12],
      [true, null],
      [true, null],
    ]);
    expect(l.lane.snapshot().cursor).toBe('abcd.6');
  });

  it('says once that it cannot know, where ids are not dense', async () => {
    const l = scripted('sse', { dialect: 'plain' });
    await l.open();
    await l.say(event('x'), rst);
    await l.clock.pass(5000);
    await l.say({ kind: 'open' }, event('y'));
    expect(l.all('resume')).toEqual([expect.objectContaining({ missed: null })]);
    expect(l.all('notice').filter((n) => n.code === 'cannot-know')).toHaveLength(1);
  });

  it('tells its first opening once', async () => {
    const l = scripted();
    let reported = 0;
    l.lane.onFirstOpen(() => reported++);
    await l.open();
    await l.say(rst);
    await l.clock.pass(5000);
    await l.say({ kind: 'open' });
    expect(reported).toBe(1);
    l.lane.onFirstOpen(() => reported++);
    expect(reported).toBe(2);
  });

  it('survives a transport that breaks', async () => {
    const clock = new FakeClock();
    const w = watchedLane({
      method: 'sse',
      url: 'http://x.test/',
      clock,
      connect() {
        throw new Error('a bug');
      },
    });
    w.lane.start();
    await clock.pass(2000);
    expect(w.all('notice')[0]).toMatchObject({ code: 'lane-error', message: 'a bug' });
    expect(w.all('reconnect').length).toBeGreaterThan(1);
    await w.lane.close();
  });
});

describe('on a real wire', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const fn of undo.splice(0).reverse()) await fn();
  });

  async function onServer(settings: object = {}, more: Partial<Parameters<typeof watchedLane>[0]> = {}) {
    const sockets: Socket[] = [];
    const server = createServer((_, res) => {
      sockets.push(res.socket!);
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hi\n\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const w = watchedLane({
      method: 'sse',
      dialect: 'plain',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      settings,
      ...more,
    });
    undo.push(
      () => server.close(),
      () => server.closeAllConnections(),
      () => w.lane.close(),
    );
    w.lane.start();
    await w.until('event');
    return { ...w, sockets };
  }

  it('a watchdog that rings on waking was rung by the sleep', async () => {
    const { lane, until } = await onServer({ deadAfter: 400 });
    lane.sleep(600, 'fire');
    expect(await until('drop')).toMatchObject({ evidence: 'silence', cause: 'client-sleep', by: 'client' });
  });

  it('a watchdog that rings because this process stood still is not put down to the server', async () => {
    const stall = () => ({ from: Date.now() - 20_000, to: Date.now() });
    const { until } = await onServer({ deadAfter: 400 }, { stall });
    expect(await until('drop')).toMatchObject({ evidence: 'silence', cause: 'stood-still', by: 'client' });
  });

  it('a clock that stood still believes in the zombie', async () => {
    const { lane, until, all } = await onServer({ deadAfter: 2000 });
    lane.sleep(2500, 'resume');
    const wake = await until('state', (s) => s.reason === 'wake');
    expect(wake.to).toBe('open');
    expect(all('drop')).toEqual([]);
    const drop = await until('drop');
    expect(drop.at - wake.at).toBeGreaterThan(500);
  });

  it.each(['fin', 'rst'] as const)(
    'a %s that came in the sleep is found on waking, after the bytes before it',
    async (end) => {
      const { lane, until, sockets, all, seen } = await onServer();
      lane.sleep(60_000, 'fire');
      const s = sockets[0]!;
      await new Promise((resolve) => s.write('e\r\ndata: late\n\n\r\n', resolve));
      await settle();
      if (end === 'fin') s.destroySoon();
      else s.resetAndDestroy();
      await once(s, 'close');
      await settle();
      expect(all('drop')).toEqual([]);
      lane.wake();
      const drop = await until('drop');
      expect(drop).toMatchObject({ evidence: end, cause: 'client-sleep', by: 'unknown' });
      const late = seen.find((o) => o.type === 'event' && o.data === 'late');
      expect(late!.n).toBeLessThan(drop.n);
    },
  );
});
