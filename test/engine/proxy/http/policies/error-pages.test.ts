import { describe, expect, it } from 'vitest';
import { eventually, get, STREAM } from '../rig.ts';
import { EVENT, open, rig, start } from './policy-rig.ts';

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
