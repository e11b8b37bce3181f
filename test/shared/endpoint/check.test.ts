import { expect, it } from 'vitest';
import { endpointProblems } from '../../../src/shared/endpoint/check.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';

const target = (more: Partial<RemoteTarget>): RemoteTarget => ({
  kind: 'remote',
  name: 'orders',
  base: null,
  urls: { sse: 'https://h.test/events' },
  channel: 'demo',
  headers: {},
  dialect: 'plain',
  ...more,
});
const fields = (more: Partial<RemoteTarget>): string[] => endpointProblems(target(more)).map((p) => p.field);

it('holds a body against the Content-Type that claims JSON, and shows nothing of it', () => {
  const headers = { 'Content-Type': 'application/json' };
  const [problem] = endpointProblems(target({ headers, body: '{"key": s3cr3t-value}' }));
  expect(problem).toMatchObject({ field: 'body', message: expect.stringContaining('is not JSON') });
  expect(JSON.stringify(problem)).not.toContain('s3cr3t');
  expect(fields({ headers, body: '{"a":1}' })).toEqual([]);
  // what the template stands for may make it JSON
  expect(fields({ headers, body: '{"after": {cursor}}' })).toEqual([]);
  expect(fields({ body: 'no JSON, and nobody says so' })).toEqual([]);
});

it('names the field of a method’s own request', () => {
  expect(fields({ methods: { sse: { httpMethod: 'HEAD' } } })).toEqual(['methods.sse.httpMethod']);
  expect(fields({ methods: { websocket: { subprotocols: ['a b'], headers: { 'bad name': 'x' } } } })).toEqual([
    'methods.websocket.subprotocols',
    'methods.websocket.headers.bad name',
  ]);
});

it('asks for what each kind of auth cannot do without', () => {
  expect(fields({ auth: { type: 'bearer', token: '' } })).toEqual(['auth.token']);
  expect(fields({ auth: { type: 'token-url', url: 'ftp://h.test' } })).toEqual(['auth.url']);
  const oauth2 = { type: 'oauth2', tokenUrl: 'https://a.test/token', clientId: 'me' } as const;
  expect(fields({ auth: { ...oauth2, grant: 'client-credentials' } })).toEqual([]);
  expect(fields({ auth: { ...oauth2, grant: 'refresh-token' } })).toEqual(['auth.refreshToken']);
});

it('refuses a proxy and TLS settings that could do nothing', () => {
  expect(fields({ proxy: 'ftp://127.0.0.1:21' })).toEqual(['proxy']);
  expect(fields({ proxy: 'socks5h://user:pw@127.0.0.1:1080' })).toEqual([]);
  expect(fields({ proxy: 'env' })).toEqual([]);
  expect(fields({ tls: { key: 'key.pem' } })).toEqual(['tls.cert']);
  expect(fields({ tls: { passphrase: 'x' } })).toEqual(['tls.passphrase']);
  expect(fields({ tls: { pfx: 'me.p12', cert: 'c.pem', key: 'k.pem' } })).toEqual(['tls.pfx']);
  expect(fields({ retryOn: ['5xx', 'soon'] })).toEqual(['retryOn']);
});
