/** How each transport ends: drain, kill, age, limit, slow readers, a lost log. */
import { describe, expect, it } from 'vitest';
import { httpRequest, RawClient, startServer, until, WsClient, type Rig } from '../engine/server/rig.ts';
import { FakeClock } from '../helpers/fake-clock.ts';

/** One reader by each method that stays. */
async function openSessions(rig: Rig) {
  const sse = RawClient.sse(rig.port);
  const held = RawClient.get(rig.port, '/events/a?after=now&wait=25');
  const idle = RawClient.get(rig.port, '/events/a');
  const ws = new WsClient(`${rig.url}/events/a`);
  await until(() => {
    const { streams, sockets, held: holds } = rig.server.counters('a');
    return streams === 1 && sockets === 1 && holds === 1 && idle.text.includes('pollAfterMs');
  }, 'all sessions');
  await until(() => sse.control('hello').length === 1 && ws.of('ok').length === 1, 'their greetings');
  return { sse, held, idle, ws };
}

describe('restart', () => {
  it('tells everyone in their own words, keeps the port, and the log lives on', async () => {
    const rig = await startServer();
    rig.fill(3);
    const { sse, held, idle, ws } = await openSessions(rig);
    const { epoch } = rig.log.channel('a').bounds();
    const ports = [sse, held, idle].map((raw) => raw.socket.localPort!);
    await rig.server.restart();

    await until(() => sse.body.done && sse.ended === 'fin', 'the stream to end cleanly');
    const { retryMs } = sse.control('bye')[0]!.data;
    expect(sse.control('bye')).toEqual([{ data: { reason: 'restart', retryMs: expect.any(Number) } }]);
    expect(sse.blocks.filter((b) => b.retry).map((b) => b.retry)).toEqual(['2000', String(retryMs)]);

    expect(held.status).toBe(204);
    expect(held.head).toMatch(/^connection: close\r$/im);
    const advice = Number(/^events-retry-ms: (\d+)\r$/im.exec(held.head)![1]);
    expect(Number(/^retry-after: (\d+)\r$/im.exec(held.head)![1])).toBe(Math.ceil(advice / 1000));
    await until(() => held.ended === 'fin' && idle.ended === 'fin');

    const { code, reason } = await until(() => ws.closed);
    expect(code).toBe(1012);
    expect(JSON.parse(reason)).toEqual({ retryMs: expect.any(Number) });

    // and the server said so beforehand, to whoever asks why the socket died
    for (const port of ports) expect(rig.causes.take(port)).toMatchObject({ cause: 'restart', by: 'server' });

    const after = await httpRequest(`${rig.url}/events/a`);
    expect(after.json.events).toHaveLength(3);
    expect(after.json.cursor).toBe(`${epoch}.3`);
    expect(rig.server.running).toBe(true);
  });

  it('does not wait for connections that were opened in advance and never used', async () => {
    const clock = new FakeClock(); // on which a deadline would never pass
    const rig = await startServer({ clock });
    const spare = new RawClient(rig.port, '');
    await until(() => spare.socket.readyState === 'open');
    await httpRequest(`${rig.url}/healthz`);
    await rig.server.restart();
    await until(() => spare.ended !== null);
  });

  it('advises different times to come back', async () => {
    const rig = await startServer();
    const all = Array.from({ length: 8 }, () => RawClient.sse(rig.port));
    await until(() => rig.server.counters().streams === 8);
    await rig.server.restart();
    await until(() => all.every((sse) => sse.body.done));
    expect(new Set(all.map((sse) => sse.control('bye')[0]!.data.retryMs)).size).toBeGreaterThan(4);
  });

  it.each([
    [0, 500],
    [20_000, 20_500],
  ])('advises over the time it is told: %i ms', async (advice, latest) => {
    const rig = await startServer({ settings: { advice } });
    const all = Array.from({ length: 8 }, () => RawClient.sse(rig.port));
    await until(() => rig.server.counters().streams === 8);
    await rig.server.restart();
    await until(() => all.every((sse) => sse.body.done));
    const reported = all.map((sse) => sse.control('bye')[0]!.data.retryMs as number);
    expect(Math.min(...reported)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...reported)).toBeLessThanOrEqual(latest);
    expect(Math.max(...reported)).toBeGreaterThan(latest / 2);
  });

  it('tells nobody when to come back where advice is off', async () => {
    const rig = await startServer({ settings: { advice: 'off' } });
    const { sse, held, ws } = await openSessions(rig);
    const late = new RawClient(rig.port, 'GET /events/a HTTP/1.1\r\nHost: localhost\r\n');
    await until(() => late.socket.readyState === 'open');
    for (let i = 0; i < 3; i++) await httpRequest(`${rig.url}/healthz`);
    const restarted = rig.server.restart();
    late.socket.write('\r\n');
    await restarted;
    await until(() => sse.body.done && held.ended === 'fin' && late.ended === 'fin');
    expect(sse.control('bye')).toEqual([]);
    expect(sse.blocks.filter((b) => b.retry).map((b) => b.retry)).toEqual(['2000']); // its own, from the opening
    expect(held.status).toBe(204);
    expect(late.status).toBe(503);
    for (const raw of [held, late]) expect(raw.head).not.toMatch(/retry/i);
    expect(await until(() => ws.closed)).toMatchObject({ code: 1012, reason: '' });
  });

  it('does not wait for ever for a reader that does not read', async () => {
    const rig = await startServer({ limits: { slowConsumerMs: 200 } });
    const raw = RawClient.sse(rig.port);
    await until(() => raw.control('hello').length === 1);
    raw.socket.pause();
    void rig.server.publish('a', { type: 'big', data: 'x'.repeat(8 * 1024 * 1024) });
    await until(() => rig.server.counters().bytesOut > 1e6);
    await rig.server.restart();
    expect((await httpRequest(`${rig.url}/healthz`)).status).toBe(200);
  });

  describe('sends away whoever still asks while it drains, as its protocol does', () => {
    /** Half a request before, the other half while the server drains. */
    async function askMeanwhile(rig: Rig, headers: string): Promise<RawClient> {
      const raw = new RawClient(rig.port, `${headers}Host: localhost\r\n`);
      await until(() => raw.socket.readyState === 'open');
      for (let i = 0; i < 3; i++) await httpRequest(`${rig.url}/healthz`); // by then the first half has been read
      const restarted = rig.server.restart();
      raw.socket.write('\r\n');
      await until(() => raw.ended !== null, 'its end');
      await restarted;
      return raw;
    }

    it.each(['', '?wait=20'])('503 with Retry-After for polls (%j)', async (query) => {
      const rig = await startServer();
      const raw = await askMeanwhile(rig, `GET /events/a${query} HTTP/1.1\r\n`);
      expect(raw.status).toBe(503);
      expect(raw.head).toMatch(/^retry-after: [1-9]\d*\r$/im);
      expect(raw.head).toMatch(/^connection: close\r$/im);
    });

    it('a `bye` inside a 200 for an EventSource, which would give up on anything else', async () => {
      const rig = await startServer();
      const raw = await askMeanwhile(rig, 'GET /events/a HTTP/1.1\r\nAccept: text/event-stream\r\n');
      expect(raw.status).toBe(200);
      expect(raw.text).toMatch(/retry: \d+\n\nevent: bye\ndata: \{"reason":"restart","retryMs":\d+\}\n\n$/);
    });

    it('a poll that was on its way over a kept connection, and one over a new connection', async () => {
      const clock = new FakeClock();
      const rig = await startServer({ clock });
      const kept = RawClient.get(rig.port, '/events/a');
      await until(() => kept.text.includes('pollAfterMs'));
      const restarted = rig.server.restart();
      const late = RawClient.get(rig.port, '/events/a?wait=20');
      kept.socket.write('GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
      for (const raw of [kept, late]) {
        await until(() => raw.ended === 'fin');
        expect(raw.text).toMatch(/HTTP\/1.1 503 /);
        expect(raw.text).toMatch(/^events-retry-ms: \d+\r$/im);
      }
      await clock.pass(1000);
      await restarted;
    });

    it.each(['/events/a', '/ws'])('1012 for a WebSocket on %s', async (path) => {
      const rig = await startServer();
      const raw = new RawClient(
        rig.port,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
      );
      await until(() => raw.socket.readyState === 'open');
      for (let i = 0; i < 3; i++) await httpRequest(`${rig.url}/healthz`);
      const restarted = rig.server.restart();
      raw.socket.write('\r\n');
      await until(() => raw.text.includes('retryMs'), 'the close frame');
      const frame = Buffer.from(raw.text.slice(raw.text.indexOf('\r\n\r\n') + 4), 'latin1');
      expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 1012]);
      raw.socket.destroy();
      await restarted;
    });

    it('what was begun is finished', async () => {
      const rig = await startServer();
      const post = new RawClient(
        rig.port,
        'POST /events/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
      );
      await until(() => post.text.includes('100 Continue'));
      const restarted = rig.server.restart();
      post.socket.write('hi');
      await until(() => post.ended === 'fin');
      expect(post.text).toContain('201 Created');
      await restarted;
      expect(rig.log.channel('a').bounds().newest).toBe(1);
    });
  });
});

describe('kill', () => {
  it('resets every connection, closes the port, and opens it again', async () => {
    const clock = new FakeClock();
    const rig = await startServer({ clock });
    rig.fill(2);
    const { sse, held, idle, ws } = await openSessions(rig);
    const port = sse.socket.localPort!;
    await rig.server.kill(5000);
    await until(() => [sse, held, idle].every((raw) => raw.ended === 'rst'), 'resets');
    expect((await until(() => ws.closed)).code).toBe(1006);
    expect(rig.causes.take(port)).toMatchObject({ cause: 'kill', by: 'server', at: clock.now() });
    expect(rig.server.running).toBe(false);
    expect(rig.server.counters('a')).toMatchObject({ streams: 0, held: 0, sockets: 0 });
    await expect(httpRequest(`${rig.url}/events/a`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await clock.pass(5001);
    await rig.server.whenUp();
    expect((await httpRequest(`${rig.url}/events/a`)).json.events).toHaveLength(2);
  });

  it('takes a restart, or another kill, while it is down', async () => {
    const clock = new FakeClock();
    const rig = await startServer({ clock });
    await rig.server.kill(60_000);
    await rig.server.kill(90_000);
    await clock.pass(61_000);
    expect(rig.server.running).toBe(false);
    await rig.server.restart();
    expect((await httpRequest(`${rig.url}/healthz`)).status).toBe(200);
  });

  it('can be closed while it is down', async () => {
    const rig = await startServer();
    await rig.server.kill(60_000);
    await rig.server.close();
    expect(rig.server.running).toBe(false);
  });
});

describe('a lost log', () => {
  it('is told to live readers as a gap, and they go on with the new life', async () => {
    const rig = await startServer();
    rig.fill(3);
    const old = rig.cursor(3);
    const { sse, held, ws } = await openSessions(rig);
    void rig.server.loseLog();
    rig.fill(1);
    await until(() => sse.events.length === 1 && ws.of('ev').length === 1, 'the first event of the new life');
    expect(sse.control('gap')).toEqual([
      { id: rig.cursor(0), data: expect.objectContaining({ reason: 'epoch', requested: old, missed: null }) },
    ]);
    expect(sse.events[0]!.id).toBe(rig.cursor(1));
    expect(ws.of('gap')[0]).toMatchObject({ reason: 'epoch', requested: old, resume: rig.cursor(0) });
    await until(() => held.text.includes('"epoch"'));
    expect(held.status).toBe(410);
  });
});

describe('age', () => {
  it('lets connections go after about ten minutes, each in its own words', async () => {
    const clock = new FakeClock();
    const rig = await startServer({ clock, settings: { maxAgeMs: 20_000, heartbeatMs: null } });
    const { sse, held, ws } = await openSessions(rig);
    await clock.pass(17_000);
    expect([sse.body.done, held.text, ws.closed]).toEqual([false, '', null]);
    await clock.pass(6000);
    await until(() => sse.body.done, 'the stream to end');
    expect(sse.control('bye')[0]!.data.reason).toBe('age');
    expect((await until(() => ws.closed)).code).toBe(1012);
    await until(() => held.status === 204);
    expect((await httpRequest(`${rig.url}/metrics`)).text).toContain('heartline_ended_total{reason="age"} 2');
  });

  it('asks an old connection that polls to close', async () => {
    const clock = new FakeClock();
    const rig = await startServer({ clock, settings: { maxAgeMs: 20_000 } });
    const raw = RawClient.get(rig.port, '/events/a');
    await until(() => raw.text.includes('pollAfterMs'));
    expect(raw.head).toMatch(/^connection: keep-alive\r$/im);
    await clock.pass(25_000);
    raw.text = '';
    raw.socket.write('GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => raw.ended === 'fin');
    expect(raw.head).toMatch(/^connection: close\r$/im);
  });
});

describe('a full server', () => {
  it('tells whoever comes too late, and still serves the others', async () => {
    const rig = await startServer({ limits: { connections: 2 } });
    const first = RawClient.sse(rig.port);
    const second = RawClient.sse(rig.port);
    await until(() => first.control('hello').length === 1 && second.control('hello').length === 1);

    for (const query of ['', '?wait=20']) {
      const poll = await httpRequest(`${rig.url}/events/a${query}`);
      expect(poll.status).toBe(429);
      expect(Number(poll.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await httpRequest(`${rig.url}/events/a`, {}, 'POST', 'x')).status).toBe(429);

    const sse = RawClient.sse(rig.port);
    await until(() => sse.ended === 'fin');
    expect(sse.status).toBe(200);
    expect(sse.control('bye')[0]!.data).toEqual({ reason: 'limit', retryMs: expect.any(Number) });
    expect(sse.blocks[0]!.retry).toMatch(/^\d+$/);

    const ws = new WsClient(`${rig.url}/events/a`);
    expect((await until(() => ws.closed)).code).toBe(4429);
    expect((await httpRequest(`${rig.url}/healthz`)).status).toBe(200);

    rig.fill(1);
    await until(() => first.events.length === 1 && second.events.length === 1);
  });
});

describe('slow readers', () => {
  const BIG = 'x'.repeat(512 * 1024);

  it('have a position and no queue: overtaken by the log, they are told of the gap', async () => {
    const rig = await startServer({ retention: { count: 5 }, limits: { slowConsumerMs: 60_000 } });
    const slow = RawClient.sse(rig.port);
    const quick = RawClient.sse(rig.port);
    const ws = new WsClient(`${rig.url}/events/a`);
    await until(() => slow.control('hello').length + quick.control('hello').length + ws.of('ok').length === 3);
    slow.socket.pause();
    ws.ws.pause();
    for (let i = 1; i <= 40; i++) {
      void rig.server.publish('a', { type: 'n', data: `${i} ${BIG}` });
      await until(() => quick.events.length === i, `event ${i} at the quick one`);
    }
    // what a reader holds up is bounded by its socket, not by what was published
    expect(rig.server.counters().bytesOut).toBeLessThan(45 * BIG.length + 30 * 1024 * 1024);
    slow.socket.resume();
    ws.ws.resume();
    const seen = (events: { data?: string }[]) => events.map((e) => parseInt(e.data!, 10));
    await until(() => seen(slow.events).at(-1) === 40, 'the slow stream to catch up');
    await until(() => seen(ws.of('ev')).at(-1) === 40, 'the slow socket to catch up');
    const before = seen(slow.events).findIndex((n, i) => n !== i + 1);
    expect(before).toBeGreaterThan(0);
    const missed = seen(slow.events)[before]! - before - 1;
    expect(slow.control('gap')).toEqual([
      {
        id: rig.cursor(35),
        data: expect.objectContaining({ reason: 'trimmed', missed, requested: rig.cursor(before) }),
      },
    ]);
    expect(ws.of('gap')).toHaveLength(1);
    expect(quick.control('gap')).toEqual([]);
  });

  it.each(['sse', 'websocket'])('are let go when they take nothing: %s', async (method) => {
    const rig = await startServer({ limits: { slowConsumerMs: 300 } });
    const sse = method === 'sse' ? RawClient.sse(rig.port) : null;
    const ws = sse ? null : new WsClient(`${rig.url}/events/a`);
    await until(() => sse?.control('hello').length ?? ws?.of('ok').length);
    sse?.socket.pause();
    ws?.ws.pause();
    for (let i = 0; i < 40; i++) void rig.server.publish('a', { type: 'n', data: BIG });
    await until(() => rig.server.counters().streams + rig.server.counters().sockets === 0, 'it to be let go');
    expect((await httpRequest(`${rig.url}/metrics`)).text).toContain('heartline_ended_total{reason="slow-consumer"} 1');
    if (sse) expect(rig.causes.take(sse.socket.localPort!)).toMatchObject({ cause: 'slow-consumer', by: 'server' });
  });

  it('are let go when they ask for much and take nothing of it: a poll', async () => {
    const rig = await startServer({ limits: { slowConsumerMs: 300 } });
    // in one packet, as a client would that means to fill the server's memory
    for (let i = 0; i < 10; i++) void rig.server.publish('a', { type: 'n', data: BIG });
    const poll = 'GET /events/a?after=earliest HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const raw = new RawClient(rig.port, poll.repeat(8));
    raw.socket.pause();
    await until(() => rig.causes.take(raw.socket.localPort!)?.cause === 'slow-consumer', 'it to be let go');
    expect((await httpRequest(`${rig.url}/metrics`)).text).toContain('heartline_ended_total{reason="slow-consumer"} 1');
    // and one that reads gets it all
    expect((await httpRequest(`${rig.url}/events/a?after=earliest`)).json.events.length).toBeGreaterThan(1);
  });

  it('that only take long are not let go', async () => {
    const rig = await startServer({ limits: { slowConsumerMs: 300 } });
    const sse = RawClient.sse(rig.port);
    await until(() => sse.control('hello').length);
    // some 64 KiB at a time, so that the whole takes many times its patience
    sse.socket.on('data', () => {
      sse.socket.pause();
      setTimeout(() => sse.socket.resume(), 10);
    });
    for (let i = 0; i < 30; i++) void rig.server.publish('a', { type: 'n', data: BIG });
    await until(() => sse.text.length > 30 * BIG.length || sse.ended, 'all of it');
    expect(sse.ended).toBeNull();
  });
});

describe('pongs', () => {
  it('that stay out end a WebSocket, and the server says why', async () => {
    const clock = new FakeClock();
    const rig = await startServer({ clock, settings: { heartbeatMs: 5000 } });
    const mute = new WsClient(`${rig.url}/events/a`, { autoPong: false });
    const well = new WsClient(`${rig.url}/events/a`);
    await until(() => mute.of('ok').length + well.of('ok').length === 2);
    const port = (mute.ws as unknown as { _socket: { localPort: number } })._socket.localPort;
    await clock.pass(5001);
    await until(() => mute.pings === 1 && well.pings === 1);
    await until(() => rig.server.counters().sockets === 2);
    // once this one is answered, the pong sent before it has been read
    await new Promise<void>((resolve) => {
      well.ws.once('pong', () => resolve());
      well.ws.ping();
    });
    await clock.pass(5001);
    expect((await until(() => mute.closed)).code).toBe(1006);
    expect(rig.causes.take(port)).toMatchObject({ cause: 'pong-deadline', by: 'server' });
    expect(well.closed).toBeNull();
  });
});

describe('closing', () => {
  it('says goodbye for good', async () => {
    const rig = await startServer();
    const { sse, held, ws } = await openSessions(rig);
    await rig.server.close();
    await until(() => sse.body.done && held.status === 204 && ws.closed);
    expect(sse.control('bye')[0]!.data.reason).toBe('shutdown');
    expect(rig.server.running).toBe(false);
  });

  it('names a port that is taken', async () => {
    const rig = await startServer();
    await expect(startServer({ port: rig.port })).rejects.toMatchObject({
      code: 'port-in-use',
      place: '--port',
      exit: 3,
    });
  });
});
