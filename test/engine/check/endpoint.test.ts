/** A check asks as the lanes will: with its auth and certificates, by its proxy, and never twice for what may cost something. */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { expect, it } from 'vitest';
import { TargetProbes } from '../../../src/engine/check/target-probes.ts';
import { DIALECTS } from '../../../src/engine/dialects/index.ts';
import type { EndpointHost } from '../../../src/engine/run/run-endpoint.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import type { ProbeStepName, TargetProbe } from '../../../src/shared/target-probe.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';
import { httpProxy, later, listening, server, stream } from '../endpoint/rig.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');

async function check(target: Partial<RemoteTarget>, host: EndpointHost = {}) {
  const probes = new TargetProbes(realClock(1), { limits: { totalMs: 15_000, firstByteMs: 5000 }, host });
  later(() => probes.close());
  const whole: RemoteTarget = {
    kind: 'remote',
    name: 'x',
    base: null,
    urls: {},
    channel: 'demo',
    headers: {},
    dialect: 'plain',
    proxy: 'none',
    ...target,
  };
  let now: TargetProbe = probes.start(whole, DIALECTS['plain']!, Object.values(DIALECTS));
  while (!now.done) now = await probes.after(now);
  const step = (name: ProbeStepName) => now.methods[0]!.steps.find((one) => one.name === name)!;
  return { now, step };
}

it('sends nothing by a method that may cost something', async () => {
  const { port, asked } = await server((_, res) => stream(res, 'x'));
  const { step } = await check({ urls: { sse: `http://127.0.0.1:${port}/x` }, body: '{"model":"x"}' });
  expect(step('address').outcome).toBe('ok');
  expect(step('head')).toMatchObject({ outcome: 'unknown', text: expect.stringContaining('Nothing is sent') });
  expect(asked).toEqual([]);
});

it('asks with the token that is minted for it, and shows nothing of it', async () => {
  const { port, asked } = await server((req, res) => stream(res, `${req.headers.authorization}`));
  const auth = { type: 'token-command', command: 'echo t0ken-of-the-check' } as const;
  const urls = { sse: `http://127.0.0.1:${port}/x` };
  const { now, step } = await check({ urls, auth, query: { v: '2' } }, { mayRun: () => true });
  expect(step('bytes').outcome).toBe('ok');
  expect(asked).toMatchObject([{ url: '/x?v=2', headers: { authorization: 'Bearer t0ken-of-the-check' } }]);
  expect(JSON.stringify(now)).not.toContain('t0ken');
  const inert = await check({ urls, auth });
  expect(inert.step('head')).toMatchObject({ outcome: 'failed' });
  expect(asked).toHaveLength(1);
});

it('goes by the upstream proxy, and says what that says', async () => {
  const { port } = await server((_, res) => stream(res, 'x'));
  const proxy = await httpProxy('me:right');
  const urls = { sse: `http://127.0.0.1:${port}/x` };
  const good = await check({ urls, proxy: `http://me:right@127.0.0.1:${proxy.port}` });
  expect(good.step('bytes').outcome).toBe('ok');
  expect(proxy.asked).toEqual([`GET http://127.0.0.1:${port}/x`]);
  const wss = { websocket: `ws://127.0.0.1:${port}/x` };
  const bad = await check({ urls: wss, proxy: `http://me:wr0ng-word@127.0.0.1:${proxy.port}` });
  expect(bad.step('address')).toMatchObject({ outcome: 'failed', text: expect.stringContaining('407') });
});

it('takes an authority of one’s own; a certificate that is not trusted never looks like a good one', async () => {
  const options = { key: fixture('key.pem'), cert: fixture('cert.pem') };
  const port = await listening(https.createServer(options, (_, res) => stream(res, 'x')));
  const urls = { sse: `https://localhost:${port}/x` };
  expect((await check({ urls, tls: { ca: fixture('cert.pem') } })).step('tls').outcome).toBe('ok');
  expect((await check({ urls })).step('tls').outcome).toBe('failed');
  const { step } = await check({ urls, tls: { insecure: true } });
  expect(step('tls')).toMatchObject({ outcome: 'unknown', text: expect.stringContaining('not trusted') });
  expect(step('bytes').outcome).toBe('ok');
});

it('says where a browser would speak HTTP/2', async () => {
  const made = http2.createSecureServer({ key: fixture('key.pem'), cert: fixture('cert.pem'), allowHTTP1: true });
  made.on('request', (_, res) => stream(res as never, 'x'));
  const port = await listening(made);
  const { step } = await check({ urls: { sse: `https://localhost:${port}/x` }, tls: { ca: fixture('cert.pem') } });
  expect(step('tls').text).toContain('A browser would speak HTTP/2 here; what follows is HTTP/1.1.');
});
