import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveVia } from '../../../../../src/shared/path/resolve.ts';
import type { End } from '../../sockets.ts';
import { eventually, get, head, HttpRig, piece, STREAM, UPGRADE } from '../rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());
/** A minute takes six tenths of a second. */
const start = async (...via: string[]): Promise<HttpRig> => (rig = await new HttpRig({ scale: 100 }).start(via));
const SWITCH = head('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade');
const EVENT = piece('data: 1\n\n');

async function open(text?: string): Promise<{ client: End; origin: End }> {
  const client = await rig.client();
  return { client, origin: await rig.ask(client, text) };
}

async function stream(): Promise<{ client: End; origin: End }> {
  const both = await open(get('/sse'));
  both.origin.write(STREAM);
  await eventually(() => both.client.text.includes('200 OK'));
  return both;
}

async function socket(): Promise<{ client: End; origin: End }> {
  const both = await open(UPGRADE);
  both.origin.write(SWITCH);
  await eventually(() => both.client.text.includes('101'));
  return both;
}

describe('an idle limit', () => {
  it('may never fire before a delay of its own', async () => {
    await start('http-idle-timeout:after=20s,late-least=20s,late=25s');
    const { client } = await open();
    const asked = rig.clock.now();
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    expect(rig.clock.now() - asked).toBeGreaterThanOrEqual(39_000);
  });

  it('gives a held poll an answer of its own, keeps the client and ends the origin', async () => {
    await start('keep-alive+http-idle-timeout:after=20s,poll=503,origin=rst');
    const { client, origin } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 503 '));
    await eventually(() => origin.seen.includes('rst'));
    expect(client.seen).toEqual([]);
    await rig.ask(client, get('/again'));
    expect(rig.facts).toContainEqual(
      expect.objectContaining({
        type: 'fault',
        name: 'http-idle-timeout',
        action: 'fire',
        detail: '20 s without a byte: 503 / rst',
      }),
    );
  });

  it.each([['fin'], ['rst']])('may give a poll nothing but %s', async (kind) => {
    await start(`http-idle-timeout:after=20s,poll=${kind}`);
    const { client } = await open();
    await eventually(() => client.seen.includes(kind));
    expect(client.text).toBe('');
  });

  it('cuts a silent stream short, or ends it as if it were complete', async () => {
    await start('http-idle-timeout:after=20s');
    const cut = await stream();
    await eventually(() => cut.client.seen.includes('fin') && cut.origin.seen.includes('fin'));
    expect(cut.client.text).not.toContain('0\r\n\r\n');
    rig.set('http-idle-timeout:after=20s,stream=clean');
    const clean = await stream();
    await eventually(() => clean.client.text.endsWith('0\r\n\r\n') && clean.origin.seen.includes('fin'));
    expect(clean.client.seen).toEqual([]);
  });

  it('begins anew with every byte, a comment included', async () => {
    await start('http-idle-timeout:after=60s');
    const { client, origin } = await stream();
    for (let i = 0; i < 8; i++) {
      await rig.clock.sleep(20_000);
      origin.write(piece(': hb\n\n'));
    }
    expect(client.seen).toEqual([]);
    await eventually(() => client.seen.includes('fin'));
  });

  it('may count the origin’s bytes only', async () => {
    await start('http-idle-timeout:after=60s,resets=down');
    const { client } = await socket();
    const began = rig.clock.now();
    while (!client.seen.includes('fin') && rig.clock.now() - began < 600_000) {
      if (!client.socket.destroyed) client.write('ping');
      await rig.clock.sleep(10_000);
    }
    expect(client.seen).toContain('fin');
    expect(rig.clock.now() - began).toBeLessThan(300_000);
  });

  it('may count the client’s bytes only, in a WebSocket', async () => {
    await start('bunny:idle-timeout=60s');
    const { client, origin } = await socket();
    const sse = await open(get('/sse'));
    sse.origin.write(STREAM + EVENT);
    const beat = setInterval(() => {
      if (!origin.socket.destroyed) origin.write('\x89\x00');
      if (!sse.origin.socket.destroyed) sse.origin.write(EVENT);
    }, 50);
    for (let i = 0; i < 6; i++) {
      client.write('\x8a\x80\x00\x00\x00\x00');
      await rig.clock.sleep(20_000);
    }
    expect(client.seen).toEqual([]);
    await eventually(() => client.seen.includes('fin'));
    clearInterval(beat);
    expect(sse.client.seen).toEqual([]);
  });

  it('is lazy where nginx is: bytes soon after others do not move the end', async () => {
    rig = await new HttpRig({ scale: 20 }).start(['http-idle-timeout:after=20s,lazy=10s']); // slower: this one is timed
    const { client, origin } = await stream();
    const began = rig.clock.now();
    await rig.clock.sleep(8000);
    origin.write(EVENT);
    await eventually(() => client.seen.includes('fin'));
    expect(rig.clock.now() - began).toBeLessThan(27_000); // 20 s, not 28
  });

  it('may be late by a share of itself, but only for a stream', async () => {
    rig = await new HttpRig({ scale: 20 }).start(['http-idle-timeout:after=20s,late-share=100']); // slower: this one is timed
    const lates: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { client } = await stream();
      const began = rig.clock.now();
      await eventually(() => client.seen.includes('fin'));
      lates.push(rig.clock.now() - began - 20_000);
    }
    expect(Math.max(...lates)).toBeGreaterThan(6000);
    expect(Math.max(...lates)).toBeLessThan(24_000);
    const polls = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const client = await rig.client();
        client.write(get('/held'));
        const asked = rig.clock.now();
        await eventually(() => client.text.startsWith('HTTP/1.1 504'));
        return rig.clock.now() - asked;
      }),
    );
    expect(Math.max(...polls)).toBeLessThan(23_000);
  });

  it('of Varnish is one of a stream, late by at most a twentieth', async () => {
    rig = await new HttpRig({ scale: 20 }).start(['varnish:idle-timeout=10s']);
    const { client } = await open();
    const asked = rig.clock.now();
    await eventually(() => client.text.startsWith('HTTP/1.1 503'));
    expect(rig.clock.now() - asked).toBeLessThan(11_000);
  });

  it('leaves WebSockets alone when told to, or closes them with 1001', async () => {
    await start('http-idle-timeout:after=20s,ws=close-1001');
    const { client, origin } = await socket();
    await eventually(() => client.seen.includes('fin') && origin.seen.includes('fin'));
    expect(client.text.endsWith('\x88\x02\x03\xe9')).toBe(true);
    rig.set('http-idle-timeout:after=20s,ws=none');
    const spared = await socket();
    await rig.clock.sleep(40_000);
    expect(spared.client.seen).toEqual([]);
  });

  it('has another limit before the answer begins, and may not tell the origin', async () => {
    await start('heroku:http-idle-timeout.first-byte=10s');
    const { client, origin } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 503'));
    expect(origin.seen).toEqual([]);
  });
});

describe('an error of the proxy’s own', () => {
  it.each([
    ['nginx-tuned', 'HTTP/1.1 504 Gateway Time-out', '<h1>504 Gateway Time-out</h1>'],
    ['haproxy', 'HTTP/1.1 504 Gateway Time-out', '<h1>504'],
    ['apache', 'HTTP/1.1 502 Proxy Error', '<h1>502 Proxy Error</h1>'],
    ['varnish', 'HTTP/1.1 503 Backend fetch failed', '<h1>503'],
    ['caddy-read-timeout', 'HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0', null],
    ['cloudflare', 'HTTP/1.1 524 A Timeout Occurred', '<h1>524'],
    ['fastly', 'HTTP/1.1 503 first byte timeout', '<h1>503'],
  ])('reads as that of %s', async (preset, first, page) => {
    await start(`${preset}:idle-timeout=20s`);
    const { client } = await open();
    await eventually(() => client.text.includes('\r\n\r\n'));
    expect(client.text.startsWith(first)).toBe(true);
    const body = client.text.slice(client.text.indexOf('\r\n\r\n') + 4);
    if (page === null) expect(body).toBe('');
    else expect(body).toContain(page);
  });

  it('is not taken for a refusal that has nothing to do with the origin', async () => {
    await start('error-status:first=9+varnish');
    const client = await rig.client();
    client.write(get('/'));
    await eventually(() => client.text.startsWith('HTTP/1.1 503 Service Unavailable'));
  });

  it('takes the place of a stream that was held to its end', async () => {
    await start('aws-api-gateway-http');
    const { client, origin } = await open(get('/sse'));
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith('{"message":"Service Unavailable"}'));
    expect(client.text.startsWith('HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json')).toBe(true);
    expect(client.text).not.toContain('200 OK');
    rig.set('app-engine:http-lifetime=20s');
    const second = await open(get('/sse'));
    second.origin.write(STREAM + EVENT);
    await eventually(() => second.client.text.startsWith('HTTP/1.1 500 '));
  });

  it('is 408 where a request does not go on', async () => {
    await start('aws-alb:idle-timeout=20s');
    const { client, origin } = await open('POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 9\r\n\r\nhalf');
    for (let i = 0; i < 3; i++) {
      await rig.clock.sleep(10_000);
      client.write('.'); // what goes on is not silent
    }
    expect(client.text).toBe('');
    await eventually(() => client.text.startsWith('HTTP/1.1 408 Request Timeout') && client.seen.includes('fin'));
    await eventually(() => origin.seen.includes('fin'));
  });
});

describe('names of fields', () => {
  it.each([
    ['haproxy', 'x-asked', 'x-said-it'],
    ['caddy', 'X-Asked', 'X-Said-It'],
    ['nginx-tuned', 'X-aSked', 'X-saiD-It'],
  ])('behind %s are %s and %s', async (preset, request, answer) => {
    await start(preset);
    const { client, origin } = await open(get('/', 'X-aSked: 1'));
    expect(origin.text).toContain(`\r\n${request}: 1\r\n`);
    origin.write(head('204 No Content', 'X-saiD-It: 1'));
    await eventually(() => client.text.includes(`\r\n${answer}: 1\r\n`));
  });
});

describe('an age', () => {
  it('ends a stream in spite of its heartbeats', async () => {
    await start('http-lifetime:after=30s');
    const { client, origin } = await stream();
    const beat = setInterval(() => origin.write(EVENT), 50);
    await eventually(() => client.seen.includes('fin'));
    clearInterval(beat);
    expect(client.text).toContain('data: 1');
  });

  it('may be another for WebSocket', async () => {
    await start('gcp-api-gateway:idle-timeout.websocket=12h,http-lifetime.websocket=2m');
    const { client } = await socket();
    const began = rig.clock.now();
    const sse = await stream();
    await eventually(() => sse.client.seen.includes('fin'));
    expect(client.seen).toEqual([]);
    await eventually(() => client.seen.includes('fin'));
    expect(rig.clock.now() - began).toBeGreaterThan(110_000);
  });

  it('in Go is noticed by the first byte written past it', async () => {
    await start('write-timeout:after=20s');
    const { client, origin } = await stream();
    await rig.clock.sleep(40_000);
    expect(client.seen).toEqual([]);
    origin.write(EVENT);
    await eventually(() => client.seen.includes('fin') && origin.seen.includes('fin'));
    expect(client.text).not.toContain('data: 1');
    const poll = await open();
    await rig.clock.sleep(30_000);
    poll.origin.write(head('204 No Content'));
    await eventually(() => poll.client.seen.includes('fin'));
    expect(poll.client.text).toBe('');
  });
});

describe('a handshake', () => {
  it('reaches the origin as a plain GET', async () => {
    await start('upgrade');
    const { origin } = await open(UPGRADE);
    expect(origin.text).not.toMatch(/upgrade: websocket/i);
  });

  it('is refused, or never answered', async () => {
    await start('upgrade:how=403');
    const refused = await rig.client();
    refused.write(UPGRADE);
    await eventually(() => refused.text.startsWith('HTTP/1.1 403'));
    expect(rig.heads()).toBe(0);
    rig.set('upgrade:how=hang');
    const { client, origin } = await open(UPGRADE);
    expect(origin.text).toMatch(/upgrade: websocket/i);
    origin.write(SWITCH);
    await rig.clock.sleep(10_000);
    expect(client.text).toBe('');
  });
});

describe('a gateway for WebSocket alone', () => {
  it('refuses streams and polls', async () => {
    await start('aws-api-gateway-websocket');
    const client = await rig.client();
    client.write(get('/sse', 'Accept: text/event-stream'));
    await eventually(() => client.text.startsWith('HTTP/1.1 426 Upgrade Required'));
    expect(rig.heads()).toBe(0);
    await socket();
  });
});

describe('buffering', () => {
  it('holds head and events until there is a block', async () => {
    await start('buffer:bytes=20B');
    const { client, origin } = await open();
    origin.write(STREAM + piece('a'.repeat(15)));
    await rig.clock.sleep(5000);
    expect(client.text).toBe('');
    origin.write(piece('b'.repeat(15)));
    await eventually(() => client.text.includes(piece('a'.repeat(15) + 'b'.repeat(5))));
    origin.write('0\r\n\r\n');
    await eventually(() => client.text.endsWith(piece('b'.repeat(10)) + '0\r\n\r\n'));
  });

  it('throws away what it holds at the idle limit: a head, no event, FIN', async () => {
    await start('nginx-default:idle-timeout=20s');
    const { client, origin } = await open();
    origin.write(head('200 OK', 'Content-Type: text/event-stream') + 'data: 1\n\n');
    await eventually(() => client.seen.includes('fin'));
    expect(client.text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(client.text).not.toContain('data');
    expect(origin.text).toContain('HTTP/1.0');
  });

  it('is turned off by X-Accel-Buffering: no where that is honoured', async () => {
    await start('nginx-default');
    const { client, origin } = await open();
    origin.write(head('200 OK', 'X-Accel-Buffering: no') + 'data: 1\n\n');
    await eventually(() => client.text.includes('data: 1'));
    expect(client.text).not.toMatch(/x-accel/i);
  });

  it('holds the head alone until the first byte', async () => {
    await start('buffer:hold=first-byte');
    const { client, origin } = await open();
    origin.write(STREAM);
    await rig.clock.sleep(5000);
    expect(client.text).toBe('');
    origin.write(EVENT);
    await eventually(() => client.text.endsWith(EVENT));
  });

  it('waits a moment for company', async () => {
    await start('buffer:hold=delay,time=20s');
    const { client, origin } = await open();
    origin.write(STREAM + EVENT);
    await rig.clock.sleep(5000);
    expect(client.text).toBe('');
    await eventually(() => client.text.endsWith(EVENT));
  });
});

describe('gzip', () => {
  it('delivers each event with the next one, in a body that can be read', async () => {
    await start('gzip:hold=one-behind');
    const { client, origin } = await open(get('/sse', 'Accept-Encoding: gzip'));
    origin.write(head('200 OK', 'Content-Type: text/event-stream', 'Transfer-Encoding: chunked', 'ETag: "a"'));
    origin.write(EVENT);
    await eventually(() => client.text.includes('gzip'));
    await rig.clock.sleep(5000);
    const body = (): Buffer => Buffer.from(unchunk(client.text), 'latin1');
    expect(body()).toHaveLength(0);
    origin.write(piece('data: 2\n\n'));
    await eventually(() => body().length > 0);
    expect(client.text).toContain('ETag: W/"a"');
    origin.write('0\r\n\r\n');
    await eventually(() => client.text.endsWith('0\r\n\r\n'));
    expect(gunzipSync(body()).toString()).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('adds to what an answer varies by', async () => {
    await start('gzip:hold=prompt');
    const { client, origin } = await open(get('/', 'Accept-Encoding: gzip'));
    origin.write(head('200 OK', 'Content-Type: text/plain', 'Content-Length: 2', 'Vary: Origin') + 'ok');
    await eventually(() => client.text.includes('Content-Encoding: gzip'));
    expect(client.text).toContain('Vary: Origin, Accept-Encoding\r\n');
  });

  it('is for those who ask', async () => {
    await start('gzip');
    const { client, origin } = await open();
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith(EVENT));
  });
});

describe('an origin that dies', () => {
  it('gives a poll 502, and a stream a cut or a clean end', async () => {
    await start('origin-dies:rst=clean');
    const poll = await open();
    poll.origin.socket.destroy();
    await eventually(() => poll.client.text.startsWith('HTTP/1.1 502'));
    const cut = await stream();
    cut.origin.write(EVENT);
    cut.origin.socket.end();
    await eventually(() => cut.client.seen.includes('fin'));
    expect(cut.client.text.endsWith(EVENT)).toBe(true);
    const clean = await stream();
    clean.origin.socket.resetAndDestroy();
    await eventually(() => clean.client.text.endsWith('0\r\n\r\n'));
  });

  it('may leave a stream open and silent', async () => {
    await start('origin-dies:fin=hang');
    const { client, origin } = await stream();
    origin.socket.end();
    await rig.clock.sleep(10_000);
    expect(client.seen).toEqual([]);
  });
});

describe('a client that leaves', () => {
  it('is not noticed until the origin sends something', async () => {
    await start('client-leaves:told=on-write,as=rst');
    const { client, origin } = await stream();
    client.socket.destroy();
    await rig.clock.sleep(10_000);
    expect(origin.seen).toEqual([]);
    origin.write(EVENT);
    await eventually(() => origin.seen.includes('rst'));
  });

  it('is noticed at once by its RST, by its FIN with the next bytes', async () => {
    await start('client-leaves:told=on-reset');
    const reset = await stream();
    reset.client.socket.resetAndDestroy();
    await eventually(() => reset.origin.seen.includes('fin'));
    const { client, origin } = await stream();
    client.socket.destroy();
    await rig.clock.sleep(10_000);
    expect(origin.seen).toEqual([]);
    await eventually(() => {
      if (origin.socket.writable) origin.write(EVENT);
      return origin.seen.includes('fin');
    });
  });

  it('is never noticed', async () => {
    await start('client-leaves:told=never');
    const { client, origin } = await stream();
    client.socket.resetAndDestroy();
    for (let i = 0; i < 5; i++) {
      origin.write(EVENT);
      await rig.clock.sleep(2000);
    }
    expect(origin.seen).toEqual([]);
  });
});

describe('keep-alive', () => {
  it('may close after each answer, errors of its own excepted', async () => {
    await start('http-idle-timeout:after=20s+keep-alive:idle=5m,after=closed');
    const { client } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    const again = await rig.ask(client, get('/again'));
    expect(client.seen).toEqual([]);
    again.write(head('204 No Content'));
    await eventually(() => client.seen.includes('fin'));
    expect(client.text).toContain('204 No Content\r\nConnection: close');
  });

  it('ends an idle connection, or every one', async () => {
    await start('keep-alive:idle=10s');
    const { client, origin } = await open();
    origin.write(head('204 No Content'));
    await eventually(() => client.seen.includes('fin'));
    rig.set('keep-alive:idle=0s');
    const once = await open();
    once.origin.write(head('204 No Content'));
    await eventually(() => once.client.seen.includes('fin'));
    expect(once.client.text).toContain('Connection: close');
  });
});

describe('statuses and redirects', () => {
  it('refuses the first requests, with advice', async () => {
    await start('error-status:status=429,first=2,retry-after=7s');
    const client = await rig.client();
    client.write(get('/1') + get('/2'));
    await eventually(() => client.text.match(/HTTP\/1\.1 429 /g)?.length === 2);
    expect(client.text).toContain('Retry-After: 7');
    expect(rig.heads()).toBe(0);
    await rig.ask(client, get('/3'));
  });

  it('refuses every other one', async () => {
    await start('error-status:every=2');
    const { client, origin } = await open(get('/1'));
    origin.write(head('204 No Content'));
    await eventually(() => client.text.includes('204'));
    client.write(get('/2'));
    await eventually(() => client.text.includes('503'));
  });

  it('counts for each of two equal steps', async () => {
    await start('error-status:every=2+error-status:every=2');
    const client = await rig.client();
    const statuses: string[] = [];
    for (let i = 1; i <= 6; i++) {
      const n = rig.heads();
      client.write(get(`/${i}`));
      const answered = (): number => client.text.match(/HTTP\/1\.1 \d+/g)?.length ?? 0;
      await eventually(() => rig.heads() > n || answered() === i);
      if (rig.heads() > n) rig.arrived.at(-1)!.write(head('204 No Content'));
      await eventually(() => answered() === i);
      statuses.push(
        client.text
          .match(/HTTP\/1\.1 (\d+)/g)!
          .at(-1)!
          .slice(9),
      );
    }
    expect(statuses).toEqual(['204', '503', '503', '503', '204', '503']);
  });

  it.each([
    ['every=1', 'every one'],
    ['every=2', 'every 2nd'],
    ['every=3', 'every 3rd'],
    ['every=4', 'every 4th'],
    ['every=11', 'every 11th'],
    ['every=22', 'every 22nd'],
  ])('is called in English: %s is %s', (typed, words) => {
    expect(resolveVia([`error-status:${typed}`]).label).toBe(`503 for ${words}`);
  });

  it('sends a client to a login page', async () => {
    await start('redirect');
    const client = await rig.client();
    client.write(get('/poll'));
    await eventually(() => client.text.includes('Location: /login'));
  });
});

describe('retries', () => {
  it('ask the origin again and again, then give up', async () => {
    await start('retry:times=2+http-idle-timeout:after=5s');
    const { client } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    expect(rig.heads()).toBe(3);
  });

  const ask = async (text: string): Promise<{ client: End; asked: number }> => {
    const before = rig.heads();
    const client = await rig.client();
    client.write(text);
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    return { client, asked: rig.heads() - before };
  };

  it('are made of GET and PUT, body and all, but not of POST', async () => {
    await start('retry+http-idle-timeout:after=5s');
    expect((await ask(get('/'))).asked).toBe(2);
    expect((await ask('PUT / HTTP/1.1\r\nHost: o\r\nContent-Length: 3\r\n\r\nx=1')).asked).toBe(2);
    expect(rig.arrived.slice(-2).map((origin) => origin.text.endsWith('\r\n\r\nx=1'))).toEqual([true, true]);
    expect((await ask('POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 0\r\n\r\n')).asked).toBe(1);
    expect((await ask('POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 3\r\n\r\nx=1')).asked).toBe(1);
    rig.set('retry:methods=safe+http-idle-timeout:after=5s');
    expect((await ask('PUT / HTTP/1.1\r\nHost: o\r\nContent-Length: 0\r\n\r\n')).asked).toBe(1);
    rig.set('retry:methods=all+http-idle-timeout:after=5s');
    expect((await ask('POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 0\r\n\r\n')).asked).toBe(2);
  });

  it('of a body in chunks send it whole again', async () => {
    await start('retry+http-idle-timeout:after=5s');
    const chunked = `${piece('one')}${piece('two')}0\r\n\r\n`;
    await ask(`PUT / HTTP/1.1\r\nHost: o\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`);
    const bodies = rig.arrived.map((origin) => unchunk(origin.text));
    expect(bodies).toEqual(['onetwo', 'onetwo']);
  });

  it('follow a reset behind nginx with two servers', async () => {
    await start('nginx-two-upstreams');
    const { client, origin } = await open();
    origin.socket.resetAndDestroy();
    await eventually(() => rig.heads() === 2);
    rig.arrived.at(-1)!.socket.resetAndDestroy();
    await eventually(() => client.text.startsWith('HTTP/1.1 502'));
    expect(rig.heads()).toBe(2);
  });
});

describe('a cache', () => {
  it('gives out an answer nobody allowed it to keep, and answers 304 by itself', async () => {
    await start('cache');
    const { client, origin } = await open(get('/poll'));
    origin.write(head('200 OK', 'Content-Length: 2', 'ETag: "a"') + 'v1');
    await eventually(() => client.text.endsWith('v1'));
    client.write(get('/poll'));
    await eventually(() => client.text.match(/v1/g)?.length === 2);
    client.write(get('/poll', 'If-None-Match: W/"a"'));
    await eventually(() => client.text.includes('304 Not Modified'));
    expect(rig.heads()).toBe(1);
  });

  it('that keeps nothing still answers 304 by itself', async () => {
    await start('cache:keeps=0s');
    const { client, origin } = await open(get('/poll', 'If-None-Match: "a"'));
    expect(origin.text).not.toContain('If-None-Match');
    origin.write(head('200 OK', 'Content-Length: 2', 'ETag: "a"') + 'v1');
    await eventually(() => client.text.includes('304 Not Modified'));
    await rig.ask(client, get('/poll'));
    expect(rig.heads()).toBe(2);
  });

  it('replays a stream that is still coming, from its beginning, to the next client', async () => {
    await start('cache');
    const { client, origin } = await open(get('/sse'));
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith(EVENT));
    const second = await rig.client();
    second.write(get('/sse'));
    await eventually(() => second.text.endsWith(EVENT));
    origin.write(piece('data: 2\n\n') + '0\r\n\r\n');
    await eventually(() => second.text.endsWith(piece('data: 2\n\n') + '0\r\n\r\n'));
    expect(rig.heads()).toBe(1);
  });

  it('breaks off for all when the origin does', async () => {
    await start('cache');
    const { client, origin } = await open(get('/sse'));
    origin.write(STREAM + EVENT);
    await eventually(() => client.text.endsWith(EVENT));
    const second = await rig.client();
    second.write(get('/sse'));
    await eventually(() => second.text.endsWith(EVENT));
    origin.socket.destroy();
    await eventually(() => client.seen.includes('fin') && second.seen.includes('fin'));
    await rig.ask(await rig.client(), get('/sse')); // and nothing was kept
  });

  it('does not keep what it is told not to keep', async () => {
    await start('cache');
    const { client, origin } = await open(get('/poll'));
    origin.write(head('200 OK', 'Content-Length: 2', 'Cache-Control: no-store') + 'v1');
    await eventually(() => client.text.endsWith('v1'));
    await rig.ask(client, get('/poll'));
  });

  it('keeps even that where a rule says so', async () => {
    await start('cache:control=ignored');
    const { client, origin } = await open(get('/poll'));
    origin.write(head('200 OK', 'Content-Length: 2', 'Cache-Control: no-store') + 'v1');
    await eventually(() => client.text.endsWith('v1'));
    const second = await rig.client();
    second.write(get('/poll'));
    await eventually(() => second.text.endsWith('v1'));
    expect(rig.heads()).toBe(1);
  });
});

describe('collapsing', () => {
  const all = async (n: number): Promise<End[]> => {
    const clients = await Promise.all(Array.from({ length: n }, () => rig.client()));
    for (const client of clients) client.write(get('/lp'));
    return clients;
  };

  it('makes held polls take turns', async () => {
    await start('collapse:how=serialise');
    const clients = await all(3);
    for (let n = 1; n <= 3; n++) {
      await eventually(() => rig.heads() === n);
      await rig.clock.sleep(2000);
      expect(rig.heads()).toBe(n);
      rig.arrived.at(-1)!.write(head('204 No Content'));
      await eventually(() => clients.filter((c) => c.text.includes('204')).length === n);
    }
  });

  it('gives the rest one answer after the first has had its own', async () => {
    await start('collapse:how=rest-shares');
    const clients = await all(4);
    await eventually(() => rig.heads() === 1);
    rig.arrived[0]!.write(head('204 No Content'));
    await eventually(() => rig.heads() === 2);
    rig.arrived.at(-1)!.write(head('200 OK', 'Content-Length: 6') + 'shared');
    await eventually(() => clients.filter((c) => c.text.endsWith('shared')).length === 3);
    expect(rig.heads()).toBe(2);
  });

  it('lets the rest go together after the first, or shares its answer from a cache', async () => {
    await start('collapse');
    await all(3);
    await eventually(() => rig.heads() === 1);
    rig.arrived[0]!.write(head('204 No Content'));
    await eventually(() => rig.heads() === 3);
    rig.set('collapse+cache');
    const shared = await all(3);
    await eventually(() => rig.heads() === 4);
    rig.arrived.at(-1)!.write(head('200 OK', 'Content-Length: 4') + 'once');
    await eventually(() => shared.every((c) => c.text.endsWith('once')));
    expect(rig.heads()).toBe(4);
  });
});

describe('a reload', () => {
  it('closes WebSockets with 1001 and keeps streams', async () => {
    await start('reload:every=20s');
    const sse = await stream();
    const ws = await socket();
    await eventually(() => ws.client.seen.includes('fin'));
    expect(ws.client.text.endsWith('\x88\x02\x03\xe9')).toBe(true);
    expect(sse.client.seen).toEqual([]);
  });

  it('closes a connection on which nothing is asked, and keeps it where told to', async () => {
    await start('reload:every=20s');
    const idle = await open();
    idle.origin.write(head('204 No Content'));
    await eventually(() => idle.client.text.includes('204'));
    expect(idle.client.seen).toEqual([]);
    await eventually(() => idle.client.seen.includes('fin'));
    expect(rig.facts).toContainEqual(expect.objectContaining({ type: 'fault', name: 'reload', action: 'fire' }));
    rig.set('reload:every=20s,idle=kept');
    const kept = await open();
    kept.origin.write(head('204 No Content'));
    await eventually(() => kept.client.text.includes('204'));
    await rig.clock.sleep(50_000);
    expect(kept.client.seen).toEqual([]);
    await rig.ask(kept.client);
  });

  it('of Squid leaves idle connections, but closes one behind the answer that was under way', async () => {
    await start('squid:reload=20s,keep-alive=10m');
    const idle = await open();
    idle.origin.write(head('204 No Content'));
    await eventually(() => idle.client.text.includes('204'));
    const held = await open(get('/held'));
    await rig.clock.sleep(30_000);
    expect([idle.client.seen, held.client.seen]).toEqual([[], []]);
    held.origin.write(head('204 No Content'));
    await eventually(() => held.client.seen.includes('fin'));
    expect(idle.client.seen).toEqual([]);
  });

  it('spares a request on a connection that was idle before it', async () => {
    await start('reload:every=20s');
    const { client, origin } = await open();
    origin.write(head('204 No Content'));
    await eventually(() => client.text.includes('204'));
    const held = await rig.ask(client, get('/held'));
    await rig.clock.sleep(30_000);
    expect(client.seen).toEqual([]);
    held.write(head('200 OK', 'Content-Length: 4') + 'late');
    await eventually(() => client.seen.includes('fin'));
    expect(client.text).toMatch(/Connection: close\r\n\r\nlate$/); // behind a reload the connection is not kept
  });

  it.each([
    ['caddy', true, 'fin'],
    ['nginx-tuned', false, 'fin'],
    ['haproxy', false, 'fin'],
    ['varnish-pipe', false, undefined],
  ])('of %s: WebSocket closed with 1001 %s, idle connection %s', async (preset, closed, idleEnd) => {
    await start(`${preset}:reload=30s${preset.startsWith('varnish') ? ',keep-alive=10m' : ''}`);
    const ws = await socket();
    const sse = await stream();
    const idle = await rig.client();
    const origin = await rig.ask(idle, get('/poll'));
    origin.write(head('204 No Content', 'Cache-Control: no-store'));
    await eventually(() => idle.text.includes('204'));
    await rig.clock.sleep(40_000);
    expect(ws.client.text.endsWith('\x88\x02\x03\xe9')).toBe(closed);
    expect(ws.client.seen.includes('fin')).toBe(closed);
    expect(sse.client.seen).toEqual([]);
    expect(idle.seen[0]).toBe(idleEnd);
  });

  it('never comes unless somebody says how often', async () => {
    await start('caddy');
    const ws = await socket();
    await rig.clock.sleep(120_000);
    expect(ws.client.seen).toEqual([]);
  });
});

function unchunk(text: string): string {
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  let out = '';
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = parseInt(rest.slice(0, end), 16);
    if (end < 0 || !size) return out;
    out += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}
