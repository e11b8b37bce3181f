/** Servers that answer wrongly, or not at all: each is met, told in words, and survived. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { METHODS, type Method } from '../../../src/shared/catalog.ts';
import { dialectFrom } from '../../helpers/dialect.ts';
import { watchedLane, type WatchedLane } from '../../helpers/lane.ts';
import { steadyClock } from '../../helpers/steady-clock.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

/** A server that says these very bytes to whatever it is asked. */
async function says(answer: (socket: net.Socket) => void): Promise<number> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => {
    for (const s of open) s.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

function lane(method: Method, port: number, o: Partial<Parameters<typeof watchedLane>[0]> = {}): WatchedLane {
  const scheme = method === 'websocket' ? 'ws' : 'http';
  const w = watchedLane({
    method,
    url: `${scheme}://127.0.0.1:${port}/events/demo`,
    settings: { pollMs: 50, holdMs: 200 },
    ...o,
  });
  undo.push(() => w.lane.close());
  w.lane.start();
  return w;
}

/** Whatever it is, it becomes a drop to come back from, or a final refusal. */
const met = (w: WatchedLane) =>
  Promise.race([w.until('drop'), w.until('state', (s) => s.to === 'failed').then((s) => ({ ...s, detail: '' }))]);

const html = 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 16\r\n\r\n<h1>Sign in</h1>';

describe.each(METHODS)('%s meets', (method) => {
  it('a page of HTML', async () => {
    const port = await says((s) => s.write(html));
    const w = lane(method, port);
    const end = await met(w);
    expect(end.evidence).toBe(method === 'websocket' ? 'status:200' : 'protocol');
    expect(JSON.stringify(w.all('notice'))).toMatch(/text\/html/);
    const errors = w.all('notice').filter((n) => n.level === 'error');
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^The server answers .*text\/html.*\.$/),
        hint: expect.stringMatching(/^Check /),
      },
    ]);
    // an EventSource and a WebSocket give up here; a poll may get JSON from the same URL a minute later
    if (method === 'sse' || method === 'websocket') await w.until('state', (s) => s.to === 'failed');
    else await w.until('reconnect', (r) => r.attempt === 2);
    expect(w.all('notice').filter((n) => n.level === 'error')).toHaveLength(1);
  });

  it('a refusal that explains itself, and passes it on', async () => {
    const problem = JSON.stringify({ type: '/problems/malformed', detail: '"xx.yy" is not a\ncursor. Send another.' });
    const port = await says((s) => {
      s.write('HTTP/1.1 400 Bad\r\ncontent-type: application/problem+json\r\n');
      s.write(`content-length: ${problem.length}\r\n\r\n${problem.slice(0, 20)}`);
      setImmediate(() => s.write(problem.slice(20)));
    });
    const w = lane(method, port);
    await w.until('state', (s) => s.to === 'failed');
    const errors = w.all('notice').filter((n) => n.level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'refused-by-server' });
    expect(errors[0]!.message).toMatch(/^The .*400.*: "xx\.yy" is not a cursor\. Send another\.$/);
  });

  it('a refusal that begins to explain itself, and does not wait for ever', async () => {
    const port = await says((s) =>
      s.write('HTTP/1.1 400 Bad\r\ncontent-type: application/problem+json\r\ncontent-length: 100\r\n\r\n{"det'),
    );
    const w = lane(method, port, { clock: steadyClock(100) });
    expect((await met(w)).evidence).toMatch(/^(status:400|no-answer)$/);
  });

  it.each([
    [401, /--header/],
    [403, /--header/],
    [404, /^Check path, channel and dialect\.$/],
    [405, /does not come back/],
  ])('a %i, and names a way out', async (status, hint) => {
    const port = await says((s) => s.write(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));
    const w = lane(method, port);
    const notice = await w.until('notice', (n) => n.level === 'error');
    expect(notice.hint).toMatch(hint);
  });

  it.each([401, 403, 404])('a final %i', async (status) => {
    const port = await says((s) => s.write(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));
    const w = lane(method, port);
    const state = await w.until('state', (s) => s.to === 'failed');
    expect(state).toMatchObject({ reason: 'refused-by-server', evidence: `status:${status}` });
    expect(w.lane.snapshot().until).toBeNull();
  });

  it('a 503 that says when to come back, which is no drop', async () => {
    const port = await says((s) => s.write('HTTP/1.1 503 No\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n'));
    const w = lane(method, port, { settings: { retry: 'resilient' } });
    const state = await w.until('state', (s) => s.to === 'waiting');
    expect(state.reason).toBe('server-advice');
    expect(state.until! - state.at).toBeGreaterThanOrEqual(6990);
    expect(w.all('drop')).toEqual([]);
  });

  it('what is not HTTP at all', async () => {
    const port = await says((s) => s.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'));
    const end = await met(lane(method, port));
    expect(end).toMatchObject({
      evidence: 'protocol',
      detail: 'what answers there does not speak HTTP: check scheme, host and port',
    });
  });

  it('headers without an end', async () => {
    const port = await says((s) => {
      s.write('HTTP/1.1 200 OK\r\n');
      const more = (): void => {
        while (!s.destroyed && s.write(`x-${'y'.repeat(1000)}: z\r\n`));
        if (!s.destroyed) s.once('drain', more);
      };
      more();
    });
    const end = await met(lane(method, port));
    expect(end).toMatchObject({ evidence: 'protocol', detail: expect.stringContaining('64 KiB') });
  });

  it('a server that accepts and never answers', async () => {
    const port = await says(() => {});
    const w = lane(method, port, { clock: steadyClock(100) });
    const end = await met(w);
    expect(end.evidence).toBe('no-answer');
  });

  it('an address nobody answers on', async () => {
    const w = lane(method, 1, { clock: steadyClock(100), enter: () => new Promise(() => {}) });
    const end = await met(w);
    expect(end.evidence).toBe('connect-timeout');
  });

  it('a port nobody listens on, again and again, and can be stopped', async () => {
    const port = await says(() => {});
    await undo.pop()!();
    const w = lane(method, port);
    await w.until('drop', (d) => d.evidence === 'refused');
    await w.until('reconnect', (r) => r.attempt === 2);
    w.lane.stop();
    expect(w.lane.snapshot().state).toBe('stopped');
  });

  it('a redirect, and follows it', async () => {
    const port = await says((s) => s.write(html));
    const from = await says((s) =>
      s.write(`HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:${port}/x\r\ncontent-length: 0\r\n\r\n`),
    );
    const w = lane(method, from, { headers: { authorization: 'Bearer hush' } });
    await met(w);
    expect(JSON.stringify(w.all('notice'))).toMatch(/text\/html/);
  });

  it('a redirect to itself, and gives up', async () => {
    const port = await says((s) => {
      const turn = 'HTTP/1.1 302 Go\r\nlocation: /events/demo\r\ncontent-length: 0\r\n\r\n';
      s.write(turn);
      s.on('data', () => s.write(turn));
    });
    const end = await met(lane(method, port));
    expect(end.evidence).toBe('protocol');
  });

  it('a URL that is none, or a header that cannot be sent', async () => {
    const port = await says((s) => s.write(html));
    const w = lane(method, port, { headers: { 'a b': 'c' } });
    expect((await met(w)).evidence).toBe('protocol');
    const v = lane(method, port, { url: 'http://[' });
    expect((await met(v)).evidence).toBe('protocol');
  });
});

describe.each(['short-polling', 'long-polling'] as const)('%s meets', (method) => {
  it('an answer without an end', async () => {
    const port = await says((s) => {
      s.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n');
      const more = (): void => {
        while (!s.destroyed && s.write('x'.repeat(65_536)));
        if (!s.destroyed) s.once('drain', more);
      };
      more();
    });
    const end = await met(lane(method, port));
    expect(end).toMatchObject({ evidence: 'protocol', detail: expect.stringContaining('16 MiB') });
  });

  it.each([
    ['half a JSON', '{"events":[', 'not JSON'],
    ['another JSON', '{"error":"no"}', 'no list of events'],
    ['JSON that is null', 'null', 'no list of events'],
  ])('%s', async (_, body, words) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const port = await says((s) => s.write(head + body));
    const end = await met(lane(method, port));
    expect(end).toMatchObject({ evidence: 'protocol', detail: expect.stringContaining(words) });
  });

  it('chunks that are none', async () => {
    const port = await says((s) => s.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n'));
    expect((await met(lane(method, port))).evidence).toBe('protocol');
  });

  it('an answer that breaks off', async () => {
    const port = await says((s) => s.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"eve'));
    expect((await met(lane(method, port))).evidence).toBe('fin');
  });

  it('a gateway’s 504, and comes back', async () => {
    const port = await says((s) => s.write('HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n'));
    const w = lane(method, port);
    await w.until('drop', (d) => d.evidence === 'status:504');
    await w.until('reconnect', (r) => r.attempt === 2);
  });
});

it('a WebSocket that is told what is wrong says it in the server’s words, once', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'events.v1' });
  await once(server, 'listening');
  undo.push(() => server.close());
  server.on('connection', (ws) => {
    ws.send(
      JSON.stringify({ t: 'err', status: 400, code: 'malformed', message: '"xx" is no cursor.', hint: 'Try now.' }),
    );
    ws.close(4400, 'malformed');
  });
  const w = lane('websocket', (server.address() as net.AddressInfo).port);
  await w.until('state', (s) => s.to === 'failed');
  expect(w.all('notice').filter((n) => n.level === 'error')).toMatchObject([
    { message: 'The server answered 400: "xx" is no cursor.', hint: 'Try now.' },
  ]);
});

it('a long poll does not spin on empty answers that nobody held', async () => {
  let asked = 0;
  const server = http.createServer((_, res) => {
    asked++;
    res.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  const w = lane('long-polling', (server.address() as net.AddressInfo).port, { settings: { holdMs: 25_000 } });
  await w.until('notice', (n) => n.code === 'empty-too-soon');
  await w.until('reconnect', (r) => r.attempt === 2);
  expect(asked).toBeLessThanOrEqual(3);
  expect(w.all('drop')).toEqual([]);
  expect(w.all('response')[0]).toMatchObject({ status: 204, empty: true });
});

describe('a refusal in the server’s own words', () => {
  const refusal = (type: string, body: string): string =>
    `HTTP/1.1 400 No\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

  it.each([
    ['application/json', '{"code":1,"message":"Session ID unknown"}', 'Session ID unknown'],
    ['application/json', '{"error":{"message":"No such model"}}', 'No such model'],
    ['text/plain', 'Missing tenant\n', 'Missing tenant'],
    ['text/html; charset=utf-8', '<html><title>Sign in first</title><p>.</p></html>', 'Sign in first'],
  ])('is shown (%s)', async (type, body, words) => {
    const port = await says((s) => s.write(refusal(type, body)));
    for (const method of ['short-polling', 'sse', 'websocket'] as const) {
      const w = lane(method, port);
      await w.until('state', (s) => s.to === 'failed');
      expect(w.all('notice').find((n) => n.level === 'error')?.message).toContain(words);
    }
  });
});

describe('what a status comes to', () => {
  const answers = (status: number, more = ''): Promise<number> =>
    says((s) => s.write(`HTTP/1.1 ${status} No\r\n${more}content-length: 0\r\n\r\n`));

  it.each([[402], [409], [422]])('any other 4xx, such as %i, stops pollers and sockets', async (status) => {
    const port = await answers(status);
    for (const method of ['short-polling', 'long-polling', 'websocket'] as const) {
      await lane(method, port).until('state', (s) => s.to === 'failed' && s.evidence === `status:${status}`);
    }
  });

  it.each([[500], [501], [505]])('a %i is tried again by pollers, sockets and a resilient stream', async (status) => {
    const port = await answers(status);
    for (const method of ['short-polling', 'websocket', 'sse'] as const) {
      const w = lane(method, port, { settings: { retry: 'resilient', backoff: 'none', pollMs: 50 } });
      await w.until('reconnect', (r) => r.attempt === 2);
    }
  });

  it.each([[408], [425], [429]])('a %i with Retry-After is advice', async (status) => {
    const port = await answers(status, 'retry-after: 7\r\n');
    const w = lane('short-polling', port);
    expect(await w.until('state', (s) => s.to === 'waiting')).toMatchObject({ reason: 'server-advice' });
  });

  it('a stream is over after 503, whatever it advises, and the lane says that an EventSource is too', async () => {
    const w = lane('sse', await answers(503, 'retry-after: 1\r\n'));
    await w.until('state', (s) => s.to === 'failed');
    expect(w.all('notice').find((n) => n.level === 'error')?.hint).toMatch(/EventSource.*resilient/);
  });

  it('a 204 ends a stream for good, and is named', async () => {
    const w = lane('sse', await says((s) => s.write('HTTP/1.1 204 No Content\r\n\r\n')));
    await w.until('state', (s) => s.to === 'failed');
    expect(w.all('notice')).toEqual([expect.objectContaining({ code: 'ended-by-204', level: 'info' })]);
  });
});

it('a redirect to a login page is named', async () => {
  const server = http.createServer((req, res) => {
    if (req.url?.startsWith('/login')) res.writeHead(200, { 'content-type': 'text/html' }).end('hi');
    else res.writeHead(302, { location: '/login?next=secret' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  for (const method of ['sse', 'short-polling'] as const) {
    const notice = await lane(method, port).until('notice', (n) => n.level === 'error');
    expect(notice.message).toMatch(/^The request was redirected to http:\/\/127\.0\.0\.1:\d+\/login, which answers/);
    expect(notice.hint).toMatch(/login page/);
  }
});

it('a server that speaks HTTP/2 only is named', async () => {
  const settingsFrame = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const port = await says((s) => s.write(settingsFrame));
  for (const method of ['sse', 'websocket'] as const) {
    expect(await lane(method, port).until('drop')).toMatchObject({ detail: expect.stringContaining('HTTP/2 only') });
  }
});

describe('an event stream meets', () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';

  it('a line of 10 MB, and keeps what came before', async () => {
    const port = await says((s) => {
      s.write(`${head}id: abcd.1\ndata: fine\n\ndata: `);
      s.write('x'.repeat(10_000_000));
    });
    const w = lane('sse', port);
    const end = await w.until('drop');
    expect(end).toMatchObject({ evidence: 'protocol', detail: 'a line is longer than 1 MiB' });
    expect(w.data()).toEqual(['fine']);
    expect(w.lane.snapshot().cursor).toBe('abcd.1');
    await w.until('reconnect');
  });

  it('204, and stays away', async () => {
    const port = await says((s) => s.write('HTTP/1.1 204 No Content\r\n\r\n'));
    const w = lane('sse', port);
    expect(await w.until('state', (s) => s.to === 'failed')).toMatchObject({ reason: 'ended', evidence: 'status:204' });
    expect(w.all('drop')).toEqual([]);
  });

  it('502, and gives up as an EventSource does, unless the dialect says otherwise', async () => {
    const port = await says((s) => s.write('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'));
    await lane('sse', port).until('state', (s) => s.to === 'failed' && s.evidence === 'status:502');
    const patient = dialectFrom('methods: {sse: {after: {status: {502: retry}}}}');
    await lane('sse', port, { dialect: patient }).until('reconnect', (r) => r.attempt === 2);
  });

  it('an end that is complete, and one that is not', async () => {
    const whole = await says((s) =>
      s.write(head.replace('\r\n\r\n', '\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n')),
    );
    expect(await lane('sse', whole).until('drop')).toMatchObject({ evidence: 'clean-end', by: 'server' });
    const broken = await says((s) => s.end(`${head}: hi\n\n`));
    expect(await lane('sse', broken).until('drop')).toMatchObject({ evidence: 'fin', by: 'unknown' });
  });
});

describe('a WebSocket meets', () => {
  async function sockets(fn: (ws: import('ws').WebSocket) => void): Promise<number> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    undo.push(() => {
      for (const c of server.clients) c.terminate();
      server.close();
    });
    server.on('connection', (ws) => {
      ws.on('error', () => {});
      fn(ws);
    });
    return (server.address() as net.AddressInfo).port;
  }

  it('a frame over the limit', async () => {
    const port = await sockets((ws) => ws.send(Buffer.alloc(17 * 1024 * 1024)));
    const w = lane('websocket', port, { dialect: 'plain' });
    expect(await w.until('drop')).toMatchObject({ evidence: 'protocol' });
    expect(w.all('notice').some((n) => n.code === 'bad-frame')).toBe(true);
    await w.until('reconnect');
  });

  it('a frame that is none', async () => {
    const port = await sockets((ws) =>
      (ws as unknown as { _socket: net.Socket })._socket.write(Buffer.from([0xff, 0x00])),
    );
    expect(await lane('websocket', port, { dialect: 'plain' }).until('drop')).toMatchObject({ evidence: 'protocol' });
  });

  it('messages that are not events.v1, and goes on', async () => {
    const port = await sockets((ws) => {
      for (const text of ['hello', '[]', 'null', '{"t":3}', '{"t":"mystery"}']) ws.send(text);
      ws.send('{"t":"ev","ch":"demo","cursor":"abcd.1","type":"tick","time":1,"data":"fine"}');
    });
    const w = lane('websocket', port);
    await w.until('event');
    expect(w.data()).toEqual(['fine']);
    expect(w.all('notice').filter((n) => n.code === 'bad-message')).toHaveLength(4);
  });

  it.each([
    [1000, '', 'failed', null],
    [1001, '', 'waiting', null],
    [1008, 'no', 'failed', null],
    [1011, '', 'waiting', 'close:1011'],
    [1012, '{"retryMs":4000}', 'waiting', null],
    [1013, '', 'waiting', 'close:1013'],
    [4400, '', 'failed', null],
    [4429, '', 'waiting', 'close:4429'],
  ] as const)('close %i %s', async (code, reason, to, drop) => {
    const port = await sockets((ws) => ws.close(code, reason));
    const w = lane('websocket', port);
    const state = await w.until('state', (s) => s.to === to);
    if (drop) expect(w.all('drop')[0]).toMatchObject({ evidence: drop, by: 'server' });
    if (code === 1012) expect(state.until! - state.at).toBeGreaterThanOrEqual(3990);
    if (code === 1013 || code === 4429) expect(state.until! - state.at).toBeGreaterThanOrEqual(9990);
  });

  it('a close frame without a code, and a FIN without a close frame', async () => {
    const bare = await sockets((ws) => ws.close());
    expect(await lane('websocket', bare).until('drop')).toMatchObject({ evidence: 'clean-end', by: 'server' });
    const fin = await sockets((ws) => (ws as unknown as { _socket: net.Socket })._socket.end());
    expect(await lane('websocket', fin).until('drop')).toMatchObject({ evidence: 'fin' });
    const rst = await sockets((ws) => (ws as unknown as { _socket: net.Socket })._socket.resetAndDestroy());
    expect(await lane('websocket', rst).until('drop')).toMatchObject({ evidence: 'rst' });
  });

  it('pings, and answers unless muted; pings itself, and gives up without a pong', async () => {
    let pongs = 0;
    const port = await sockets((ws) => {
      ws.on('pong', () => pongs++);
      ws.ping('1');
      ws.pong = () => {}; // deaf to the client's pings
    });
    const muted = lane('websocket', port, { settings: { pongs: false } });
    await muted.until('heartbeat', (h) => h.kind === 'ping' && h.dir === 'in');
    const w = lane('websocket', port, { settings: { pingMs: 200 } });
    await w.until('heartbeat', (h) => h.kind === 'pong' && h.dir === 'out');
    await w.until('heartbeat', (h) => h.kind === 'ping' && h.dir === 'out');
    expect(await w.until('drop')).toMatchObject({ evidence: 'silence', cause: 'pong-deadline', by: 'client' });
    expect(pongs).toBe(1);
  });
});

it('one lane’s ruin leaves the others alone', async () => {
  const bad = await says((s) => s.write('\0\0\0'));
  const good = await says((s) => {
    s.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n');
    s.write('data: still here\n\n');
  });
  const ruined = lane('sse', bad);
  const fine = lane('sse', good, { dialect: 'plain' });
  await ruined.until('reconnect', (r) => r.attempt === 2);
  await fine.until('event');
  expect(fine.lane.snapshot().state).toBe('open');
});
