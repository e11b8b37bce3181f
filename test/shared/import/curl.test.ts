import { describe, expect, it } from 'vitest';
import { importCurl, isCurl } from '../../../src/shared/import/curl.ts';
import { toCurl } from '../../../src/shared/import/to-curl.ts';
import { Failure } from '../../../src/shared/failure.ts';

const failure = (text: string): Failure => {
  try {
    importCurl(text);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was understood');
};

describe('a curl command', () => {
  it('as Chrome copies an event stream', () => {
    const { target, method, by, leftOut } = importCurl(`curl 'https://api.shop.example/orders/stream?channel=orders' \\
  -H 'accept: text/event-stream' \\
  -H 'accept-language: en-GB,en;q=0.9' \\
  -H 'authorization: Bearer eyJhbGciOi.J9' \\
  -b 'sid=abc; theme=dark' \\
  -H 'sec-fetch-mode: cors' \\
  -H 'accept-encoding: gzip' \\
  --compressed`);
    expect({ method, by }).toEqual({ method: 'sse', by: 'by its Accept' });
    expect(target).toEqual({
      kind: 'remote',
      name: 'stream · api.shop.example',
      base: null,
      urls: { sse: 'https://api.shop.example/orders/stream?channel=orders' },
      channel: 'demo',
      dialect: 'plain',
      headers: {
        accept: 'text/event-stream',
        'accept-language': 'en-GB,en;q=0.9',
        Cookie: 'sid=abc; theme=dark',
        'sec-fetch-mode': 'cors',
      },
      auth: { type: 'bearer', token: 'eyJhbGciOi.J9' },
    });
    expect(leftOut).toEqual([{ part: 'accept-encoding: gzip', reason: expect.stringContaining('codings') as string }]);
  });

  it('as Firefox copies a WebSocket', () => {
    const { target, method } = importCurl(
      `curl 'wss://rt.example/ws' --compressed -H 'Sec-WebSocket-Version: 13' -H 'Origin: https://a.example' -H 'Sec-WebSocket-Protocol: graphql-transport-ws, v2' -H 'Sec-WebSocket-Key: x==' -H 'Connection: keep-alive, Upgrade' -H 'Upgrade: websocket'`,
    );
    expect(method).toBe('websocket');
    expect(target.urls).toEqual({ websocket: 'wss://rt.example/ws' });
    expect(target.headers).toEqual({ Origin: 'https://a.example' });
    expect(target.subprotocols).toEqual(['graphql-transport-ws', 'v2']);
    const upgraded = importCurl(`curl https://rt.example/ws -H 'Upgrade: websocket' -H 'Connection: Upgrade'`);
    expect(upgraded.target.urls).toEqual({ websocket: 'wss://rt.example/ws' });
  });

  it('of a stream that is asked for by POST', () => {
    const { target, method } = importCurl(
      `curl https://llm.example/v1/chat -H "Content-Type: application/json" -d '{"stream": true,` +
        `\n "q": "hi"}' -u me:pw`,
    );
    expect(method).toBe('sse');
    expect(target.body).toBe('{"stream": true, "q": "hi"}');
    expect(target.httpMethod).toBeUndefined();
    expect(target.auth).toEqual({ type: 'basic', user: 'me', password: 'pw' });
  });

  it.each<[string, object]>([
    [`curl -XPUT -d a=1 -d b=2 h.example`, { httpMethod: 'PUT', body: 'a=1&b=2' }],
    [`curl -G -d a=1 --data-urlencode 'q=x y' https://h.example/s`, { urls: { sse: 'https://h.example/s?a=1&q=x%20y' } }],
    [`curl --json '{"a":1}' https://h.example`, { headers: { Accept: 'application/json', 'Content-Type': 'application/json' } }],
    [`curl --data-raw @notafile https://h.example`, { body: '@notafile' }],
    [`curl -k --cacert ca.pem --cert me.pem:pw --key me.key https://h.example`, { tls: { insecure: true, ca: 'ca.pem', cert: 'me.pem', key: 'me.key', passphrase: 'pw' } }],
    [`curl --cert me.p12 --cert-type P12 --pass pw https://h.example`, { tls: { pfx: 'me.p12', passphrase: 'pw' } }],
    [`curl -x proxy.example:3128 -U 'me:p w' https://h.example`, { proxy: 'http://me:p%20w@proxy.example:3128' }],
    [`curl --socks5-hostname 127.0.0.1:1080 https://h.example`, { proxy: 'socks5h://127.0.0.1:1080' }],
    [`curl --connect-timeout 2.5 --url https://h.example/x`, { timeouts: { connectMs: 2500 }, urls: { sse: 'https://h.example/x' } }],
    [`curl -sSLNf -H'X-A: 1' -H 'X-B;' -A me https://h.example`, { headers: { 'X-A': '1', 'X-B': '', 'User-Agent': 'me' } }],
    [`curl -H 'Authorization: Basic bWU6cMOkc3M=' https://h.example`, { auth: { type: 'basic', user: 'me', password: 'päss' } }],
    [`curl -H 'Authorization: Negotiate abc' https://h.example`, { headers: { Authorization: 'Negotiate abc' } }],
    [`curl -b a=1 -b b=2 https://h.example`, { headers: { Cookie: 'a=1; b=2' } }],
    [`$ curl -H "Authorization: Bearer $TOKEN" https://h.example`, { auth: { type: 'bearer', token: '{var.TOKEN}' } }],
    [`curl 'https://h.example/poll?wait=25'`, { urls: { 'long-polling': 'https://h.example/poll?wait=25' } }],
    [`/usr/bin/curl --no-progress-meter https://h.example:8443/a/b`, { name: 'b · h.example:8443' }],
  ])('%s', (text, part) => {
    expect(importCurl(text).target).toMatchObject(part);
  }); // prettier-ignore

  it('what it leaves out has a reason', () => {
    const { leftOut } = importCurl(
      `curl -m 30 --http2 -b jar.txt -d @body.json --retry 3 https://h.example https://other.example | jq . `,
    );
    expect(leftOut.map(({ part }) => part)).toEqual([
      '--max-time 30'.replace('--max-time', '-m'),
      '--http2',
      '-b jar.txt',
      '-d @body.json',
      '--retry 3',
      '| jq .',
      'https://other.example',
    ]);
    expect(leftOut[0]!.reason).toMatch(/end every stream/);
    expect(importCurl(`curl https://a.example --next https://b.example`).leftOut).toEqual([
      { part: '--next https://b.example', reason: expect.stringContaining('another request') as string },
    ]);
  });

  it.each<[string, RegExp, RegExp]>([
    [`curl --frobnicate https://h.example`, /--frobnicate/, /not an option/],
    [`curl --heeader 'a: b' https://h.example`, /--heeader/, /Did you mean --header/],
    [`curl -H https://h.example`, /curl/, /no URL/],
    [`curl https://h.example -H`, /-H/, /Nothing stands behind/],
    [`curl -H 'no header' https://h.example`, /-H no header/, /not a header/],
    [`curl ftp://h.example`, /ftp:/, /not a URL that can be followed/],
    [`curl -Q x`, /-Q/, /not an option/],
    [`wget https://h.example`, /wget/, /begin with curl/],
    [`Invoke-WebRequest -Uri "https://h.example"`, /Invoke-WebRequest/, /PowerShell/],
    [`curl 'https://h.example`, /'https/, /never closed/],
    [`curl --connect-timeout soon https://h.example`, /soon/, /seconds/],
  ])('%s: says which part it does not understand', (text, part, why) => {
    const { code, place = '', message, hint = '' } = failure(text);
    expect(code).toBe('cannot-understand');
    expect(place).toMatch(part);
    expect(`${message} ${hint}`).toMatch(why);
  });

  it('is told from other texts', () => {
    expect(['curl x', ' $ curl -s x', '/usr/bin/curl x', 'curl.exe x'].every(isCurl)).toBe(true);
    expect(['curling x', 'wget curl', '{"a": "curl x"}'].some(isCurl)).toBe(false);
  });

  it('goes out as it came in, but for the secrets, which stay names', () => {
    const text = `curl -N 'https://h.example/s?a=1' -X PUT -H 'Accept: text/event-stream' -H 'X-It: it'\\''s' -H 'Authorization: Bearer t0k' --data-raw 'x=1' --insecure --cacert ca.pem --proxy http://p.example:1 --connect-timeout 2`;
    const { target } = importCurl(text);
    const out = toCurl(target, 'sse', target.urls.sse!)!;
    expect(importCurl(out).target).toEqual(target);
    expect(toCurl(target, 'websocket', 'wss://h.example')).toBeNull();
  });
});
