/** Several servers on one Redis, each with connections of its own, as several processes have. */
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventLog, Retention } from '../../../src/engine/log/event-log.ts';
import { openLog } from '../../../src/engine/log/index.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import { DEFAULTS } from '../../../src/shared/defaults.ts';
import { Failure, failureText } from '../../../src/shared/failure.ts';
import type { LogEvent } from '../../../src/shared/protocol/events.ts';
import { seeded } from '../../../src/shared/random.ts';
import { RedisRig, redisMissing } from '../../helpers/redis-rig.ts';
import { until } from '../server/rig.ts';

const missing = redisMissing();
let redis: RedisRig;
let prefixes = 0;
let seed = 0;
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  if (missing === null) redis = await RedisRig.start();
}, 60_000);
afterAll(() => redis?.stop());
beforeEach((ctx) => {
  if (missing !== null) ctx.skip(missing);
});
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

async function open(spec: string, retention: Partial<Retention> = {}): Promise<EventLog> {
  const options = { clock: realClock(), random: seeded(++seed), retention: { ...DEFAULTS.retain, ...retention } };
  const log = await openLog(spec, options);
  undo.push(() => log.close());
  return log;
}

/** Several servers with one prefix, and what each was told of channel `a`. */
async function servers(count: number, retention: Partial<Retention> = {}, rig = redis) {
  const spec = rig.url(`test-${++prefixes}`);
  const logs = await Promise.all(Array.from({ length: count }, () => open(spec, retention)));
  const told = logs.map((log) => {
    const list: (LogEvent | null | 'lost')[] = [];
    log.channel('a').tail((news) => list.push(news));
    return list;
  });
  for (const log of logs) await log.channel('a').refresh(null);
  return { spec, logs, told, prefix: `test-${prefixes}` };
}

const data = (list: readonly (LogEvent | null | 'lost')[]): unknown[] =>
  list.map((news) => (news === null || news === 'lost' ? news : news.data));
const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const thrown = await work.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  );
  if (!(thrown instanceof Failure)) throw thrown;
  return thrown;
};

describe('several servers on one Redis', () => {
  it('number their events together: dense, each once, in one order for all', async () => {
    const { logs, told } = await servers(3);
    const appended = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => logs[i % 3]!.channel('a').append({ type: 'n', data: String(i) })),
    );
    expect(appended.map(({ seq }) => seq).sort((x, y) => x - y)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    for (const list of told) await until(() => list.length === 300, '300 events');
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
    for (const log of logs) expect(log.channel('a').read(0, 1000)).toEqual(told[0]);
  });

  it('one that was asked sees what was acknowledged elsewhere a moment ago', async () => {
    const { logs } = await servers(2);
    for (let i = 1; i <= 50; i++) {
      const event = await logs[0]!.channel('a').append({ type: 'n', data: String(i) });
      await logs[1]!.channel('a').refresh(event.cursor);
      expect(logs[1]!.channel('a').bounds().newest).toBe(i);
    }
  });

  it('one that starts later has all that is kept, with floor and age', async () => {
    const { logs, spec } = await servers(1, { count: 1500 });
    await Promise.all(
      Array.from({ length: 2500 }, async (_, i) => logs[0]!.channel('a').append({ type: 'n', data: `${i}` })),
    );
    const late = await open(spec, { count: 1500 });
    await late.channel('a').refresh(null);
    expect(late.channel('a').bounds()).toEqual(logs[0]!.channel('a').bounds());
    expect(late.channel('a').read(0, 5000)).toEqual(logs[0]!.channel('a').read(0, 5000));
    expect(late.channel('a').size()).toEqual({ count: 1500, bytes: expect.any(Number) as number });
  });

  it('take an idempotency key once, whichever is asked, and at the same time too', async () => {
    const { logs } = await servers(2);
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        logs[i % 2]!.channel('a').appendOnce!({ type: 'n', data: `${i}` }, 'order 7'),
      ),
    );
    expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(results.map(({ event }) => event.cursor)).size).toBe(1);
    await logs[1]!.channel('a').refresh(null);
    expect(logs[1]!.channel('a').bounds().newest).toBe(1);
    await logs[0]!.lose();
    expect((await logs[0]!.channel('a').appendOnce!({ type: 'n', data: 'x' }, 'order 7')).duplicate).toBe(false);
  });

  it('tell each other who is there, and what is called out', async () => {
    const { logs, spec } = await servers(2);
    const [one, two] = logs.map((log) => log.channel('a').backplane!);
    const heard: string[] = [];
    undo.push(
      two!.listen({
        signal: (text) => heard.push(`signal ${text}`),
        joined: (who) => heard.push(`joined ${who}`),
        left: (who) => heard.push(`left ${who}`),
      }),
    );
    one!.join('Ada Lovelace');
    one!.signal('{"typing":true}');
    await until(() => heard.length === 2, 'two messages');
    expect(heard).toEqual(['joined Ada Lovelace', 'signal {"typing":true}']);
    const third = await open(spec);
    await third.channel('a').refresh(null);
    expect([...third.channel('a').backplane!.members()]).toEqual(['Ada Lovelace']);
    third.channel('a').backplane!.join('Ada Lovelace');
    one!.leave('Ada Lovelace');
    await until(() => !third.channel('a').backplane!.has('Ada Lovelace'), 'one of two to leave');
    expect(heard).toHaveLength(2);
    third.channel('a').backplane!.leave('Ada Lovelace');
    await until(() => heard.length === 3, 'the last to leave');
    expect(heard[2]).toBe('left Ada Lovelace');
  });

  it('end and lose a channel together', async () => {
    const { logs, told } = await servers(2);
    await logs[0]!.channel('a').append({ type: 'n', data: 'last' });
    await logs[0]!.channel('a').end();
    await until(() => told[1]!.length === 2, 'the end');
    expect(data(told[1]!)).toEqual(['last', null]);
    expect((await failureOf(Promise.resolve(logs[1]!.channel('a').append({ type: 'n', data: '' })))).code).toBe(
      'channel-ended',
    );
    await logs[1]!.lose();
    await until(() => told[0]!.at(-1) === 'lost', 'the loss');
    expect(logs[0]!.channel('a').bounds()).toEqual({ ...logs[1]!.channel('a').bounds(), newest: 0, ended: false });
  });

  it('FLUSHALL begins another epoch, and is told though nobody publishes', async () => {
    const { logs, told } = await servers(2);
    await logs[0]!.channel('a').append({ type: 'n', data: 'gone' });
    const { epoch } = logs[0]!.channel('a').bounds();
    await redis.command('FLUSHALL');
    for (const list of told) await until(() => list.includes('lost'), 'the loss');
    const after = logs.map((log) => log.channel('a').bounds());
    expect(after[0]).toEqual({ epoch: expect.not.stringMatching(epoch) as string, floor: 0, newest: 0, ended: false });
    expect(after[1]).toEqual(after[0]);
    expect((await logs[1]!.channel('a').append({ type: 'n', data: '' })).cursor).toBe(`${after[0]!.epoch}.1`);
  });

  it('a head that was taken away begins another epoch for its channel; a stream is a gap', async () => {
    const { logs, told, prefix } = await servers(2);
    for (let i = 0; i < 5; i++) await logs[0]!.channel('a').append({ type: 'n', data: `${i}` });
    const before = logs[0]!.channel('a').bounds();
    await redis.command('DEL', `{${prefix}}:log:a`, `{${prefix}}:sizes:a`);
    await logs[0]!.channel('a').append({ type: 'n', data: 'next' });
    const late = await open(redis.url(prefix));
    await late.channel('a').refresh(null);
    expect(late.channel('a').bounds()).toEqual({ ...before, floor: 5, newest: 6 });
    await redis.command('DEL', `{${prefix}}:head:a`);
    const fresh = await logs[1]!.channel('a').append({ type: 'n', data: 'again' });
    expect(fresh.cursor).not.toContain(before.epoch);
    expect(fresh.seq).toBe(1);
    await until(() => told[0]!.includes('lost'), 'the loss');
  });

  it('a Redis that was killed and came back begins another epoch with what it kept', async () => {
    const rig = await RedisRig.start('--appendonly', 'yes', '--appendfsync', 'always');
    undo.push(() => rig.stop());
    const { logs, told } = await servers(2, {}, rig);
    for (let i = 1; i <= 3; i++) await logs[0]!.channel('a').append({ type: 'n', data: `${i}` });
    const { epoch } = logs[0]!.channel('a').bounds();
    await until(() => told[1]!.length === 3, 'three events');
    await rig.kill();
    await until(() => !logs[1]!.health().ok, 'the log to be known as away');
    expect(logs[1]!.health().problem).toMatch(/cannot be reached/);
    // what is known can still be read; what is not known cannot be judged
    await logs[1]!.channel('a').refresh(`${epoch}.3`);
    expect((await failureOf(logs[1]!.channel('a').refresh(`${epoch}.9`)!)).code).toBe('log-unreachable');
    await rig.run();
    await until(() => told[1]!.includes('lost'), 'the new epoch');
    const after = logs[1]!.channel('a').bounds();
    expect(after).toMatchObject({ floor: 0, newest: 3 });
    expect(after.epoch).not.toBe(epoch);
    expect(
      logs[1]!
        .channel('a')
        .read(0, 9)
        .map((e) => e.data),
    ).toEqual(['1', '2', '3']);
    expect((await logs[0]!.channel('a').append({ type: 'n', data: '4' })).cursor).toBe(`${after.epoch}.4`);
  }, 60_000);

  it('a first replica changes nothing; one that is promoted begins another epoch', async () => {
    const [one, two] = [await RedisRig.start(), await RedisRig.start()];
    undo.push(
      () => one.stop(),
      () => two.stop(),
    );
    await one.command('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    const { logs, told } = await servers(1, {}, one);
    await logs[0]!.channel('a').append({ type: 'n', data: '1' });
    const { epoch } = logs[0]!.channel('a').bounds();
    await two.command('REPLICAOF', '127.0.0.1', String(one.port));
    let inStep = false;
    const asking = setInterval(() => {
      void two.command('INFO', 'replication').then((text) => (inStep ||= text.includes('master_link_status:up')));
    }, 50);
    undo.push(() => clearInterval(asking));
    await until(() => inStep, 'the replica');
    expect((await logs[0]!.channel('a').append({ type: 'n', data: '2' })).cursor).toBe(`${epoch}.2`);
    expect(told[0]).not.toContain('lost');
    await logs[0]!.close();
    await two.command('REPLICAOF', 'NO', 'ONE');
    const next = await open(two.url(`test-${prefixes}`));
    await next.channel('a').refresh(null);
    expect(next.channel('a').bounds()).toMatchObject({ newest: 2, epoch: expect.not.stringMatching(epoch) as string });
  }, 60_000);

  it('what was not answered is in doubt without a key, and taken once with one', async () => {
    const rig = await RedisRig.start('--appendonly', 'yes');
    undo.push(() => rig.stop());
    const { logs } = await servers(1, {}, rig);
    await logs[0]!.channel('a').append({ type: 'n', data: '1' });
    rig.signal('SIGSTOP');
    const doubtful = failureOf(Promise.resolve(logs[0]!.channel('a').append({ type: 'n', data: '2' })));
    const keyed = logs[0]!.channel('a').appendOnce!({ type: 'n', data: '3' }, 'k').catch(() => {}); // it may be given up
    const failure = await doubtful;
    expect(failure.code).toBe('log-unknown');
    expect(failureText(failure)).toMatch(/does not answer.*not known.*Idempotency-Key/);
    rig.signal('SIGCONT');
    await keyed;
    const again = await logs[0]!.channel('a').appendOnce!({ type: 'n', data: '3' }, 'k');
    const late = logs[0]!.channel('a');
    await late.refresh(null);
    expect(late.read(0, 9).filter((e) => e.data === '3')).toHaveLength(1);
    expect(late.read(0, 9).find((e) => e.data === '3')!.cursor).toBe(again.event.cursor);
  }, 60_000);

  it('members of a server that died leave', async () => {
    const { logs, prefix } = await servers(1);
    await redis.command('HSET', `{${prefix}}:here:a`, 'dead Bob', '1');
    await redis.command('SADD', `{${prefix}}:in:dead`, 'a');
    await redis.command('ZADD', `{${prefix}}:servers`, '1', 'dead');
    await logs[0]!.channel('b').refresh(null);
    const late = logs[0]!.channel('a').backplane!;
    await until(() => !late.has('Bob'), 'Bob to leave');
    expect(await redis.command('EXISTS', `{${prefix}}:in:dead`)).toMatch(/:[01]/);
    await until(() => logs[0]!.health().servers === 1, 'one server');
  });
});

describe('a Redis that will not do is refused with a sentence and exit 3', () => {
  const refused = async (spec: string, retention: Partial<Retention> = {}): Promise<string> => {
    const failure = await failureOf(open(spec, retention));
    expect(failure).toMatchObject({ place: '--log', exit: 3 });
    return failureText(failure);
  };
  const withServer = async (...args: string[]): Promise<RedisRig> => {
    const rig = await RedisRig.start(...args);
    undo.push(() => rig.stop());
    return rig;
  };
  const answering = async (answer: (text: string) => string | null): Promise<string> => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const said = answer(chunk.toString());
        if (said !== null) socket.write(said);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(() => server.close());
    const address = server.address();
    return `redis://127.0.0.1:${typeof address === 'object' ? address!.port : 0}`;
  };

  it('nothing listens', async () => {
    expect(await refused('redis://127.0.0.1:1')).toMatch(/127\.0\.0\.1:1 cannot be reached: nothing listens there/);
  });

  it('it asks for a password, or refuses ours, which is never repeated', async () => {
    const rig = await withServer('--requirepass', 's3cret');
    expect(await refused(rig.url())).toMatch(/asks for a password\. .*env:NAME/);
    const wrong = await refused(`redis://:wr0ng-pass@127.0.0.1:${rig.port}`);
    expect(wrong).toMatch(/refuses this user or password/);
    expect(wrong).not.toContain('wr0ng-pass');
    const log = await open(`redis://:s3cret@127.0.0.1:${rig.port}/3?prefix=x`);
    expect((await log.channel('a').append({ type: 'n', data: '' })).seq).toBe(1);
    expect(failureText(await failureOf(open(`redis://:s3cret@127.0.0.1:${rig.port}/99`)))).toMatch(
      /no database of that number/,
    );
  });

  it('it is a replica', async () => {
    const rig = await withServer('--replicaof', '127.0.0.1', String(redis.port));
    await until(() => true);
    expect(await refused(rig.url())).toMatch(/is a replica.*Name the master|is not ready yet/);
  });

  it('it is full', async () => {
    const rig = await withServer('--maxmemory', '3mb');
    const log = await open(rig.url());
    const failure = await failureOf(
      (async () => {
        for (let i = 0; i < 100; i++) await log.channel('a').append({ type: 'n', data: 'x'.repeat(100_000) });
      })(),
    );
    expect(failure.code).toBe('log-full');
    expect(failureText(failure)).toMatch(/is full: the event was not taken\. Raise its maxmemory/);
    const { newest } = log.channel('a').bounds();
    await log.channel('a').refresh(null);
    expect(log.channel('a').bounds().newest).toBe(newest);
    await rig.command('CONFIG', 'SET', 'maxmemory', '1mb');
    expect(await refused(rig.url('another'))).toMatch(/is full/);
  });

  it('it throws events away by itself', async () => {
    const rig = await withServer('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    expect(await refused(rig.url())).toMatch(/allkeys-lru.*noeviction/);
  });

  it('it is too old, is no Redis at all, or never answers', async () => {
    const old = await answering((text) => {
      if (!/INFO/i.test(text)) return '+OK\r\n'.repeat(text.match(/\*\d/g)?.length ?? 1);
      return '$23\r\nredis_version:5.0.7\r\n\r\n\r\n';
    });
    expect(await refused(old)).toMatch(/version 5\.0\.7.*6\.0 or newer/);
    const http = await answering(() => 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    expect(await refused(http)).toMatch(/does not speak Redis/);
    const mute = await answering(() => null);
    expect(await refused(mute)).toMatch(/does not answer/);
    const sentinel = await answering(() => "-ERR unknown command 'INFO'\r\n");
    expect(await refused(sentinel)).toMatch(/no Redis that can hold a log/);
  }, 60_000);

  it('the prefix is of another version, or of something else', async () => {
    await redis.command('HSET', '{future}:life', 'format', '2');
    expect(await refused(redis.url('future'))).toMatch(/another version \(format 2\)/);
    await redis.command('SET', '{cache}:life', 'x');
    expect(await refused(redis.url('cache'))).toMatch(/used for something else.*\?prefix=/);
  });

  it('another server of the prefix keeps something else, until that one is gone', async () => {
    const { spec, logs } = await servers(1, { count: 50 });
    expect(await refused(spec, { count: 70 })).toMatch(/keeps 50 events a channel, this one 70.*--retain 50/);
    expect(await refused(spec, { count: 50, ageMs: 1000 })).toMatch(
      /keeps events for 3600000 ms, this one for 1000 ms/,
    );
    await logs[0]!.close();
    const next = await open(spec, { count: 70 });
    expect((await next.channel('a').append({ type: 'n', data: '' })).seq).toBe(1);
  });

  it.each([
    ['redis://', /names no host|not the address/],
    ['redis://127.0.0.1:99999', /not the address of a Redis/],
    ['redis://127.0.0.1/abc', /number of its database/],
    ['redis://127.0.0.1?prefix=a%20b', /A prefix is/],
    ['redis://:pa55@127.0.0.1?tls=yes', /no option "tls"/],
    ['redis:127.0.0.1', /is not a log/],
  ])('%s is bad usage', async (spec, sentence) => {
    const failure = await failureOf(open(spec));
    expect(failure).toMatchObject({ place: '--log', exit: 2, message: expect.stringMatching(sentence) as string });
    expect(failureText(failure)).not.toContain('pa55');
  });
});
