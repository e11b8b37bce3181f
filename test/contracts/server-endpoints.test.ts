/** What goes over the wire, door by door: the promises other people's clients rely on. */
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.ts';
import { httpRequest, RawClient, startServer, until, WsClient, type Rig } from '../engine/server/rig.ts';

const EVERY = ['events-cursor', 'events-floor', 'events-newest', 'vary'];

describe('short polling', () => {
  it('starts at the earliest and answers with events, cursor and bounds', async () => {
    const rig = await startServer();
    rig.fill(2);
    const got = await httpRequest(`${rig.url}/events/a`);
    expect(got.status).toBe(200);
    expect(got.json).toEqual({
      events: [
        { cursor: rig.cursor(1), type: 'n', time: expect.any(Number), data: '1' },
        { cursor: rig.cursor(2), type: 'n', time: expect.any(Number), data: '2' },
      ],
      cursor: rig.cursor(2),
      floor: rig.cursor(0),
      newest: rig.cursor(2),
      more: false,
      ended: false,
      pollAfterMs: null,
    });
    expect(got.headers).toMatchObject({
      etag: `W/"${rig.cursor(2)}"`,
      'cache-control': 'no-cache',
      vary: 'Accept, Prefer',
      'events-cursor': rig.cursor(2),
      'events-floor': rig.cursor(0),
      'events-newest': rig.cursor(2),
      'content-type': 'application/json',
    });
  });

  it('says more when cut by limit, and goes on from its cursor', async () => {
    const rig = await startServer();
    rig.fill(5);
    const first = await httpRequest(`${rig.url}/events/a?limit=2`);
    expect(first.json).toMatchObject({ more: true, cursor: rig.cursor(2) });
    const rest = await httpRequest(`${rig.url}/events/a?after=${first.json.cursor}`);
    expect(rest.json.events.map((e: any) => e.data)).toEqual(['3', '4', '5']);
    expect(rest.json.more).toBe(false);
  });

  it.each(['W/"C"', '"C"', 'W/"C-gzip"', '"C-gzip"', '"other", W/"C"', '*'])(
    'answers 304 to If-None-Match: %s when nothing is new',
    async (tag) => {
      const rig = await startServer();
      rig.fill(3);
      const headers = { 'If-None-Match': tag.replace('C', rig.cursor(3)) };
      const same = await httpRequest(`${rig.url}/events/a?after=${rig.cursor(3)}`, headers);
      expect(same.status).toBe(304);
      expect(same.text).toBe('');
      expect(same.headers.etag).toBe(`W/"${rig.cursor(3)}"`);
      expect(same.headers['cache-control']).toBe('no-cache');
      for (const name of EVERY) expect(same.headers[name]).toBeDefined();
      if (tag === '*') return;
      rig.fill(1);
      const changed = await httpRequest(`${rig.url}/events/a?after=${rig.cursor(3)}`, headers);
      expect(changed.json.events).toHaveLength(1);
    },
  );

  it('answers an empty 200 when nothing is new and no tag is sent', async () => {
    const rig = await startServer();
    rig.fill(1);
    const got = await httpRequest(`${rig.url}/events/a?after=now`);
    expect(got.json).toMatchObject({ events: [], cursor: rig.cursor(1) });
  });

  it('advises a rest after a terminal state, until something else follows', async () => {
    const rig = await startServer();
    void rig.server.publish('a', { type: 'payment', data: 'succeeded', terminal: true });
    expect((await httpRequest(`${rig.url}/events/a`)).json.pollAfterMs).toBe(10_000);
    rig.fill(1);
    expect((await httpRequest(`${rig.url}/events/a`)).json.pollAfterMs).toBeNull();
  });
});

describe('long polling', () => {
  it.each([
    ['?after=now&wait=5', {}],
    ['?after=now', { Prefer: 'wait=5' }],
    ['?after=now', { Prefer: 'respond-async, wait="5"' }],
  ])('holds %s %j until something happens', async (query, headers) => {
    const rig = await startServer();
    rig.fill(1);
    const answer = httpRequest(`${rig.url}/events/a${query}`, headers);
    await until(() => rig.server.counters('a').held === 1, 'the poll to be held');
    rig.fill(2);
    const got = await answer;
    expect(got.json).toMatchObject({ cursor: rig.cursor(3), more: false });
    expect(got.json.events.map((e: any) => e.data)).toEqual(['2', '3']);
    expect(got.headers['cache-control']).toBe('no-store');
    expect(got.headers['preference-applied']).toBe('Prefer' in headers ? 'wait=5' : undefined);
    expect(rig.server.counters('a').held).toBe(0);
  });

  it('answers at once when something is there already', async () => {
    const rig = await startServer();
    rig.fill(3);
    const got = await httpRequest(`${rig.url}/events/a?after=${rig.cursor(1)}&wait=25`);
    expect(got.json.events).toHaveLength(2);
  });

  it.each([
    ['?after=now&wait=0', {}],
    ['?after=now', { Prefer: 'wait=0' }],
  ])('answers %s %j at once, held by nobody', async (query, headers) => {
    const rig = await startServer({ clock: new FakeClock() }); // on which no hold would ever end
    rig.fill(1);
    const got = await httpRequest(`${rig.url}/events/a${query}`, headers);
    expect(got.status).toBe(204);
    for (const name of EVERY) expect(got.headers[name]).toBeDefined();
  });

  it('answers 204 after the hold, keeps the connection, and tells where it stands', async () => {
    const rig = await startServer();
    rig.fill(1);
    const got = await httpRequest(`${rig.url}/events/a?after=now&wait=0.2`, { Connection: 'keep-alive' });
    expect(got.status).toBe(204);
    expect(got.headers).toMatchObject({ 'cache-control': 'no-store', connection: 'keep-alive' });
    for (const name of EVERY) expect(got.headers[name]).toBeDefined();
  });

  it('gives a waiting client a burst that is longer than the log keeps', async () => {
    const rig = await startServer({ retention: { count: 2 } });
    const answer = httpRequest(`${rig.url}/events/a?after=now&wait=5`);
    await until(() => rig.server.counters('a').held === 1);
    rig.fill(6);
    expect((await answer).json.events.map((e: any) => e.data)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('forgets a client that goes away', async () => {
    const rig = await startServer();
    const raw = RawClient.get(rig.port, '/events/a?after=now&wait=25');
    await until(() => rig.server.counters('a').held === 1);
    raw.socket.destroy();
    await until(() => rig.server.counters('a').held === 0);
  });

  it('takes a shorter hold from the heartbeat switch while a poll is held', async () => {
    const rig = await startServer();
    const answer = httpRequest(`${rig.url}/events/a?after=now&wait=25`);
    await until(() => rig.server.counters('a').held === 1);
    rig.server.set({ heartbeatMs: 200, holdCapMs: 200 });
    expect((await answer).status).toBe(204);
  });

  it.each(['wait=soon', 'wait=-1', 'wait=1e9'])('refuses %s', async (query) => {
    const rig = await startServer();
    expect(await httpRequest(`${rig.url}/events/a?${query}`)).toMatchObject({ status: 400, json: { place: 'wait' } });
  });
});

describe('SSE', () => {
  it('greets without an id, starts at now, and gives each event id, type, time and data', async () => {
    const rig = await startServer();
    rig.fill(2);
    const sse = RawClient.sse(rig.port);
    await until(() => sse.control('hello').length > 0, 'hello');
    expect(sse.head).toMatch(/^HTTP\/1.1 200 OK/);
    expect(sse.head).toMatch(/^content-type: text\/event-stream\r$/im);
    expect(sse.head).toMatch(/^cache-control: no-store\r$/im);
    expect(sse.blocks[0]).toEqual({ retry: '2000' });
    expect(sse.control('hello')).toEqual([
      {
        data: {
          v: 1,
          epoch: rig.cursor(0).split('.')[0],
          floor: rig.cursor(0),
          newest: rig.cursor(2),
          resumed: false,
          heartbeatMs: 15_000,
        },
      },
    ]);
    void rig.server.publish('a', { type: 'grüße', data: 'one\r\ntwo\rthree\n' });
    await until(() => sse.events.length > 0, 'the event');
    expect(sse.events).toEqual([
      { id: rig.cursor(3), event: 'grüße', time: expect.stringMatching(/^\d{13}$/), data: 'one\ntwo\nthree\n' },
    ]);
  });

  it('resumes after Last-Event-ID, which wins over the query', async () => {
    const rig = await startServer();
    rig.fill(5);
    const sse = RawClient.sse(rig.port, `/events/a?after=${rig.cursor(1)}`, { 'Last-Event-ID': rig.cursor(3) });
    await until(() => sse.events.length === 2);
    expect(sse.control('hello')[0]!.data.resumed).toBe(true);
    expect(sse.events.map((e) => e.data)).toEqual(['4', '5']);
    const query = RawClient.sse(rig.port, '/events/a?after=earliest');
    await until(() => query.events.length === 5);
  });

  it('speaks HTTP/1.0 without chunks', async () => {
    const rig = await startServer();
    rig.fill(1);
    const sse = RawClient.get(rig.port, '/events/a?after=earliest', { Accept: 'text/event-stream' }, '1.0');
    await until(() => sse.events.length === 1);
    expect(sse.head).not.toMatch(/transfer-encoding/i);
    rig.fill(1);
    await until(() => sse.events.length === 2);
  });

  it('beats with the newest cursor, and announces another period when it changes', async () => {
    const rig = await startServer({ settings: { heartbeatMs: 50 } });
    rig.fill(1);
    const sse = RawClient.sse(rig.port);
    await until(() => sse.blocks.filter((b) => b.comment === `hb ${rig.cursor(1)}`).length >= 2, 'two beats');
    rig.server.set({ heartbeatMs: null });
    await until(() => sse.control('hello').length === 2);
    expect(sse.control('hello')[1]!.data.heartbeatMs).toBeNull();
    expect(sse.control('hello')[1]!.id).toBeUndefined();
    rig.server.set({ heartbeatMs: 30 });
    const heartbeats = sse.blocks.filter((b) => b.comment).length;
    await until(() => sse.blocks.filter((b) => b.comment).length > heartbeats + 1, 'beats again');
  });

  it('ends with the channel: the events, `end`, then 204 on reconnect', async () => {
    const rig = await startServer();
    const sse = RawClient.sse(rig.port);
    await until(() => sse.control('hello').length > 0);
    rig.fill(1);
    void rig.server.end('a');
    await until(() => sse.body.done, 'the end of the body');
    expect(sse.events).toHaveLength(1);
    expect(sse.control('end')).toEqual([{ id: rig.cursor(1), data: { cursor: rig.cursor(1) } }]);
    await until(() => sse.ended === 'fin', 'FIN');
    const again = await httpRequest(`${rig.url}/events/a`, {
      Accept: 'text/event-stream',
      'Last-Event-ID': rig.cursor(1),
    });
    expect(again.status).toBe(204);
    const late = RawClient.sse(rig.port, '/events/a?after=earliest');
    await until(() => late.body.done);
    expect(late.events).toHaveLength(1);
  });

  it('is not taken for asked for by a wildcard, nor by q=0', async () => {
    const rig = await startServer();
    for (const accept of ['*/*', 'text/event-stream;q=0, application/json', 'text/*']) {
      expect((await httpRequest(`${rig.url}/events/a`, { Accept: accept })).headers['content-type']).toBe(
        'application/json',
      );
    }
  });
});

describe('WebSocket', () => {
  it('implies the subscription on /events/{channel}, from now', async () => {
    const rig = await startServer();
    rig.fill(2);
    const ws = new WsClient(`${rig.url}/events/a`);
    await until(() => ws.of('ok').length > 0, 'ok');
    expect(ws.ws.protocol).toBe('events.v1');
    expect(ws.of('ok')[0]).toMatchObject({
      ch: 'a',
      cursor: rig.cursor(2),
      newest: rig.cursor(2),
      floor: rig.cursor(0),
      resumed: false,
      heartbeatMs: 15_000,
    });
    rig.fill(1);
    await until(() => ws.of('ev').length > 0, 'the event');
    expect(ws.of('ev')).toEqual([
      { t: 'ev', ch: 'a', cursor: rig.cursor(3), type: 'n', time: expect.any(Number), data: '3' },
    ]);
  });

  it('resumes from ?after=', async () => {
    const rig = await startServer();
    rig.fill(4);
    const ws = new WsClient(`${rig.url}/events/a?after=${rig.cursor(2)}`);
    await until(() => ws.of('ev').length === 2);
    expect(ws.of('ok')[0].resumed).toBe(true);
  });

  it('follows several channels on /ws, and lets go of one', async () => {
    const rig = await startServer();
    const ws = new WsClient(`${rig.url}/ws`);
    await ws.say({ t: 'sub', ref: 1, ch: 'a', after: 'earliest' });
    await ws.say({ t: 'sub', ref: 'two', ch: 'b' });
    await until(() => ws.of('ok').length === 2);
    expect(ws.of('ok').map((m) => [m.ref, m.ch])).toEqual([
      [1, 'a'],
      ['two', 'b'],
    ]);
    rig.fill(1, 'a');
    rig.fill(1, 'b');
    await until(() => ws.of('ev').length === 2);
    await ws.say({ t: 'unsub', ch: 'a' });
    await until(() => ws.of('ok').length === 3);
    rig.fill(1, 'a');
    rig.fill(1, 'b');
    await until(() => ws.of('ev').length === 3);
    expect(ws.of('ev').map((m) => m.ch)).toEqual(['a', 'b', 'b']);
  });

  it('beats by message and by ping, and puts the period in the beat when it changes', async () => {
    const rig = await startServer({ settings: { heartbeatMs: 60 } });
    rig.fill(1);
    const ws = new WsClient(`${rig.url}/events/a`);
    await until(() => ws.of('hb').length >= 2 && ws.pings >= 2, 'two beats');
    expect(ws.of('hb')[0]).toEqual({ t: 'hb', newest: { a: rig.cursor(1) }, heartbeatMs: 60 });
    rig.server.set({ heartbeatMs: null });
    await until(() => ws.of('hb').at(-1).heartbeatMs === null);
  });

  it('publishes with an ack, and knows what it has already taken', async () => {
    const rig = await startServer();
    const ws = new WsClient(`${rig.url}/events/a`);
    const other = new WsClient(`${rig.url}/events/a`);
    await ws.say({ t: 'pub', ref: 7, ch: 'a', type: 'note', data: 'hi' });
    await ws.say({ t: 'pub', ref: 7, ch: 'a', type: 'note', data: 'hi' });
    await until(() => ws.of('ack').length === 2);
    expect(ws.of('ack')).toEqual([
      { t: 'ack', ref: 7, cursor: rig.cursor(1), duplicate: false },
      { t: 'ack', ref: 7, cursor: rig.cursor(1), duplicate: true },
    ]);
    await other.say({ t: 'pub', ref: 7, ch: 'a', type: 'note', data: 'from someone else' });
    await until(() => other.of('ack').length === 1);
    expect(other.of('ack')[0]).toMatchObject({ cursor: rig.cursor(2), duplicate: false });
    await ws.say({ t: 'pub', ref: 8, ch: 'a', type: 'note', data: 'keyed', key: 'k' });
    await other.say({ t: 'pub', ref: 9, ch: 'a', type: 'note', data: 'keyed', key: 'k' });
    await until(() => other.of('ack').length === 2 && ws.of('ack').length === 3);
    expect([ws.of('ack')[2].duplicate, other.of('ack')[1].duplicate].sort()).toEqual([false, true]);
  });

  it('carries signals to the others and logs none of them', async () => {
    const rig = await startServer();
    const received: unknown[] = [];
    rig.server.onSignal((data) => received.push(data));
    const [a, b] = [new WsClient(`${rig.url}/events/a`), new WsClient(`${rig.url}/events/a`)];
    await until(() => a.of('ok').length === 1 && b.of('ok').length === 1);
    await a.say({ t: 'sig', ch: 'a', data: { typing: true } });
    await until(() => b.of('sig').length === 1);
    expect(b.of('sig')[0]).toEqual({ t: 'sig', ch: 'a', data: { typing: true } });
    rig.server.signal('a', 'from the server');
    await until(() => b.of('sig').length === 2 && a.of('sig').length === 1);
    expect(received).toEqual([{ typing: true }]);
    expect(rig.log.channel('a').bounds().newest).toBe(0);
  });

  it('knows who is there', async () => {
    const rig = await startServer();
    const [a, b] = [new WsClient(`${rig.url}/events/a`), new WsClient(`${rig.url}/events/a`)];
    await until(() => a.of('ok').length === 1 && b.of('ok').length === 1);
    await a.say({ t: 'presence', ch: 'a', join: 'ada' });
    await until(() => b.of('presence').length === 1);
    expect(b.of('presence')[0]).toEqual({ t: 'presence', ch: 'a', join: 'ada' });
    await b.say({ t: 'presence', ref: 1, ch: 'a', here: true });
    await until(() => b.of('presence').length === 2);
    expect(b.of('presence')[1].here).toEqual(['ada']);
    a.ws.terminate();
    await until(() => b.of('presence').length === 3);
    expect(b.of('presence')[2]).toEqual({ t: 'presence', ch: 'a', leave: 'ada' });
  });

  it('ends with the channel: the events, then 1000', async () => {
    const rig = await startServer();
    const ws = new WsClient(`${rig.url}/events/a`);
    await until(() => ws.of('ok').length === 1);
    rig.fill(1);
    void rig.server.end('a');
    expect((await until(() => ws.closed)).code).toBe(1000);
    expect(ws.of('ev')).toHaveLength(1);
  });

  it('takes no subprotocol as events.v1, and refuses only unknown ones', async () => {
    const rig = await startServer();
    const none = new WsClient(`${rig.url}/events/a`, { protocols: [] });
    await until(() => none.of('ok').length === 1);
    const several = new WsClient(`${rig.url}/events/a`, { protocols: ['mqtt', 'events.v1'] });
    await until(() => several.ws.protocol === 'events.v1');
    const unknown = new WsClient(`${rig.url}/events/a`, { protocols: ['mqtt', 'graphql-ws'] });
    const { status, body } = await until(() => unknown.refused);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'bad-subprotocol', hint: expect.stringContaining('events.v1') });
  });

  it('closes 4408 when no subscription comes', async () => {
    const { FakeClock } = await import('../helpers/fake-clock.ts');
    const clock = new FakeClock();
    const rig = await startServer({ clock });
    const ws = new WsClient(`${rig.url}/ws`);
    await until(() => rig.server.counters().sockets === 1);
    await clock.pass(9000);
    expect(ws.closed).toBeNull();
    await clock.pass(2000);
    expect((await until(() => ws.closed)).code).toBe(4408);
  });

  it.each([
    ['not JSON', 'hello', 4400],
    ['an array', '[1]', 4400],
    ['an unknown word', '{"t":"dance","ch":"a"}', null],
    ['a subscription without a channel on /ws', '{"t":"sub"}', null],
    ['a reserved type', '{"t":"pub","ch":"a","type":"hello","data":"x"}', null],
    ['data that is no string', '{"t":"pub","ch":"a","data":{}}', null],
    ['half a surrogate pair', '{"t":"pub","ch":"a","data":"\\ud800"}', null],
    ['a channel with a slash', '{"t":"sub","ch":"a/b"}', null],
    ['a malformed cursor', '{"t":"sub","ch":"a","after":"x"}', null],
  ])('answers %s with an error, and closes only what cannot be read', async (_what, text, code) => {
    const rig = await startServer();
    const ws = new WsClient(`${rig.url}/ws`);
    await ws.say(text);
    await until(() => ws.of('err').length === 1);
    expect(ws.of('err')[0]).toMatchObject({ status: 400, message: expect.any(String) });
    if (code !== null) return expect((await until(() => ws.closed)).code).toBe(code);
    await ws.say({ t: 'sub', ref: 2, ch: 'a' });
    await until(() => ws.of('ok').length === 1, 'the connection to be of use still');
  });
});

describe('a cursor, through every door', () => {
  const verdicts: [string, (rig: Rig) => string, object][] = [
    ['trimmed', (rig) => rig.cursor(2), { reason: 'trimmed', missed: 5 }],
    ['of another life', () => 'zzzzzz.3', { reason: 'epoch', missed: null }],
    ['from the future', (rig) => rig.cursor(99), { reason: 'future', missed: null }],
  ];
  const gapOf = (rig: Rig, requested: string, expected: object) => ({
    requested,
    epoch: rig.cursor(0).split('.')[0],
    floor: rig.cursor(7),
    resume: rig.cursor(7),
    newest: rig.cursor(10),
    ...expected,
  });
  const prepare = async () => {
    const rig = await startServer({ retention: { count: 3 } });
    rig.fill(10);
    return rig;
  };

  it.each(verdicts)('%s: polls get 410 at once, with the gap', async (_what, make, expected) => {
    const rig = await prepare();
    const cursor = make(rig);
    for (const query of ['', '&wait=20']) {
      const got = await httpRequest(`${rig.url}/events/a?after=${cursor}${query}`);
      expect(got.status).toBe(410);
      expect(got.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'events-cursor': rig.cursor(7),
      });
      expect(got.json).toMatchObject({ ...gapOf(rig, cursor, expected), type: expect.stringMatching(/\/gap$/) });
      const on = await httpRequest(`${rig.url}/events/a?after=${got.json.resume}`);
      expect(on.json.events).toHaveLength(3);
    }
  });

  it.each(verdicts)('%s: SSE gets a gap event whose id is where to resume, then the events', async (_w, make, gap) => {
    const rig = await prepare();
    const cursor = make(rig);
    const sse = RawClient.sse(rig.port, '/events/a', { 'Last-Event-ID': cursor });
    await until(() => sse.events.length === 3);
    expect(sse.status).toBe(200);
    expect(sse.control('gap')).toEqual([{ id: rig.cursor(7), data: gapOf(rig, cursor, gap) }]);
    expect(sse.control('hello')[0]!.data.resumed).toBe(false);
    expect(sse.events.map((e) => e.data)).toEqual(['8', '9', '10']);
  });

  it.each(verdicts)('%s: WebSocket gets a gap message, then the events', async (_w, make, gap) => {
    const rig = await prepare();
    const cursor = make(rig);
    const ws = new WsClient(`${rig.url}/events/a?after=${cursor}`);
    await until(() => ws.of('ev').length === 3);
    expect(ws.of('gap')).toEqual([{ t: 'gap', ch: 'a', ...gapOf(rig, cursor, gap) }]);
    expect(ws.messages.map((m) => m.t).slice(0, 3)).toEqual(['ok', 'gap', 'ev']);
  });

  it('with onGap fail a WebSocket gets 410 and stays of use', async () => {
    const rig = await prepare();
    const ws = new WsClient(`${rig.url}/ws`);
    await ws.say({ t: 'sub', ref: 1, ch: 'a', after: rig.cursor(1), onGap: 'fail' });
    await until(() => ws.of('err').length === 1);
    expect(ws.of('err')[0]).toMatchObject({ ref: 1, status: 410, resume: rig.cursor(7), missed: 6 });
    await ws.say({ t: 'sub', ref: 2, ch: 'a', after: ws.of('err')[0].resume });
    await until(() => ws.of('ev').length === 3);
    const implied = new WsClient(`${rig.url}/events/a?onGap=fail&after=${rig.cursor(1)}`);
    expect((await until(() => implied.closed)).code).toBe(4410);
  });

  it.each(['nonsense', 'abc.1', 'abcd.01', 'ABCD.1', 'abcd.1.2', '-1', 'abcd.99999999999999999', '%00'])(
    'malformed (%s): 400 everywhere',
    async (cursor) => {
      const rig = await startServer();
      for (const [query, headers] of [
        ['', {}],
        ['&wait=20', {}],
        ['', { Accept: 'text/event-stream' }],
      ] as const) {
        const got = await httpRequest(`${rig.url}/events/a?after=${cursor}${query}`, headers);
        expect(got).toMatchObject({ status: 400, json: { code: 'malformed', place: 'after' } });
        expect(got.headers['cache-control']).toBe('no-store');
        for (const name of EVERY) expect(got.headers[name]).toBeDefined();
      }
      const ws = new WsClient(`${rig.url}/events/a?after=${cursor}`);
      await until(() => ws.of('err').length === 1);
      expect(ws.of('err')[0].status).toBe(400);
      expect((await until(() => ws.closed)).code).toBe(4400);
    },
  );

  it('of the floor itself is good', async () => {
    const rig = await prepare();
    expect((await httpRequest(`${rig.url}/events/a?after=${rig.cursor(7)}`)).json.events).toHaveLength(3);
  });
});

describe('a channel that has ended', () => {
  it.each(['', '&wait=20'])('gives polls (%j) all of it, says so with the last, and then 410', async (query) => {
    const rig = await startServer();
    rig.fill(5);
    void rig.server.end('a');
    const first = await httpRequest(`${rig.url}/events/a?limit=3${query}`);
    expect(first.json).toMatchObject({ more: true, ended: false });
    const last = await httpRequest(`${rig.url}/events/a?after=${first.json.cursor}${query}`);
    expect(last.json).toMatchObject({ more: false, ended: true });
    const over = await httpRequest(`${rig.url}/events/a?after=${last.json.cursor}${query}`);
    expect(over.status).toBe(410);
    expect(over.json.type).toMatch(/\/ended$/);
    expect(over.json.resume).toBeUndefined();
    // a tag kept from before the end does not hide it
    const tagged = await httpRequest(`${rig.url}/events/a`, { 'If-None-Match': `W/"${rig.cursor(5)}"` });
    expect(tagged.json.ended).toBe(true);
  });

  it('wakes a held poll with 410', async () => {
    const rig = await startServer();
    const held = httpRequest(`${rig.url}/events/a?after=now&wait=25`);
    await until(() => rig.server.counters('a').held === 1);
    void rig.server.end('a');
    expect((await held).json.type).toMatch(/\/ended$/);
  });

  it('takes no more events', async () => {
    const rig = await startServer();
    void rig.server.end('a');
    expect(await httpRequest(`${rig.url}/events/a`, {}, 'POST', 'x')).toMatchObject({
      status: 409,
      json: { code: 'channel-ended' },
    });
  });
});

describe('publishing by POST', () => {
  it('answers 201 with the cursor', async () => {
    const rig = await startServer();
    const got = await httpRequest(`${rig.url}/events/a`, { 'Event-Type': 'note' }, 'POST', 'grüße\r\n\u{1F600}');
    expect(got).toMatchObject({ status: 201, json: { cursor: rig.cursor(1), duplicate: false } });
    expect((await httpRequest(`${rig.url}/events/a`)).json.events[0]).toMatchObject({
      type: 'note',
      data: 'grüße\n\u{1F600}',
    });
  });

  it('takes the same key once in two minutes', async () => {
    const { FakeClock } = await import('../helpers/fake-clock.ts');
    const clock = new FakeClock();
    const rig = await startServer({ clock });
    const post = () => httpRequest(`${rig.url}/events/a`, { 'Idempotency-Key': 'k1' }, 'POST', 'once');
    expect(await post()).toMatchObject({ status: 201, json: { duplicate: false } });
    expect(await post()).toMatchObject({ status: 200, json: { cursor: rig.cursor(1), duplicate: true } });
    const elsewhere = await httpRequest(`${rig.url}/events/b`, { 'Idempotency-Key': 'k1' }, 'POST', 'once');
    expect(elsewhere.status).toBe(201);
    await clock.pass(121_000);
    expect(await post()).toMatchObject({ status: 201, json: { cursor: rig.cursor(2) } });
  });

  it.each([
    ['invalid UTF-8', {}, Buffer.from([0x68, 0xff, 0xfe]), 400, 'body'],
    ['a reserved type', { 'Event-Type': 'gap' }, 'x', 400, 'type'],
    ['a type that is not UTF-8', { 'Event-Type': '\xff\xfe' }, Buffer.from('x'), 400, 'Event-Type'],
    ['too much', {}, Buffer.alloc(10 * 1024 * 1024, 'x'), 413, 'body'],
  ])('refuses %s', async (_what, headers, body, status, place) => {
    const rig = await startServer();
    expect(await httpRequest(`${rig.url}/events/a`, headers, 'POST', body)).toMatchObject({ status, json: { place } });
    expect(rig.log.channel('a').bounds().newest).toBe(0);
  });
});

describe('other origins', () => {
  const EVIL = 'http://evil.example';

  it('are told nothing with off, and may neither publish nor open a WebSocket', async () => {
    const rig = await startServer({ settings: { cors: 'off' } });
    const read = await httpRequest(`${rig.url}/events/a`, { Origin: EVIL });
    expect(read.headers['access-control-allow-origin']).toBeUndefined();
    expect(await httpRequest(`${rig.url}/events/a`, { Origin: EVIL }, 'POST', 'x')).toMatchObject({ status: 403 });
    const ws = new WsClient(`${rig.url}/events/a`, { origin: EVIL });
    expect((await until(() => ws.refused)).status).toBe(403);
    // its own pages may
    expect((await httpRequest(`${rig.url}/events/a`, { Origin: rig.url }, 'POST', 'x')).status).toBe(201);
  });

  it.each(['*', 'http://dashboard.example:8080'])('may with %s, and see what they need', async (cors) => {
    const rig = await startServer({ settings: { cors } });
    const origin = cors === '*' ? EVIL : cors;
    const read = await httpRequest(`${rig.url}/events/a`, { Origin: origin });
    expect(read.headers['access-control-allow-origin']).toBe(cors);
    for (const name of ['ETag', 'Events-Cursor', 'Events-Floor', 'Events-Newest']) {
      expect(read.headers['access-control-expose-headers']).toContain(name);
    }
    expect((await httpRequest(`${rig.url}/events/a`, { Origin: origin }, 'POST', 'x')).status).toBe(201);
    const preflight = await httpRequest(`${rig.url}/events/a`, { Origin: origin }, 'OPTIONS');
    expect(preflight.status).toBe(204);
    for (const name of ['Idempotency-Key', 'Last-Event-ID', 'Event-Type', 'Prefer', 'If-None-Match']) {
      expect(preflight.headers['access-control-allow-headers']).toContain(name);
    }
    const ws = new WsClient(`${rig.url}/events/a`, { origin });
    await until(() => ws.of('ok').length === 1);
    if (cors === '*') return;
    expect((await httpRequest(`${rig.url}/events/a`, { Origin: EVIL }, 'POST', 'x')).status).toBe(403);
  });

  it('are named by a real origin or not at all', async () => {
    await expect(startServer({ settings: { cors: 'dashboard' } })).rejects.toMatchObject({ place: '--cors', exit: 2 });
  });
});

describe('around the doors', () => {
  it('answers health and numbers', async () => {
    const rig = await startServer();
    rig.fill(3);
    expect(await httpRequest(`${rig.url}/healthz`)).toMatchObject({ status: 200, json: { status: 'ok' } });
    await httpRequest(`${rig.url}/events/a`);
    const { text, headers } = await httpRequest(`${rig.url}/metrics`);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) heartline_\w+ .+|heartline_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+]+)$/,
      );
    }
    expect(text).toContain('heartline_published_total 3\n');
    expect(text).toContain('heartline_requests_total{method="short-polling"} 1\n');
    expect(text).toContain('heartline_log_events{channel="a"} 3\n');
  });

  it.each(['/', '/nope', '/events', '/events/', '/events/a/b', '/favicon.ico', '//', '/events//'])(
    'answers 404 on %s, without HTML, naming what would do',
    async (path) => {
      const rig = await startServer();
      const got = await httpRequest(rig.url + path);
      expect(got).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } });
      expect(got.json.detail).toContain('/events/{channel}');
      expect(got.headers['cache-control']).toBe('no-store');
    },
  );

  it.each([
    ['PUT', '/events/a', 405, 'GET, HEAD, POST'],
    ['DELETE', '/events/a', 405, 'GET, HEAD, POST'],
    ['POST', '/healthz', 405, 'GET, HEAD'],
  ])('answers %s %s with 405 and what is allowed', async (method, path, status, allowed) => {
    const rig = await startServer();
    expect(await httpRequest(rig.url + path, {}, method)).toMatchObject({ status, headers: { allow: allowed } });
  });

  it('answers 426 on /ws without an upgrade', async () => {
    const rig = await startServer();
    expect(await httpRequest(`${rig.url}/ws`)).toMatchObject({ status: 426, headers: { upgrade: 'websocket' } });
  });

  it.each(['%zz', '%00', 'a%2Fb', '%ff', 'a%20b', 'x'.repeat(200), '%3Cscript%3E'])(
    'refuses the channel %s',
    async (channel) => {
      const rig = await startServer();
      expect(await httpRequest(`${rig.url}/events/${channel}`)).toMatchObject({
        status: 400,
        json: { place: 'channel' },
      });
      const ws = new WsClient(`${rig.url}/events/${channel}`);
      expect((await until(() => ws.refused, 'a refusal')).status).toBe(400);
    },
  );

  it.each(['0', '-1', 'x', '1.5', '', '9'.repeat(12)])('refuses limit=%s', async (limit) => {
    const rig = await startServer();
    expect(await httpRequest(`${rig.url}/events/a?limit=${limit}`)).toMatchObject({
      status: 400,
      json: { place: 'limit' },
    });
  });

  it('answers HEAD as GET, without a body', async () => {
    const rig = await startServer();
    rig.fill(1);
    expect(await httpRequest(`${rig.url}/events/a`, {}, 'HEAD')).toMatchObject({
      status: 200,
      text: '',
      headers: { etag: `W/"${rig.cursor(1)}"` },
    });
    const sse = await httpRequest(`${rig.url}/events/a`, { Accept: 'text/event-stream' }, 'HEAD');
    expect(sse).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
  });
});
