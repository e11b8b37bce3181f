import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startBrowserHost, type BrowserHost } from '../../../src/cli/host/browser-host.ts';
import { connectEngine } from '../../../src/rpc/client.ts';
import { socketWire } from '../../../src/rpc/socket-wire.ts';
import { fakeEngine, type FakeEngine } from '../../rpc/fake-engine.ts';

/** However long it takes on a busy machine; it ends as soon as it holds. */
const soon = { timeout: 20_000 };

let dir: string;
let host: BrowserHost;
let engine: FakeEngine;
let renewed: string[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'heartline-host-'));
  mkdirSync(join(dir, 'page/assets'), { recursive: true });
  writeFileSync(join(dir, 'page/index.html'), '<!doctype html>the page');
  writeFileSync(join(dir, 'page/assets/index-abc.js'), 'export {}');
  writeFileSync(join(dir, 'page/notes.txt'), 'not a kind we serve');
  writeFileSync(join(dir, 'secret.json'), '{"secret":true}');
  mkdirSync(join(dir, 'page-too'));
  writeFileSync(join(dir, 'page-too/x.json'), '{"secret":true}');
  engine = fakeEngine();
  renewed = [];
  host = await startBrowserHost({
    engine,
    rendererDir: join(dir, 'page'),
    port: 0,
    eventServerUrl: 'http://127.0.0.1:4711',
    onRenewed: (url) => renewed.push(url),
  });
});
afterEach(async () => {
  await host.close();
  rmSync(dir, { recursive: true, force: true });
});

interface HttpReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** As written: no normalising of the path, no redirect followed, any Host. */
function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<HttpReply> {
  const { hostname, port } = new URL(host.origin);
  return new Promise((resolve, reject) => {
    const req = request({ hostname, port, path, ...options }, (res) => {
      let body = '';
      res.setEncoding('utf8').on('data', (d: string) => (body += d));
      res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers, body }));
    });
    req.on('error', reject).end();
  });
}

const pathOf = (url: string): string => url.slice(host.origin.length);
interface Entered {
  cookie: string;
  key: string;
}
async function enter(): Promise<Entered> {
  const { headers } = await ask(pathOf(host.url));
  return {
    cookie: String(headers['set-cookie']).split(';')[0]!,
    key: /^\/#key=([\w-]{43})$/.exec(String(headers['location']))![1]!,
  };
}

describe('who is let in', () => {
  it('lets the printed address in once, as a cookie that scripts and other sites cannot use', async () => {
    const first = host.url;
    const answer = await ask(pathOf(first));
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toMatch(/^\/#key=[\w-]{43}$/);
    expect(answer.headers['cache-control']).toBe('no-store');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(cookie).toContain(new URL(host.origin).port); // cookies do not know ports, so the name does
    const page = await ask('/', { headers: { cookie: cookie.split(';')[0]! } });
    expect([page.status, page.body]).toEqual([200, '<!doctype html>the page']); // and no key: a cookie is not enough

    const again = await ask(pathOf(first));
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(again.body).toContain('prints a new one');
    // whoever is inside is led to the page, and another browser gets an address of its own
    const inside = await ask(pathOf(first), { headers: { cookie: cookie.split(';')[0]! } });
    expect([inside.status, inside.headers['location']]).toEqual([303, '/']);
    expect(renewed).toEqual([host.url]);
    expect((await ask(pathOf(host.url))).status).toBe(303);
  });

  it('gives who comes from a file the page itself: behind a redirect a Strict cookie would not be sent', async () => {
    const answer = await ask(pathOf(host.url), { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<!doctype html>the page');
    expect(answer.body).toMatch(/<meta name="heartline-key" content="[\w-]{43}" \/>/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(String(answer.headers['set-cookie'])).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  });

  it('stays shut without cookie or token, with wrong ones, and for HEAD', async () => {
    const { cookie } = await enter();
    const name = cookie.split('=')[0]!;
    expect((await ask('/')).status).toBe(403);
    expect((await ask('/?token=')).status).toBe(403);
    expect((await ask('/?token=wrong')).status).toBe(403);
    expect((await ask('/', { headers: { cookie: `${name}=wrong` } })).status).toBe(403);
    expect((await ask('/', { headers: { cookie: `${name}` } })).status).toBe(403);
    expect((await ask('/', { headers: { cookie: `other=${cookie.split('=')[1]}` } })).status).toBe(403);
    const head = await ask(pathOf(host.url), { method: 'HEAD' });
    expect(head.headers['set-cookie']).toBeUndefined();
    expect((await ask('/', { headers: { cookie: `a=b; ${cookie}; c=d` } })).status).toBe(200);
  });

  it('does not answer to another name (DNS rebinding) nor to other methods', async () => {
    const { cookie } = await enter();
    for (const name of ['evil.example', `localhost:${new URL(host.origin).port}`, '127.0.0.1']) {
      const answer = await ask('/', { headers: { cookie, host: name } });
      expect(answer.status).toBe(421);
    }
    expect((await ask('/', { method: 'POST', headers: { cookie } })).status).toBe(405);
  });

  it('listens on the loopback interface only, and names a port that is taken', async () => {
    expect(host.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const port = Number(new URL(host.origin).port);
    await expect(startBrowserHost({ engine, rendererDir: dir, port })).rejects.toMatchObject({
      code: 'port-in-use',
      place: '--port',
      exit: 3,
    });
  });
});

describe('the page', () => {
  it('comes with a policy that allows itself and exactly one event server', async () => {
    const { headers } = await ask('/', { headers: { cookie: (await enter()).cookie } });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self' http://127.0.0.1:4711 ws://127.0.0.1:4711;");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  it('may be kept where its name changes with its content, and only there', async () => {
    const { cookie } = await enter();
    const asset = await ask('/assets/index-abc.js', { headers: { cookie } });
    expect(asset.headers['cache-control']).toContain('immutable');
    expect(asset.headers['content-type']).toContain('text/javascript');
    const head = await ask('/assets/index-abc.js', { method: 'HEAD', headers: { cookie } });
    expect([head.status, head.body]).toEqual([200, '']);
  });

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/../../secret.json',
    '/..%5csecret.json',
    '/..%2fpage-too/x.json',
    '/%00index.html',
    '/%E0%A4%A',
    '//secret.json',
    '/notes.txt',
    '/nothing.js',
    '/assets',
    '/assets/',
  ])('is all that is served: not %s', async (path) => {
    const answer = await ask(path, { headers: { cookie: (await enter()).cookie } });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret":');
  });

  it('says how to build it where it is not built', async () => {
    const bare = await startBrowserHost({ engine, rendererDir: join(dir, 'nowhere'), port: 0 });
    const answer = await fetch(bare.url, { redirect: 'manual' });
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    const page = await fetch(bare.origin, { headers: { cookie } });
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('npm run build');
    await bare.close();
  });
});

describe('/rpc', () => {
  const socket = ({ key, ...headers }: Record<string, string>, path = '/rpc'): WebSocket =>
    new WebSocket(host.origin.replace('http', 'ws') + path, ['heartline', `key.${key ?? ''}`], { headers });
  const refusal = async (ws: WebSocket): Promise<number> => {
    ws.on('error', () => undefined);
    const [, res] = (await once(ws, 'unexpected-response')) as [unknown, { statusCode: number }];
    ws.terminate();
    return res.statusCode;
  };

  it('carries calls and the feed', async () => {
    const ws = socket({ origin: host.origin, ...(await enter()) });
    let snapshots = 0;
    let closed = '';
    const { api } = connectEngine(socketWire(ws), {
      snapshot: () => snapshots++,
      batch: () => undefined,
      closed: (why) => (closed = why),
    });
    await api.cutAll({ end: 'rst' });
    expect(engine.calls).toEqual([{ name: 'cutAll', args: [{ end: 'rst' }] }]);
    await vi.waitFor(() => expect(snapshots).toBe(1), soon);
    await host.close();
    await vi.waitFor(() => expect(closed).not.toBe(''), soon);
    expect(engine.listening).toBe(0);
  });

  it('is shut to other origins, other hosts, other paths and strangers', async () => {
    const { cookie, key } = await enter();
    expect(await refusal(socket({ cookie, key }))).toBe(403);
    expect(await refusal(socket({ cookie, key, origin: 'http://evil.example' }))).toBe(403);
    expect(await refusal(socket({ cookie, key, origin: 'null' }))).toBe(403);
    expect(await refusal(socket({ key, origin: host.origin }))).toBe(403);
    expect(await refusal(socket({ origin: host.origin, key, cookie: `${cookie}x` }))).toBe(403);
    expect(await refusal(socket({ origin: host.origin, cookie, key, host: 'evil.example' }))).toBe(403);
    expect(await refusal(socket({ origin: host.origin, cookie, key }, '/other'))).toBe(404);
    // another server on 127.0.0.1 that this browser visits is sent the cookie: it has no key
    expect(await refusal(socket({ origin: host.origin, cookie }))).toBe(403);
    expect(await refusal(socket({ origin: host.origin, cookie, key: `${key}x` }))).toBe(403);
    expect(engine.listening).toBe(0);
  });

  it('agrees on a subprotocol without saying the key back', async () => {
    const { cookie, key } = await enter();
    const ws = socket({ origin: host.origin, cookie, key });
    await once(ws, 'open');
    expect(ws.protocol).toBe('heartline');
    ws.terminate();
  });

  it('survives an oversized message and a page that vanishes', async () => {
    const { cookie, key } = await enter();
    const big = socket({ origin: host.origin, cookie, key });
    big.on('error', () => undefined);
    await once(big, 'open');
    big.send('x'.repeat(9 * 1024 * 1024));
    await once(big, 'close');
    const gone = socket({ origin: host.origin, cookie, key });
    await once(gone, 'open');
    gone.terminate();
    expect((await ask('/', { headers: { cookie } })).status).toBe(200);
    await vi.waitFor(() => expect(engine.listening).toBe(0), soon);
  });
});
