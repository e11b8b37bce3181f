/** Servers that would wear a lane down, lead it astray, or have it tell what it should not. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../../src/shared/catalog.ts';
import { DIALECTS } from '../../../src/engine/dialects/index.ts';
import { retryAfterMs } from '../../../src/engine/client/connection/retry-after.ts';
import { SignalQueue } from '../../../src/engine/client/connection/signal-queue.ts';
import { adviceMs } from '../../../src/engine/client/connection/statuses.ts';
import { judgeOf } from '../../../src/engine/client/dialect/judge.ts';
import { readPollAnswer } from '../../../src/engine/transports/polling/answer.ts';
import { endOfClose } from '../../../src/engine/transports/websocket/close-codes.ts';
import { parseEventsV1 } from '../../../src/engine/transports/websocket/message.ts';
import { isHeartlineServer } from '../../../src/cli/watch/probe.ts';
import { probeWay } from '../../helpers/probe-way.ts';
import { dialectV1, HEARTLINE_V1 } from '../../helpers/dialect.ts';
import { watchedLane, type WatchedLane } from '../../helpers/lane.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

type Message = { url: string; headers: http.IncomingHttpHeaders };

async function server(
  answer: (res: http.ServerResponse, nth: number) => void,
): Promise<{ port: number; asked: Message[] }> {
  const asked: Message[] = [];
  const s = http.createServer((req, res) => {
    asked.push({ url: req.url!, headers: req.headers });
    answer(res, asked.length);
  });
  s.listen(0, '127.0.0.1');
  await once(s, 'listening');
  undo.push(() => {
    s.closeAllConnections();
    s.close();
  });
  return { port: (s.address() as AddressInfo).port, asked };
}

function lane(method: Method, port: number, o: Partial<Parameters<typeof watchedLane>[0]> = {}): WatchedLane {
  const scheme = method === 'websocket' ? 'ws' : 'http';
  const url = `${scheme}://127.0.0.1:${port}/events/demo`;
  const w = watchedLane({ method, url, settings: { pollMs: 50, holdMs: 2000 }, ...o });
  undo.push(() => w.lane.close());
  w.lane.start();
  return w;
}

describe('an id', () => {
  const withId = (id: string) =>
    server((res, nth) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      if (nth === 1) res.end(`id: ${id}\ndata: a\n\n`);
      else res.write(': here\n\n');
    });

  it('of any script is sent back as the bytes it came in', async () => {
    const { port, asked } = await withId('日本');
    const w = lane('sse', port, { dialect: 'plain' });
    await w.until('state', (s) => s.to === 'open' && asked.length === 2);
    expect(Buffer.from(asked[1]!.headers['last-event-id'] as string, 'latin1').toString()).toBe('日本');
    expect(w.all('notice').filter((n) => n.level !== 'info')).toEqual([]);
  });

  it('with control characters is not sent, which is said once', async () => {
    const { port, asked } = await server((res, nth) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      if (nth < 3) res.end('id: a\u0001b\ndata: a\n\n');
      else res.write(': here\n\n');
    });
    const w = lane('sse', port, { dialect: 'plain' });
    await w.until('state', (s) => s.to === 'open' && asked.length === 3);
    expect(asked.map((a) => a.headers['last-event-id'])).toEqual([undefined, undefined, undefined]);
    expect(w.all('notice').filter((n) => n.code === 'cursor-unsaid')).toHaveLength(1);
    expect(w.all('request').map((r) => r.cursor)).toEqual([undefined, undefined, undefined]);
  });

  it.each(['short-polling', 'long-polling'] as const)('of any kind does not stop %s', async (method) => {
    const poll = { ...HEARTLINE_V1['poll'], ask: { in: 'header', name: 'X-After' } };
    const dialect = dialectV1({ ...HEARTLINE_V1, dense: false, poll });
    const { port, asked } = await server((res, nth) => {
      const id = ['日本', 'a\u0001b', 'c\ud800'][nth % 3];
      res.end(JSON.stringify({ events: [{ cursor: id, type: 't', data: 'x' }], cursor: id }));
    });
    const w = lane(method, port, { dialect });
    await w.until('event', () => asked.length > 3);
    const sent = asked.map((a) => a.headers['x-after'] as string | undefined);
    expect(sent[0]).toBeUndefined();
    expect(sent[1]).toBeUndefined();
    expect(Buffer.from(sent[2]!, 'latin1').toString()).toBe('c\ufffd');
    expect(w.all('notice').filter((n) => n.code === 'lane-error')).toEqual([]);
  });
});

describe('a number', () => {
  const HOUR = 3_600_000;
  const dialect = DIALECTS['heartline']!;
  const method = dialect.methods['short-polling']!;
  const how = { dialect, method, judge: judgeOf(dialect, method), asks: true };
  const answer = (status: number, body: string) =>
    readPollAnswer(how, { status, headers: {}, body: Buffer.from(body) });
  const gone = (missed: unknown) => answer(410, `{"type":"/gap","resume":"a.9","missed":${missed}}`);
  const news = (after: string) => answer(200, `{"events":[],"pollAfterMs":${after}}`);

  it('that advises to stay away for ages means an hour', () => {
    expect(retryAfterMs('9'.repeat(400), 0)).toBe(HOUR);
    expect(retryAfterMs('Fri, 31 Dec 9999 23:59:59 GMT', 0.25)).toBe(HOUR);
    expect(adviceMs({ 'events-retry-ms': '999999999' }, 0)).toBe(HOUR);
    expect(news('9007199254740991')).toMatchObject({ paceMs: HOUR });
    expect(endOfClose(1012, '{"retryMs":9007199254740991}', true).retryMs).toBe(HOUR);
  });

  it.each(['1e999', '-1', '1.5', '1e308', '"7"', 'null'])('such as %s is no advice and counts nothing', (n) => {
    expect(news(n)).toMatchObject({ paceMs: null });
    expect(gone(n)).toMatchObject({ kind: 'gap', missed: null });
    expect(endOfClose(1012, `{"retryMs":${n}}`, true).retryMs).toBeNull();
    const messages = parseEventsV1(`{"t":"gap","resume":"a.9","missed":${n},"heartbeatMs":1}`);
    expect(messages).toMatchObject({ control: { missed: null } });
  });

  it('of a stream stands in no record unless it can be meant', async () => {
    const { port } = await server((res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`retry: ${'9'.repeat(400)}\n\nevent: gap\nid: abcd.7\ndata: {"missed":-1e999}\n\n`);
      res.end('event: bye\ndata: {"retryMs":1e999}\n\n');
    });
    const w = lane('sse', port);
    expect(await w.until('gap')).toMatchObject({ missed: null });
    expect(await w.until('reconnect')).toMatchObject({ delay: HOUR });
    expect(w.seen.map((o) => JSON.stringify(o)).join('\n')).not.toMatch(/"(until|delay)":null/);
  });
});

describe('a redirect to another origin', () => {
  const headers = { Authorization: 'Bearer a', 'X-Api-Key': 'b', 'X-Mine': 'c', Cookie: 'd=1' };
  const elsewhere = async () => {
    const there = await server((res) => void res.writeHead(403).end());
    const here = await server((res, nth) =>
      res.writeHead(307, { location: nth === 1 ? '/again' : `http://127.0.0.1:${there.port}/x` }).end(),
    );
    return { there, here };
  };
  const personal = ({ headers: h }: Message) => [h.authorization, h['x-api-key'], h['x-mine'], h.cookie];

  it.each(METHODS)('takes nothing along that a person gave: %s', async (method) => {
    const { here, there } = await elsewhere();
    const w = lane(method, here.port, { headers });
    await w.until('state', (s) => s.to === 'failed');
    expect(here.asked.map(personal)).toEqual(Array(2).fill(['Bearer a', 'b', 'c', 'd=1']));
    expect(there.asked.map(personal)).toEqual([[undefined, undefined, undefined, undefined]]);
    expect(there.asked[0]!.headers.host).toBe(`127.0.0.1:${there.port}`);
  });

  it('nor does the first look at an endpoint', async () => {
    const { here, there } = await elsewhere();
    await isHeartlineServer(`http://127.0.0.1:${here.port}/x`, probeWay(headers));
    expect(here.asked.map(personal)).toEqual(Array(2).fill(['Bearer a', 'b', 'c', 'd=1']));
    expect(there.asked.map(personal)).toEqual([[undefined, undefined, undefined, undefined]]);
  });
});

describe('an answer', () => {
  it('of more events than can be meant is refused, with a notice', async () => {
    const { port } = await server((res) => res.end(`{"events":[${'1,'.repeat(10_000)}1],"cursor":"a.1"}`));
    const w = lane('short-polling', port);
    expect(await w.until('drop')).toMatchObject({ evidence: 'protocol' });
    expect(w.all('notice')).toMatchObject([{ code: 'too-many-events', level: 'error' }]);
    expect(w.all('event')).toEqual([]);
  });

  it('of many signals lets the event loop turn in between', async () => {
    const outbox = new SignalQueue(() => {});
    for (let i = 0; i < 2000; i++) outbox.push({ kind: 'steady' });
    let turns = 0;
    let over = false;
    const turn = (): void => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    let taken = 0;
    for await (const _ of outbox) if (++taken === 2000) break;
    over = true;
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('nested deeper than can be meant is refused, and said to be', async () => {
    const { port } = await server((res) => res.end(`{"events":[],"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`));
    const w = lane('short-polling', port);
    expect(await w.until('drop')).toMatchObject({ evidence: 'protocol' });
    expect(w.all('notice')[0]).toMatchObject({ code: 'not-json', message: expect.stringContaining('nested deeper') });
  });
});

describe('a flood', () => {
  it('of SSE events is read as fast as it is taken, to its last', async () => {
    const COUNT = 6000;
    const text = Array.from({ length: COUNT }, (_, i) => `data:${i}\n\n`).join('');
    const { port } = await server((res, nth) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      if (nth === 1) res.write(text);
    });
    const w = lane('sse', port, { dialect: 'plain' });
    await w.until('event', (e) => e.data === String(COUNT - 1), 20_000);
    expect(w.data()).toEqual(Array.from({ length: COUNT }, (_, i) => String(i)));
    expect(w.all('drop')).toEqual([]);
  });
});

it.each([
  ['gap after gap', (n: number) => [410, { type: '/problems/gap', resume: `abcd.${n * 10}` }] as const],
  ['the same answer', () => [200, { events: [{ cursor: 'abcd.1', type: 't', data: 'x' }], cursor: 'abcd.1' }] as const],
  ['a cursor that moves alone', (n: number) => [200, { events: [], cursor: `abcd.${n}`, more: true }] as const],
])('a long poll does not spin on %s', async (_, answer) => {
  const { port, asked } = await server((res, nth) => {
    const [status, body] = answer(nth);
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const w = lane('long-polling', port);
  await w.until('reconnect', (r) => r.attempt === 4);
  expect(asked.length).toBeLessThanOrEqual(8);
});
