import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact, Observation } from '../../src/shared/observation.ts';
import { isSecretName, redactFields, redactHead, redactObservation, redactUrl } from '../../src/shared/redact.ts';

const R = '‹redacted›';
const seen = (fact: Fact): Observation => ({ v: 1, n: 1, at: 1, lane: 'sse', ...fact });

describe('a URL', () => {
  it.each([
    ['https://h/p?token=abc&after=9', `https://h/p?token=${R}&after=9`],
    ['https://h/p?a=1&access_token=x.y-z#frag', `https://h/p?a=1&access_token=${R}#frag`],
    ['wss://h/?X-Api-Key=k', `wss://h/?X-Api-Key=${R}`],
    ['https://bob:hunter2@h/p', `https://${R}@h/p`],
    ['https://bob@h/p', `https://${R}@h/p`],
    [
      '/path?sig=1&jwt=2&password=3&secret=4&api_key=5&key=6',
      `/path?sig=${R}&jwt=${R}&password=${R}&secret=${R}&api_key=${R}&key=${R}`,
    ],
    ['https://h/cb#id_token=zzz&state=1', `https://h/cb#id_token=${R}&state=1`],
    ['https://h/?%74oken=abc', `https://h/?%74oken=${R}`],
    ['could not reach "https://h/?token=abc": refused', `could not reach "https://h/?token=${R}": refused`],
  ])('%s', (from, to) => expect(redactUrl(from)).toBe(to));

  it.each([
    'https://h/events/demo?after=k3f9ab.12&limit=5',
    '/?keyboard=1&author=me&tokenless',
    'no url, a=b, at@home',
  ])('is left alone when it carries none: %s', (text) => expect(redactUrl(text)).toBe(text));

  it('copes with any text, and redacting twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = redactUrl(text);
        expect(redactUrl(once)).toBe(once);
        redactHead(text);
        redactFields(text);
      }),
    );
  });

  it('stays quick on hostile text', () => {
    const started = performance.now();
    for (const bad of [
      '?'.repeat(50_000),
      '://'.repeat(20_000),
      '?a'.repeat(30_000),
      '"a":'.repeat(20_000),
      '"'.repeat(50_000),
    ]) {
      redactUrl(bad);
      redactFields(bad);
      redactHead(bad);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('a head', () => {
  it('loses the values of what carries secrets, and keeps the rest byte for byte', () => {
    const head = [
      'GET /events/demo?token=abc&after=now HTTP/1.1',
      'Host: h',
      'Authorization: Bearer abc.def',
      'cookie: a=1; b=2',
      'X-API-Key: 42',
      'Proxy-Authorization: Basic eA==',
      'X-Folded-Token: first',
      '  second-half',
      'Last-Event-ID: k3f9ab.7',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '',
      '',
    ].join('\r\n');
    const out = redactHead(head);
    for (const secret of ['abc', 'a=1', '42', 'eA==', 'first', 'second-half']) expect(out).not.toContain(secret);
    expect(out).toContain('Last-Event-ID: k3f9ab.7\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    expect(out).toContain(`Authorization: ${R}\r\n`);
  });

  it('hides Set-Cookie and a token offered as a subprotocol', () => {
    expect(redactHead('HTTP/1.1 200 OK\nSet-Cookie: sid=9; Path=/')).toBe(`HTTP/1.1 200 OK\nSet-Cookie: ${R}`);
    expect(redactHead(`Sec-WebSocket-Protocol: events.v1, ${'t'.repeat(40)}`)).toBe(
      `Sec-WebSocket-Protocol: events.v1, ${R}`,
    );
  });
});

describe('an observation', () => {
  it('is cleaned wherever a URL or a head can stand', () => {
    const facts: Fact[] = [
      { type: 'request', id: 1, method: 'GET', url: 'http://h/?token=s3cret' },
      { type: 'wire', dir: 'out', what: 'request', text: 'GET / HTTP/1.1\r\nAuthorization: s3cret\r\n', bytes: 9 },
      { type: 'wire', dir: 'out', what: 'frame', text: '{"t":"auth","token":"s3cret","n":1}', bytes: 9 },
      { type: 'notice', level: 'warn', code: 'x', message: 'http://h/?jwt=s3cret failed', hint: 'http://u:s3cret@h' },
      { type: 'drop', evidence: 'refused', by: 'unknown', silence: 0, detected: null, detail: 'http://h/?key=s3cret' },
      {
        type: 'run',
        version: '1',
        node: '1',
        platform: 'x',
        seed: 1,
        timeScale: 1,
        target: { kind: 'remote', name: 'x', dialect: 'heartline', base: 'http://u:s3cret@h/' },
        channel: 'c',
        start: null,
        lanes: [{ id: 'sse', method: 'sse', url: 'http://h/?token=s3cret' }],
        via: [],
        workload: null,
        heartbeatMs: null,
        pollMs: 1,
        holdMs: 1,
        backoff: 'none',
      },
      { type: 'summary', lanes: { sse: { url: 'http://h/?token=s3cret' } as never } },
    ];
    for (const fact of facts) expect(JSON.stringify(redactObservation(seen(fact)))).not.toContain('s3cret');
  });

  it('is itself when it can carry none, and is never changed in place', () => {
    const event = seen({
      type: 'event',
      cursor: null,
      id: null,
      event: 'x',
      bytes: 1,
      latency: null,
      duplicate: false,
    });
    expect(redactObservation(event)).toBe(event);
    const request = seen({ type: 'request', id: 1, method: 'GET', url: 'http://h/?token=t' });
    redactObservation(request);
    expect(request).toMatchObject({ url: 'http://h/?token=t' });
  });

  it('keeps fields that only look alike', () => {
    expect(redactFields('{"keys":3,"author":"me","data":"a token of love"}')).toBe(
      '{"keys":3,"author":"me","data":"a token of love"}',
    );
    expect(isSecretName('Sec-WebSocket-Key')).toBe(false);
  });
});
