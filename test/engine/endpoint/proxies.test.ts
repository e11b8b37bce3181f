/** By way of upstream proxies: every method, plain and over TLS. */
import { readFileSync } from 'node:fs';
import https from 'node:https';
import http from 'node:http';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { METHODS, type Method } from '../../../src/shared/catalog.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import { follow, httpProxy, listening, noting, server, socksProxy, stream, type Asked } from './rig.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');

async function target(secure: boolean): Promise<{ port: number; asked: Asked[] }> {
  const asked: Asked[] = [];
  const listener = noting(asked, (req, res) => {
    if (req.headers.accept === 'text/event-stream') stream(res, 'hello');
    else res.end('hello');
  });
  const made = secure
    ? https.createServer({ key: fixture('key.pem'), cert: fixture('cert.pem') }, listener)
    : http.createServer(listener);
  new WebSocketServer({ server: made }).on('connection', (ws) => ws.send('hello'));
  return { port: await listening(made), asked };
}

const urlOf = (method: Method, secure: boolean, port: number): string =>
  `${method === 'websocket' ? 'ws' : 'http'}${secure ? 's' : ''}://localhost:${port}/x`;

describe.each([
  ['plain', false],
  ['over TLS', true],
])('%s', (_, secure) => {
  it.each(METHODS)('%s goes through HTTP and SOCKS5 proxies that want a user', async (method) => {
    const { port } = await target(secure);
    const [byHttp, bySocks] = [await httpProxy('me:s3cret-word'), await socksProxy('me:s3cret-word')];
    for (const proxy of [
      `http://me:s3cret-word@127.0.0.1:${byHttp.port}`,
      `socks5h://me:s3cret-word@127.0.0.1:${bySocks.port}`,
      `socks5://me:s3cret-word@127.0.0.1:${bySocks.port}`,
    ]) {
      const url = urlOf(method, secure, port);
      const w = await follow({ proxy, tls: { ca: fixture('cert.pem') } }, [{ method, url }]);
      expect(await w.until('event')).toMatchObject({ data: 'hello' });
      expect(w.all('notice')).toContainEqual(expect.objectContaining({ code: 'upstream-proxy' }));
      expect(JSON.stringify(w.seen)).not.toContain('s3cret-word');
      await w.lab.close();
    }
    const whole = !secure && method !== 'websocket';
    expect(byHttp.asked[0]).toBe(whole ? `GET http://localhost:${port}/x` : `CONNECT localhost:${port}`);
    expect(bySocks.asked.map((one) => one.replace(/(127\.0\.0\.1|::1)/, 'IP'))).toEqual(
      expect.arrayContaining([`name localhost:${port}`]),
    );
  });
});

it('says what the proxy says where it lets nothing through', async () => {
  const { port } = await target(true);
  const proxy = await httpProxy('me:right');
  const url = urlOf('sse', true, port);
  const w = await follow({ proxy: `http://me:wr0ng-word@127.0.0.1:${proxy.port}` }, [{ method: 'sse', url }]);
  const drop = await w.until('drop');
  expect(drop).toMatchObject({ evidence: 'proxy', by: 'unknown', age: null });
  expect(drop.detail).toContain('407 Proxy Authentication Required: it does not take the user or password (Basic)');
});

it('tells what is no proxy, and one that refuses the target', async () => {
  const { port } = await server((_, res) => res.end());
  const url = urlOf('websocket', false, port);
  const noProxy = await follow({ proxy: `socks5://127.0.0.1:${port}` }, [{ method: 'websocket', url }]);
  expect(await noProxy.until('drop')).toMatchObject({ evidence: 'proxy' });
  const socks = await socksProxy();
  const dead = 'ws://127.0.0.1:1/x';
  const w = await follow({ proxy: `socks5://127.0.0.1:${socks.port}` }, [{ method: 'websocket', url: dead }]);
  expect((await w.until('drop')).detail).toContain('the target refuses connections');
});

describe('the environment', () => {
  it('names a proxy for each scheme, and what goes without one', async () => {
    const { port, asked } = await server((_, res) => stream(res, 'hello'));
    const proxy = await httpProxy();
    const url = urlOf('sse', false, port);
    const way = `http://127.0.0.1:${proxy.port}`;
    const lanes = [{ method: 'sse' as const, url }];
    const w = await follow({ proxy: 'env' }, lanes, { environment: { HTTP_PROXY: way } });
    await w.until('event');
    expect(proxy.asked).toEqual([`GET ${url}`]);
    const around = await follow({ proxy: 'env' }, lanes, {
      environment: { http_proxy: way, NO_PROXY: `other.test,localhost:${port}` },
    });
    await around.until('event');
    expect(proxy.asked).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });
});

it('a path of faults stands before the proxy, and ends what goes through it', async () => {
  const { port } = await target(true);
  const proxy = await httpProxy();
  const url = urlOf('sse', true, port);
  const w = await follow(
    { proxy: `http://127.0.0.1:${proxy.port}`, tls: { ca: fixture('cert.pem') } },
    [{ method: 'sse', url }],
    { config: { path: resolveVia(['close-after:time=300ms']) } },
  );
  expect(await w.until('event')).toMatchObject({ data: 'hello' });
  expect(await w.until('drop')).toMatchObject({ by: 'path' });
  expect(proxy.asked[0]).toBe(`CONNECT localhost:${port}`);
});
