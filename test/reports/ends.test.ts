/** How servers ended streams in public reports, and what a lane says of each end. */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import http2 from 'node:http2';
import { describe, expect, it } from 'vitest';
import { resolveVia } from '../../src/shared/path/resolve.ts';
import { steadyClock } from '../helpers/steady-clock.ts';
import { watchedLab } from '../helpers/watched-lab.ts';
import { httpOrigin, laneTo, listen, webSocketOrigin } from './origin.ts';

const EVENTS = { 'content-type': 'text/event-stream' };

describe('modelcontextprotocol/typescript-sdk #270: the client’s own limit of silence', () => {
  it('ends the stream, and no missed heartbeat is blamed where none was promised', async () => {
    const url = await httpOrigin((_req, res) => void res.writeHead(200, EVENTS).write('data: one\n\n'));
    const w = laneTo({ method: 'sse', url, clock: steadyClock(50), settings: { deadAfter: 6000 } });
    const drop = await w.until('drop');
    expect(drop).toMatchObject({ evidence: 'silence', by: 'client', detail: expect.stringMatching(/6 s.*own limit/) });
    expect(drop).not.toHaveProperty('cause');
    expect(drop.silence).toBeGreaterThanOrEqual(6000);
  });

  it('is kept off by comments', async () => {
    const clock = steadyClock(50);
    const url = await httpOrigin((_req, res) => {
      res.writeHead(200, EVENTS).write('data: one\n\n');
      const comment = (): void => {
        res.write(':\n\n');
        if (!res.destroyed) clock.after(2000, comment);
      };
      comment();
    });
    const w = laneTo({ method: 'sse', url, clock, settings: { deadAfter: 6000 } });
    await w.until('event');
    await clock.sleep(30_000);
    expect(w.all('drop')).toEqual([]);
  });
});

describe('Kludex/uvicorn #2916: a server closes with 1011 without pongs in time', () => {
  const pinging = (clock: ReturnType<typeof steadyClock>): Promise<string> =>
    webSocketOrigin((socket) => {
      let answered = clock.now();
      socket.on('pong', () => (answered = clock.now()));
      const ping = (): void => {
        if (socket.readyState !== socket.OPEN) return;
        if (clock.now() - answered > 20_000) return socket.close(1011, 'keepalive ping timeout');
        socket.ping();
        clock.after(4000, ping);
      };
      ping();
    });

  it('is a drop in the server’s words', async () => {
    const clock = steadyClock(50);
    const w = laneTo({ method: 'websocket', url: await pinging(clock), clock, settings: { pongs: false } });
    expect(await w.until('drop')).toMatchObject({
      evidence: 'close:1011',
      by: 'server',
      reason: 'keepalive ping timeout',
      detail: 'closed with 1011, server error: keepalive ping timeout; its pings were not answered: pongs are muted',
    });
  });

  it('and goes on with them', async () => {
    const clock = steadyClock(50);
    const w = laneTo({ method: 'websocket', url: await pinging(clock), clock });
    await w.until('state', (s) => s.to === 'open');
    await clock.sleep(60_000);
    expect(w.all('drop')).toEqual([]);
  });
});

it('benoitc/gunicorn #1974: one worker for all: its end has an age, and the wait for it is named', async () => {
  const clock = steadyClock(20);
  const waiting: ServerResponse[] = [];
  let busy = false;
  const next = (): void => {
    const res = busy ? undefined : waiting.shift();
    if (!res) return;
    busy = true;
    res.writeHead(200, EVENTS);
    const tick = (): void => {
      res.write('data: tick\n\n');
      if (!res.destroyed) clock.after(1000, tick);
    };
    tick();
    clock.after(6000, () => res.socket?.resetAndDestroy());
    clock.after(6500, () => ((busy = false), next()));
  };
  const url = await httpOrigin((_req, res) => {
    waiting.push(res);
    next();
  });
  const first = laneTo({ id: 'first', method: 'sse', url, clock });
  await first.until('event');
  const second = laneTo({ id: 'second', method: 'sse', url, clock });
  const { age, silence, evidence } = await first.until('drop');
  expect(evidence).toBe('rst');
  expect(age).toBeGreaterThanOrEqual(5500);
  expect(age! - silence).toBeGreaterThan(3500);
  await second.until('notice', (n) => n.code === 'head-late' && /came after [56]/.test(n.message));
});

describe('r3labs/sse #57: a head that comes with the first event only', () => {
  it('is named while it does not come, and once it has', async () => {
    const clock = steadyClock(20);
    const url = await httpOrigin((_req, res) => {
      clock.after(9000, () => res.writeHead(200, EVENTS).write('data: one\n\n'));
    });
    const w = laneTo({ method: 'sse', url, clock });
    await w.until('event');
    expect(w.all('notice').filter((n) => n.code === 'head-late')).toMatchObject([
      { level: 'warn', message: expect.stringContaining('for 5 s') },
      { message: expect.stringMatching(/^The head of the answer came after (9|1\d)(\.\d)? s\.$/) },
    ]);
  });
});

it('burningmantech/ranger-ims-server #1364: no head in time is 524 from Cloudflare, which ends an EventSource', async () => {
  const url = await httpOrigin(() => {});
  const target = { kind: 'remote', name: 'late', base: null, urls: {}, channel: 'x', headers: {}, dialect: 'plain' } as const; // prettier-ignore
  const path = resolveVia(['cloudflare:http-idle-timeout=500ms']);
  const w = await watchedLab({ target, lanes: [{ method: 'sse', url }], path });
  try {
    await w.until('the lane has failed', () => w.lane('sse').state === 'failed');
    expect(w.noted('fault').map((f) => f.detail)).toContain('500 ms without a byte: 524 / fin');
    const { message, hint } = w.noted('notice').find((n) => n.level === 'error')!;
    expect(message).toContain('524');
    expect(hint).toMatch(/EventSource/);
  } finally {
    await w.close();
  }
});

describe('Yaffle/EventSource #88: a deploy answers 502, then is back', () => {
  const deploying = (status: number): Promise<string> => {
    let asked = 0;
    return httpOrigin((_req, res) => {
      if (asked++ === 0) res.writeHead(status).end();
      else res.writeHead(200, EVENTS).write('data: back\n\n');
    });
  };

  it.each([502, 503])('after %i an EventSource is dead, as the lane says', async (status) => {
    const w = laneTo({ method: 'sse', url: await deploying(status) });
    await w.until('state', (s) => s.to === 'failed');
    const { message, hint } = w.all('notice').find((n) => n.level === 'error')!;
    expect(message).toContain(String(status));
    expect(hint).toMatch(/EventSource.*resilient/);
  });

  it.each([502, 503])('after %i a resilient lane comes back', async (status) => {
    const settings = { retry: 'resilient', backoff: 'none' } as const;
    const w = laneTo({ method: 'sse', url: await deploying(status), settings });
    await w.until('event', (e) => e.data === 'back');
  });
});

it('logseq/logseq #8166: a server’s close 1000 is a drop, and its reason text stays', async () => {
  const url = await webSocketOrigin((socket) => socket.close(1000, 'Idle timeout'));
  const w = laneTo({ method: 'websocket', url });
  const drop = await w.until('drop');
  expect(JSON.parse(JSON.stringify(drop))).toMatchObject({
    evidence: 'close:1000',
    by: 'server',
    reason: 'Idle timeout',
  });
  expect(typeof drop.age).toBe('number');
  await w.until('reconnect');
});

it('socketio/socket.io #1982: the stranger’s own words are shown: Session ID unknown', async () => {
  let asked = 0;
  const url = await httpOrigin((_req, res) => {
    const known = asked++ % 2 === 0;
    res.writeHead(known ? 200 : 400, { 'content-type': 'application/json' });
    res.end(known ? '{"n":1}' : '{"code":1,"message":"Session ID unknown"}');
  });
  const w = laneTo({ method: 'short-polling', url, settings: { pollMs: 50 } });
  const { message } = await w.until('notice', (n) => n.level === 'error');
  expect(message).toMatch(/400.*Session ID unknown/);
});

it('hackerwins/codepair-old #107: a server that speaks HTTP/2 only is said to', async () => {
  const file = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
  const cert = file('cert.pem');
  const port = await listen(http2.createSecureServer({ key: file('key.pem'), cert, allowHTTP1: false }));
  for (const [method, scheme] of [
    ['sse', 'https'],
    ['websocket', 'wss'],
  ] as const) {
    const w = laneTo({ method, url: `${scheme}://127.0.0.1:${port}/`, tls: { ca: cert } });
    const { detail } = await w.until('drop');
    expect(detail).toContain('HTTP/2 only');
    expect(detail).not.toMatch(/EPROTO|SSL routines/);
    expect(w.all('event')).toEqual([]);
  }
});
