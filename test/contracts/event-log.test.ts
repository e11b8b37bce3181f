import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventLog, Retention } from '../../src/engine/log/event-log.ts';
import { memoryLog, redisLog, sqliteLog, type LogOptions } from '../../src/engine/log/index.ts';
import { parseCursor } from '../../src/shared/protocol/cursor.ts';
import { RESERVED_TYPES } from '../../src/shared/catalog.ts';
import { seeded } from '../../src/shared/random.ts';
import { realClock } from '../../src/engine/time/clock.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { RedisRig, redisMissing } from '../helpers/redis-rig.ts';
import { FakeClock } from '../helpers/fake-clock.ts';

const PLENTY: Retention = { count: 1000, ageMs: 3_600_000, bytes: 1024 * 1024 };

const folder = mkdtempSync(join(tmpdir(), 'heartline-log-'));
let files = 0;
let redis: RedisRig | null = null;
const KINDS: Record<string, (options: LogOptions) => EventLog | Promise<EventLog>> = {
  memory: memoryLog,
  sqlite: (options) => sqliteLog(join(folder, `${++files}.db`), options),
  redis: (options) =>
    redisLog(redis!.url(`log-${++files}`), { ...options, clock: timersOf(realClock(), options.clock) }),
};

beforeAll(async () => {
  if (redisMissing() === null) redis = await RedisRig.start();
}, 60_000);
afterAll(() => redis?.stop());

/** A connection to another program waits in real time, whatever time the events have. */
const timersOf = (real: Clock, time: Clock): Clock => ({
  scale: 1,
  now: () => time.now(),
  unixTime: () => time.unixTime(),
  after: (ms, fn) => real.after(ms, fn),
  sleep: (ms, signal) => real.sleep(ms, signal),
});

describe.each(Object.entries(KINDS))('event log: %s', (kind, open) => {
  const logs: EventLog[] = [];
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
  });

  const make = async (retention: Partial<Retention> = {}, clock = new FakeClock()) => {
    const log = await open({ clock, random: seeded(7), retention: { ...PLENTY, ...retention } });
    logs.push(log);
    return log;
  };
  const fill = async (log: EventLog, count: number, data = 'x') => {
    for (let i = 1; i <= count; i++) await log.channel('a').append({ type: 'n', data: `${data}${i}` });
  };
  beforeEach((ctx) => {
    if (kind === 'redis' && redis === null) ctx.skip(redisMissing()!);
  });

  it('numbers events densely from 1, per channel, with a time and a cursor', async () => {
    const clock = new FakeClock(1_700_000_000_000);
    const log = await make({}, clock);
    const first = await log.channel('a').append({ type: 'greeting', data: 'hello' });
    const { epoch } = log.channel('a').bounds();
    expect(epoch).toMatch(/^[0-9a-z]{4,16}$/);
    expect(first).toEqual({
      cursor: `${epoch}.1`,
      seq: 1,
      type: 'greeting',
      time: 1_700_000_000_000,
      data: 'hello',
    });
    expect(parseCursor(first.cursor)).toEqual({ epoch, seq: 1 });
    expect((await log.channel('a').append({ type: 'greeting', data: '' })).seq).toBe(2);
    expect((await log.channel('b').append({ type: 'greeting', data: '' })).seq).toBe(1);
    expect(log.channels().sort()).toEqual(['a', 'b']);
  });

  it('gives an event the time of the wall clock, and a step of that makes nothing older', async () => {
    const clock = new FakeClock(1_700_000_000_000);
    const log = await make({ ageMs: 60_000 }, clock);
    await fill(log, 1);
    clock.wallLead = 3_600_000;
    await fill(log, 1);
    clock.wallLead = -3_600_000;
    await fill(log, 1);
    const times = (): number[] =>
      log
        .channel('a')
        .read(0, 10)
        .map(({ time }) => time - 1_700_000_000_000);
    expect(times()).toEqual([0, 3_600_000, -3_600_000]);
    await clock.pass(59_999);
    expect(times()).toHaveLength(3);
    await clock.pass(2);
    expect(times()).toEqual([]);
  });

  it('reads what follows a position, oldest first, no more than asked for', async () => {
    const log = await make();
    await fill(log, 10);
    expect(
      log
        .channel('a')
        .read(3, 4)
        .map((e) => e.seq),
    ).toEqual([4, 5, 6, 7]);
    expect(log.channel('a').read(0, 100)).toHaveLength(10);
    expect(log.channel('a').read(10, 100)).toEqual([]);
    expect(log.channel('a').read(99, 100)).toEqual([]);
    expect(log.channel('a').read(0, 0)).toEqual([]);
  });

  it('forgets a channel only where nothing happened and nobody listens', async () => {
    const log = await make();
    await fill(log, 1);
    await log.channel('ended').end();
    const stop = log.channel('tailed').tail(() => {});
    log.channel('asked').bounds();
    for (const name of ['a', 'ended', 'tailed', 'asked', 'never']) log.forget(name);
    expect(log.channels().sort()).toEqual(['a', 'ended', 'tailed']);
    stop();
    log.forget('tailed');
    expect(log.channels().sort()).toEqual(['a', 'ended']);
  });

  it('keeps so many events; the floor is the position before the oldest kept', async () => {
    const log = await make({ count: 3 });
    await fill(log, 200);
    expect(log.channel('a').bounds()).toMatchObject({ floor: 197, newest: 200, ended: false });
    expect(
      log
        .channel('a')
        .read(0, 100)
        .map((e) => e.seq),
    ).toEqual([198, 199, 200]);
    expect(log.channel('a').size().count).toBe(3);
  });

  it('keeps so many bytes, but always the newest', async () => {
    const log = await make({ bytes: 100 });
    for (let i = 0; i < 10; i++) await log.channel('a').append({ type: 't', data: 'é'.repeat(20) });
    expect(log.channel('a').size()).toEqual({ count: 2, bytes: 82 });
    await log.channel('a').append({ type: 't', data: 'x'.repeat(500) });
    expect(log.channel('a').bounds()).toMatchObject({ floor: 10, newest: 11 });
  });

  it('keeps events for so long; epoch and head outlive them', async () => {
    const clock = new FakeClock();
    const log = await make({ ageMs: 1000 }, clock);
    await fill(log, 2);
    const { epoch } = log.channel('a').bounds();
    await clock.pass(600);
    await fill(log, 1);
    await clock.pass(600);
    expect(log.channel('a').bounds()).toEqual({ epoch, floor: 2, newest: 3, ended: false });
    await clock.pass(600);
    expect(log.channel('a').bounds()).toEqual({ epoch, floor: 3, newest: 3, ended: false });
    expect(log.channel('a').read(0, 10)).toEqual([]);
    expect((await log.channel('a').append({ type: 't', data: '' })).seq).toBe(4);
  });

  it('takes another retention while it lives', async () => {
    const log = await make();
    await fill(log, 10);
    await log.setRetention({ ...PLENTY, count: 2 });
    expect(log.channel('a').bounds().floor).toBe(8);
  });

  it('tells who listens of each event, of the end, and of a loss', async () => {
    const log = await make();
    const received: unknown[] = [];
    const stop = log.channel('a').tail((news) => received.push(news === null || news === 'lost' ? news : news.data));
    await fill(log, 2);
    await log.channel('a').end();
    await log.lose();
    stop();
    await fill(log, 1);
    expect(received).toEqual(['x1', 'x2', null, 'lost']);
  });

  it('takes nothing after the end, and says so', async () => {
    const log = await make();
    await fill(log, 1);
    await log.channel('a').end();
    await log.channel('a').end();
    expect(log.channel('a').bounds().ended).toBe(true);
    await expect(fill(log, 1)).rejects.toThrow(expect.objectContaining({ code: 'channel-ended' }));
    expect(log.channel('a').read(0, 10)).toHaveLength(1);
  });

  it('begins another life when it is lost: new epoch, seq from 1, open again', async () => {
    const log = await make();
    await fill(log, 5);
    await log.channel('b').end();
    const before = log.channel('a').bounds().epoch;
    await log.lose();
    const after = log.channel('a').bounds();
    expect(after).toEqual({ epoch: expect.not.stringMatching(before) as string, floor: 0, newest: 0, ended: false });
    expect(log.channel('b').bounds()).toMatchObject({ epoch: after.epoch, ended: false });
    expect((await log.channel('a').append({ type: 't', data: '' })).cursor).toBe(`${after.epoch}.1`);
  });

  it('turns CR and CRLF into LF, and keeps every other character', async () => {
    const log = await make();
    const odd = 'a\rb\r\nc\nd\0e\u{1F600}\u2028';
    await log.channel('a').append({ type: 'é t', data: odd });
    expect(log.channel('a').read(0, 1)[0]).toMatchObject({ type: 'é t', data: 'a\nb\nc\nd\0e\u{1F600}\u2028' });
  });

  it.each([...RESERVED_TYPES, 'two\nlines', 'carriage\rreturn', 'nul\0', 'x'.repeat(1000), '\ud800'])(
    'refuses the type %j',
    async (type) => {
      const log = await make();
      const append = async () => log.channel('a').append({ type, data: '' });
      await expect(append()).rejects.toThrow(expect.objectContaining({ code: 'bad-type' }));
      expect(log.channel('a').bounds().newest).toBe(0);
    },
  );

  it('refuses half a surrogate pair in the data', async () => {
    const log = await make();
    const append = async () => log.channel('a').append({ type: 't', data: 'x\udc00' });
    await expect(append()).rejects.toThrow(expect.objectContaining({ code: 'bad-data' }));
  });

  it('counts a type left empty as message', async () => {
    const log = await make();
    expect((await log.channel('a').append({ type: '', data: '' })).type).toBe('message');
  });
});

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
