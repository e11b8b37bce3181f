import { afterEach, describe, expect, test } from 'vitest';
import { METHODS, type Method } from '../../src/shared/catalog.ts';
import type { RunConfig } from '../../src/shared/run-config.ts';
import { everyLane, watchedLab, type WatchedLab } from '../helpers/watched-lab.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

const STREAMS: Method[] = ['sse', 'websocket'];
const HELD: Method[] = ['long-polling', ...STREAMS];
let watched: WatchedLab | null = null;

afterEach(async () => {
  await watched?.close();
  watched = null;
});

/** Four lanes on a quiet embedded server; events come when the test says so. */
async function fourLanes(config: Partial<RunConfig> = {}): Promise<WatchedLab> {
  watched = await watchedLab({
    workload: { name: 'none', rate: null, size: null, burst: null },
    timeScale: 5,
    pollMs: 1000,
    seed: 3,
    ...config,
  });
  const { until, lane } = watched;
  await until('four open lanes', () => everyLane((id) => lane(id).state === 'open'));
  return watched;
}

async function publish({ lab }: WatchedLab, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) await lab.publish({ type: 'note', data: `event ${i}` });
}

/** Every lane has every event of the log, and knows it. */
async function allComplete(w: WatchedLab, events: number, within?: number): Promise<void> {
  await w.until(`${events} events on every lane`, () => everyLane((id) => w.summary(id).unique === events), within);
  for (const id of METHODS) {
    expect(w.summary(id), id).toMatchObject({ missed: 0, duplicates: 0 });
    expect(w.noted('gap', id), id).toEqual([]);
  }
}

describe('four lanes on the embedded server', () => {
  for (const timers of ['fire', 'resume'] as const) {
    test(`sleep 8 s and come back from their cursors with nothing missed (timers ${timers})`, async () => {
      const w = await fourLanes();
      await publish(w, 5);
      await allComplete(w, 5);
      const before = w.n();
      await w.lab.sleep({ ms: 8000, timers });
      await w.until('all asleep', () => everyLane((id) => w.lane(id).state === 'asleep'));
      await publish(w, 7);
      expect(w.noted('event', undefined, before), 'nobody reads while asleep').toEqual([]);
      await w.until('all awake', () => everyLane((id) => w.lane(id).state !== 'asleep'));
      await allComplete(w, 12);
      for (const id of METHODS) {
        const [begin, end] = w.noted('sleep', id, before);
        expect([begin?.phase, end?.phase], id).toEqual(['begin', 'end']);
        expect(end!.at - begin!.at, id).toBeGreaterThanOrEqual(7_900);
      }
    });
  }

  test('are reset while asleep, find out on waking, and resume where they were', async () => {
    const w = await fourLanes({ heartbeatMs: null });
    await publish(w, 3);
    await allComplete(w, 3);
    const before = w.n();
    const cursor = w.lane('sse').cursor;
    await w.lab.sleep({ ms: 8000, timers: 'fire' });
    await w.until('all asleep', () => everyLane((id) => w.lane(id).state === 'asleep'));
    await w.lab.setPath({ path: resolveVia(['idle-timeout:after=2s,end=rst']) });
    const fired = (): (string | null)[] =>
      w
        .noted('fault', undefined, before)
        .filter((o) => o.action === 'fire')
        .map((o) => o.lane);
    await w.until('the held ones reset', () => HELD.every((id) => fired().includes(id)));
    await w.lab.setPath({ path: [] });
    await publish(w, 4);
    expect(w.noted('drop', undefined, before), 'nobody notices while asleep').toEqual([]);
    await w.until('all awake', () => everyLane((id) => w.lane(id).state !== 'asleep'));
    await allComplete(w, 7);
    for (const id of HELD) {
      expect(w.noted('drop', id, before), id).toMatchObject([{ evidence: 'rst', cause: 'idle-limit', by: 'path' }]);
      const resume = { sent: cursor, missed: 0, repeated: 0, epochChanged: false, after: 'rst' };
      expect(w.noted('resume', id, before), id).toMatchObject([resume]);
    }
  });

  test('do not notice a short time offline', async () => {
    const w = await fourLanes();
    await publish(w, 3);
    await allComplete(w, 3);
    await w.lab.setOffline({ offline: true });
    await publish(w, 4);
    await w.pass(3000);
    for (const id of METHODS) expect(w.summary(id).unique, id).toBe(3);
    await w.lab.setOffline({ offline: false });
    await allComplete(w, 7, 60_000);
  });

  test('find out about a long one, each by itself, and retry at once when online', async () => {
    const w = await fourLanes({ timeScale: 20, heartbeatMs: 15_000 });
    await publish(w, 3);
    await allComplete(w, 3);
    const before = w.n();
    await w.lab.setOffline({ offline: true });
    await publish(w, 4);
    const waiting = (): boolean => everyLane((id) => w.lane(id).state === 'waiting');
    const refused = (id: Method): boolean => w.noted('reconnect', id, before).length >= 2;
    await w.until('all to have tried in vain', () => everyLane(refused) && waiting(), 60_000);
    for (const id of METHODS) {
      const { cause, evidence } = w.noted('drop', id, before)[0]!;
      // the server may have given the WebSocket up meanwhile, for want of pongs
      expect(['offline', ...(id === 'websocket' ? ['pong-deadline'] : [])], id).toContain(cause);
      expect(['silence', 'no-answer'], id).toContain(evidence);
    }
    const back = w.n();
    await w.lab.setOffline({ offline: false });
    await allComplete(w, 7, 60_000);
    for (const id of METHODS) {
      expect(w.noted('state', id, back)[0], id).toMatchObject({ from: 'waiting', to: 'connecting', reason: 'online' });
    }
  });

  test('are told of a restart: no drops, nothing missed', async () => {
    const w = await fourLanes();
    await publish(w, 3);
    await allComplete(w, 3);
    const before = w.n();
    await w.lab.restartServer();
    await publish(w, 4);
    await allComplete(w, 7);
    // a poll may ask just while nobody listens, and is refused
    expect(w.noted('drop', undefined, before).filter((o) => o.evidence !== 'refused')).toEqual([]);
    for (const id of STREAMS) {
      expect(w.noted('drop', id, before), id).toEqual([]);
      expect(w.noted('resume', id, before), id).toMatchObject([{ missed: 0, epochChanged: false, after: 'announced' }]);
    }
  });

  test('survive a kill: dropped with its cause, nothing missed', async () => {
    const w = await fourLanes();
    await publish(w, 3);
    await allComplete(w, 3);
    const before = w.n();
    await w.lab.killServer({ downMs: 2000 });
    await w.until('the streams dropped', () => STREAMS.every((id) => w.noted('drop', id, before).length > 0));
    for (const id of STREAMS) {
      expect(w.noted('drop', id, before)[0], id).toMatchObject({ cause: 'kill', by: 'server' });
    }
    await w.until('the server up again', () => w.lab.snapshot().server.running);
    await publish(w, 4);
    await allComplete(w, 7, 60_000);
  });

  test('hear that the log was lost: another epoch, and how much is gone cannot be known', async () => {
    const w = await fourLanes();
    await publish(w, 5);
    await allComplete(w, 5);
    const before = w.n();
    const epoch = w.lab.snapshot().server.epoch;
    await w.lab.loseLog();
    await publish(w, 2);
    expect(w.lab.snapshot().server.epoch).not.toBe(epoch);
    await w.until('the new events on every lane', () =>
      everyLane((id) => new Set(w.noted('event', id, before).map((o) => o.cursor)).size === 2),
    );
    for (const id of METHODS) {
      expect(w.noted('gap', id, before)[0], id).toMatchObject({ missed: null, reason: 'epoch' });
      expect(w.summary(id).missed, id).toBeNull();
    }
  });

  test('muted pongs cost the WebSocket lane its connection, and only that one', async () => {
    const w = await fourLanes({ heartbeatMs: 4000, timeScale: 10 });
    const before = w.n();
    await w.lab.setPongs({ on: false });
    await w.until('the WebSocket dropped', () => w.noted('drop', 'websocket', before).length > 0, 60_000);
    expect(w.noted('drop', 'websocket', before)[0]).toMatchObject({ cause: 'pong-deadline', by: 'server' });
    expect(w.noted('drop', undefined, before).filter((o) => o.lane !== 'websocket')).toEqual([]);
    await w.lab.setPongs({ on: true });
    await publish(w, 2);
    await allComplete(w, 2);
  });
});
