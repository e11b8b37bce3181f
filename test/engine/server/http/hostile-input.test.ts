/** Whatever comes in, the server stays up, and the other readers do not notice. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { steadyClock } from '../../../helpers/steady-clock.ts';
import { httpRequest, RawClient, startServer, until, WsClient, type Rig } from '../rig.ts';

const UPGRADE =
  'GET /events/a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** A reader beside the trouble, which must get its event afterwards. */
let rig: Rig;
let witness: RawClient;
const surprises: unknown[] = [];
const note = (error: unknown) => void surprises.push(error);

beforeEach(async () => {
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
});

async function open(options: Parameters<typeof startServer>[0] = {}) {
  rig = await startServer(options);
  witness = RawClient.sse(rig.port, '/events/witness');
  await until(() => witness.control('hello').length === 1);
  return rig;
}

/** A client that sends this, and then neither leaves nor hears that it should. */
function stay(bytes: string | Buffer) {
  const socket = connect({ port: rig.port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(bytes));
  socket.resume();
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function connections(): Promise<number> {
  const { text } = await httpRequest(`${rig.url}/metrics`);
  return Number(/^heartline_connections (\d+)$/m.exec(text)![1]) - 2; // the witness, and who asks
}

async function untilNobodyIsLeft() {
  await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 15_000 });
}

async function stillWell() {
  void rig.server.publish('witness', { type: 'n', data: 'well' });
  await until(() => witness.events.length === 1, 'the witness to hear');
  expect((await httpRequest(`${rig.url}/healthz`)).status).toBe(200);
  expect(surprises.splice(0)).toEqual([]);
}

describe('hostile input over HTTP', () => {
  it.each([
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00', 400],
    ['a broken request line', 'GET\r\n\r\n', 400],
    ['a header with a NUL', 'GET / HTTP/1.1\r\nHost: localhost\r\nA: b\0c\r\n\r\n', 400],
    ['no Host', 'GET /events/a HTTP/1.1\r\n\r\n', 400],
    [
      'two lengths',
      'POST /events/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    [
      'a length and chunks',
      'POST /events/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a broken chunk', 'POST /events/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\n${'A: b\r\n'.repeat(20_000)}`, 431],
    ['a long request line', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    [
      'another expectation',
      'POST /events/a HTTP/1.1\r\nHost: localhost\r\nExpect: cake\r\nContent-Length: 0\r\n\r\n',
      417,
    ],
  ])('%s', async (_what, bytes, status) => {
    await open();
    const raw = new RawClient(rig.port, bytes);
    await until(() => raw.text.startsWith('HTTP/1.1') || raw.ended === 'rst', 'an answer');
    if (raw.ended !== 'rst') expect(raw.status).toBe(status);
    expect(raw.text).not.toMatch(/<html/i);
    await stillWell();
  });

  it('a body that is announced as 10 MB is refused before it is sent', async () => {
    await open();
    const raw = new RawClient(
      rig.port,
      'POST /events/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10485760\r\n\r\n',
    );
    await until(() => raw.text.includes('413'));
    expect(raw.text).not.toContain('100 Continue');
    await stillWell();
  });

  it('a body that stops half way', async () => {
    await open();
    const raw = new RawClient(
      rig.port,
      'POST /events/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf',
    );
    await until(() => rig.server.counters('a') && raw.socket.bytesWritten > 0);
    await httpRequest(`${rig.url}/healthz`);
    raw.socket.resetAndDestroy();
    await stillWell();
    expect(rig.log.channel('a').bounds().newest).toBe(0);
  });

  it('garbage behind a stream does not get into the stream', async () => {
    await open();
    const sse = RawClient.sse(rig.port);
    await until(() => sse.control('hello').length === 1);
    sse.socket.write('\x00\x01\x02 garbage\r\n\r\n');
    await until(() => sse.ended !== null, 'the connection to be closed');
    expect(sse.text).not.toContain('400');
    await stillWell();
  });

  it('a pipelined stream waits for its turn', async () => {
    await open();
    const poll = 'GET /events/a?after=now&wait=0.3 HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const stream = 'GET /events/a HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n';
    const raw = new RawClient(rig.port, poll + stream);
    await until(() => raw.text.includes('event: hello'));
    expect(raw.text.indexOf('HTTP/1.1 204')).toBe(0);
    expect(raw.text.indexOf('HTTP/1.1 200')).toBeGreaterThan(0);
    await stillWell();
  });

  const GET = 'GET /events/a HTTP/1.1\r\nHost: localhost\r\n';
  const ASKS = {
    'a poll': `${GET}\r\n`,
    'a stream': `${GET}Accept: text/event-stream\r\n\r\n`,
    'a WebSocket': UPGRADE,
    'no Host': 'GET /events/a HTTP/1.1\r\n\r\n',
    'a body to come': `${GET.replace('GET', 'POST')}Expect: 100-continue\r\nContent-Length: 10485760\r\n\r\n`,
    'another expectation': `${GET}Expect: cake\r\n\r\n`,
  };

  it.each(Object.entries(ASKS))('a request behind a stream ends the connection: %s', async (_what, again) => {
    await open();
    const stream = RawClient.sse(rig.port);
    await until(() => stream.control('hello').length === 1);
    stream.socket.write(again);
    await until(() => stream.ended !== null, 'the connection to be closed');
    expect(stream.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    await until(() => rig.server.counters().streams === 1, 'the stream to be let go');
    await stillWell();
  });

  it('a stream with requests behind it in one packet', async () => {
    await open();
    const raw = new RawClient(rig.port, ASKS['a poll'] + ASKS['a stream'] + ASKS['a poll']);
    await until(() => raw.ended !== null, 'the connection to be closed');
    expect(raw.text).not.toContain('event: hello');
    await stillWell();
  });

  it('requests behind a held poll are not read beyond a few', async () => {
    await open();
    const raw = new RawClient(rig.port, `${GET.replace('/a', '/a?after=now&wait=50')}\r\n`);
    await until(() => rig.server.counters().held === 1);
    raw.socket.write(ASKS['a poll']);
    const flood = Buffer.from(ASKS['a poll'].repeat(20_000));
    let taken = 0;
    for (let i = 0; i < 30; i++) raw.socket.write(flood, (error) => void (taken += error ? 0 : 1));
    for (let i = 0; i < 100 && taken < 30; i++) await httpRequest(`${rig.url}/healthz`); // it would be read meanwhile
    expect(taken).toBeLessThan(30);
    expect(raw.text).toBe('');
    await stillWell();
  });

  it('few pipelined requests are answered in their order, too many at once end the connection', async () => {
    await open();
    rig.fill(1);
    const few = new RawClient(rig.port, ASKS['a poll'].repeat(10) + 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => few.text.includes('"status":"ok"'));
    expect(few.text.match(/pollAfterMs/g)).toHaveLength(10);
    few.socket.write(ASKS['a poll']);
    await until(() => few.text.match(/pollAfterMs/g)!.length === 11, 'to be read from again');
    const many = new RawClient(rig.port, ASKS['a poll'].repeat(1000));
    await until(() => many.ended !== null, 'the connection to be closed');
    await stillWell();
  });

  it('a client that half closes', async () => {
    await open();
    const raw = RawClient.sse(rig.port);
    await until(() => raw.control('hello').length === 1);
    raw.socket.end();
    await until(() => rig.server.counters().streams === 1, 'it to be let go');
    await stillWell();
  });

  it('an upgrade to something else is answered as a plain request', async () => {
    await open();
    const raw = RawClient.get(rig.port, '/events/a', { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' });
    await until(() => raw.text.includes('pollAfterMs'));
    await stillWell();
  });

  it('an absolute URL in the request line', async () => {
    await open();
    const raw = new RawClient(rig.port, `GET http://x/events/a HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until(() => raw.text.includes('pollAfterMs'));
    await stillWell();
  });

  it('more channels than it keeps', async () => {
    await open({ limits: { channels: 3 } });
    const answers = [];
    for (const name of ['b', 'c', 'd', 'e']) {
      answers.push((await httpRequest(`${rig.url}/events/${name}`, {}, 'POST', 'x')).status);
    }
    expect(answers).toEqual([201, 201, 429, 429]);
    expect((await httpRequest(`${rig.url}/events/b`)).json.events).toHaveLength(1);
    await stillWell();
  });

  it('reading channels that nobody published in takes no room from those that somebody does', async () => {
    await open({ limits: { channels: 4 } });
    const follower = new WsClient(`${rig.url}/events/followed`);
    await until(() => follower.of('ok').length === 1);
    const before = (await httpRequest(`${rig.url}/events/guess0`)).json.cursor;
    for (let i = 1; i < 20; i++) expect((await httpRequest(`${rig.url}/events/guess${i}`)).status).toBe(200);
    expect((await httpRequest(`${rig.url}/events/guess0?after=${before}`)).json.events).toEqual([]);
    expect(rig.log.channels().length).toBeLessThanOrEqual(4);
    expect((await httpRequest(`${rig.url}/events/real`, {}, 'POST', 'x')).status).toBe(201);
    expect((await httpRequest(`${rig.url}/events/followed`, {}, 'POST', 'x')).status).toBe(201);
    await until(() => follower.of('ev').length === 1);
    await stillWell();
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1'])(
    'a page whose name was made to point here: %s',
    async (host) => {
      await open();
      for (const method of ['GET', 'POST'] as const) {
        const got = await httpRequest(`${rig.url}/events/a`, { Host: host, Origin: `http://${host}` }, method);
        expect(got).toMatchObject({ status: 421, json: { code: 'wrong-host', hint: expect.any(String) } });
      }
      const raw = new RawClient(rig.port, UPGRADE.replace('Host: localhost', `Host: ${host}`));
      await until(() => raw.ended !== null);
      expect(raw.status).toBe(421);
      await stillWell();
    },
  );

  it.each(['127.0.0.1', '127.0.0.1:1', 'localhost:8080', 'LOCALHOST', '[::1]', '[::1]:80'])(
    'its own pages by the name %s',
    async (host) => {
      await open();
      const got = await httpRequest(`${rig.url}/events/a`, { Host: host, Origin: `http://${host}` }, 'POST', 'x');
      expect(got.status).toBe(201);
      await stillWell();
    },
  );

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('a channel named %s', async (name) => {
    await open();
    expect((await httpRequest(`${rig.url}/events/${name}`, {}, 'POST', 'x')).json.cursor).toMatch(/\.1$/);
    const ws = new WsClient(`${rig.url}/events/${name}?after=earliest`);
    await until(() => ws.of('ev').length === 1);
    await stillWell();
  });
});

describe('hostile input over WebSocket', () => {
  const frame = (...bytes: number[]) => Buffer.from(bytes);
  it.each([
    ['an unmasked frame', frame(0x81, 0x02, 0x68, 0x69), 1002],
    ['reserved bits', frame(0xf1, 0x80, 0, 0, 0, 0), 1002],
    ['an unknown opcode', frame(0x83, 0x80, 0, 0, 0, 0), 1002],
    ['a fragmented ping', frame(0x09, 0x80, 0, 0, 0, 0), 1002],
    ['a continuation of nothing', frame(0x80, 0x80, 0, 0, 0, 0), 1002],
    ['text that is not UTF-8', frame(0x81, 0x81, 0, 0, 0, 0, 0xff), 1007],
    ['a frame that says it is enormous', frame(0x81, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0), 1009],
    ['a close code of nobody', frame(0x88, 0x82, 0, 0, 0, 0, 0x03, 0x00), 1002],
    ['random bytes', Buffer.from('fbd9a1c0ffeedeadbeef0123456789abcdef', 'hex'), 1002],
  ])('%s', async (_what, bytes, code) => {
    await open();
    const raw = new RawClient(rig.port, UPGRADE);
    await until(() => raw.text.includes('"t":"ok"'));
    raw.text = '';
    raw.socket.write(bytes);
    await until(() => raw.ended !== null || raw.text.length >= 4, 'a close frame');
    const got = Buffer.from(raw.text, 'latin1');
    expect(got[0]).toBe(0x88);
    expect(got.readUInt16BE(2)).toBe(code);
    await until(() => rig.server.counters().sockets === 0);
    await stillWell();
  });

  it('a message over the limit closes 1009, and more fragments than allowed 1008', async () => {
    await open();
    const big = new WsClient(`${rig.url}/events/a`);
    await big.say({ t: 'pub', ch: 'a', data: 'x'.repeat(70_000) });
    expect((await until(() => big.closed)).code).toBe(1009);
    const cut = new WsClient(`${rig.url}/events/a`);
    await until(() => cut.of('ok').length === 1);
    for (let i = 0; i < 1100; i++) cut.ws.send('x', { fin: false });
    expect((await until(() => cut.closed)).code).toBe(1008);
    await stillWell();
  });

  it.each([
    ['another version', UPGRADE.replace('Version: 13', 'Version: 99')],
    ['a bad key', UPGRADE.replace('dGhlIHNhbXBsZSBub25jZQ==', 'short')],
    ['POST', UPGRADE.replace('GET', 'POST')],
    ['nowhere', UPGRADE.replace('/events/a', '/nowhere')],
    ['a broken path', UPGRADE.replace('/events/a', '/events/%zz')],
  ])('a handshake with %s is refused as a problem', async (_what, bytes) => {
    await open();
    const raw = new RawClient(rig.port, bytes);
    await until(() => raw.ended !== null);
    expect(raw.status).toBeGreaterThanOrEqual(400);
    expect(raw.head).toMatch(/^content-type: application\/problem\+json\r$/im);
    await stillWell();
  });

  it.each([
    ['a refused handshake', UPGRADE.replace('/events/a', '/nowhere')],
    ['a broken handshake', UPGRADE.replace('Version: 13', 'Version: 99')],
    ['TLS', Buffer.from('1603010200010001fc0303', 'hex')],
  ])('%s of a client that does not leave is let go of', async (_what, bytes) => {
    await open({ clock: steadyClock(20), settings: { heartbeatMs: null } });
    const five = Array.from({ length: 5 }, () => stay(bytes));
    await until(() => five.every((one) => one.bytesRead > 0), 'the answers');
    await untilNobodyIsLeft();
    await stillWell();
  });

  it('a signal nested deeper than can be written out is a bad message', async () => {
    await open();
    const ws = new WsClient(`${rig.url}/events/a`);
    await ws.say(`{"t":"sig","ref":1,"ch":"a","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
    await until(() => ws.of('err').length === 1);
    expect(ws.of('err')[0]).toMatchObject({ ref: 1, status: 400, code: 'bad-message', place: 'data' });
    await stillWell();
  });

  it('a key over HTTP is never what a WebSocket calls its own event', async () => {
    await open();
    const ws = new WsClient(`${rig.url}/events/a`);
    for (let id = 0; id < 200; id++) {
      await httpRequest(`${rig.url}/events/a`, { 'Idempotency-Key': `ws ${id} 1` }, 'POST', 'theirs');
    }
    await ws.say({ t: 'pub', ref: 1, ch: 'a', data: 'mine' });
    await until(() => ws.of('ack').length === 1);
    expect(ws.of('ack')[0]).toMatchObject({ duplicate: false });
  });

  it('a flood of pings from a client that does not read', async () => {
    await open({ limits: { slowConsumerMs: 300 } });
    const ws = new WsClient(`${rig.url}/events/a`);
    await until(() => ws.of('ok').length === 1);
    ws.ws.pause();
    const socket = (ws.ws as unknown as { _socket: import('node:net').Socket })._socket;
    socket.pause();
    const payload = Buffer.alloc(120, 'p');
    const stop = setInterval(() => {
      for (let i = 0; i < 2000 && socket.writableLength < 1e6; i++) ws.ws.ping(payload);
    }, 5);
    onTestFinished(() => clearInterval(stop));
    await until(() => rig.server.counters().sockets === 0 || socket.writableLength >= 1e6, 'it to be held back');
    clearInterval(stop);
    await stillWell();
  });
});
