import { describe, expect, it } from 'vitest';
import { fillTarget } from '../../../src/shared/endpoint/fill.ts';
import { renameSecrets, sealTarget, sealVars, secretsNamed } from '../../../src/shared/endpoint/seal.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';

const target = (more: Partial<RemoteTarget> = {}): RemoteTarget => ({
  kind: 'remote',
  name: 'Orders feed',
  base: null,
  urls: { sse: 'https://a.example/s' },
  channel: 'demo',
  headers: {},
  dialect: 'plain',
  ...more,
});
const free = (): boolean => false;
const P = (n: number): string => `planted-${n}-S3cr3t`;

describe('the secrets of an endpoint', () => {
  it('are taken out wherever they stand, and put back to the letter', () => {
    const given = target({
      urls: { sse: `https://a.example/s?channel=orders&access_token=${P(1)}%2B&v=2#x`, websocket: `wss://a.example/w?key=${P(2)}` },
      headers: { Authorization: `Token ${P(3)}`, Cookie: `sid=${P(4)}`, 'X-Api-Key': P(5), 'X-Tenant': 'blue', 'X-Blob': 'abcdefghijklmnop0123456789' },
      query: { signature: P(6), fields: 'id,kind' },
      methods: { sse: { headers: { 'X-Auth-Token': P(7) } } },
      auth: { type: 'oauth2', grant: 'refresh-token', tokenUrl: `https://i.example/t?secret=${P(8)}`, clientId: 'me', clientSecret: P(9), refreshToken: P(10) },
      tls: { cert: 'me.pem', key: '-----BEGIN PRIVATE KEY-----\nabc', passphrase: P(11) },
      proxy: `http://user:${P(12)}@proxy.example:3128`,
      body: `{"stream":true,"api_key":"${P(13)}","n":{"password" : "p\\"${P(14)}"}}`,
      open: [`{"op":"auth","token":"${P(15)}"}`, 'hello'],
      vars: { token: P(16), host: 'b.example' },
      subprotocols: ['v1'],
    });
    const { target: sealed, secrets } = sealTarget(given, free);
    const text = JSON.stringify(sealed);
    for (let n = 1; n <= 16; n++) expect(text).not.toContain(P(n));
    expect(text).not.toMatch(/PRIVATE KEY|abcdefghijklmnop0123456789/);
    expect(sealed.headers).toMatchObject({ Authorization: 'Token {secret.orders-feed.authorization}', 'X-Tenant': 'blue' });
    expect(sealed.urls.sse).toBe('https://a.example/s?channel=orders&access_token={secret.orders-feed.access-token}&v=2#x');
    expect(sealed.vars).toEqual({ host: 'b.example', token: '{secret.orders-feed.token-2}' });
    expect(secrets['orders-feed.access-token']).toBe(`${P(1)}+`);
    expect(secretsNamed(sealed).toSorted()).toEqual(Object.keys(secrets).toSorted());
    const filled = fillTarget(sealed, (name) => secrets[name.slice('secret.'.length)]);
    expect(filled).toEqual(given);
  }); // prettier-ignore

  it('user info becomes basic auth, one value has one name, and templates stay', () => {
    const { target: sealed, secrets } = sealTarget(
      target({
        urls: { sse: 'https://me:p%40ss@a.example/s', websocket: 'wss://me:p%40ss@a.example/w' },
        headers: { 'X-Token': 'p@ss', 'X-Key': '{var.key}', 'X-Other-Token': '{secret.mine}' },
      }),
      (name) => name === 'orders-feed.x-token',
    );
    expect(sealed.urls).toEqual({ sse: 'https://a.example/s', websocket: 'wss://a.example/w' });
    expect(sealed.auth).toEqual({ type: 'basic', user: 'me', password: '{secret.orders-feed.x-token-2}' });
    expect(sealed.headers).toEqual({
      'X-Token': '{secret.orders-feed.x-token-2}',
      'X-Key': '{var.key}',
      'X-Other-Token': '{secret.mine}',
    });
    expect(secrets).toEqual({ 'orders-feed.x-token-2': 'p@ss' });
  });

  it('nothing is taken from what has none', () => {
    const plain = target({
      urls: { sse: 'https://a.example/s?cursor=AbCdEfGh0123456789AbCdEfGh&limit=5&date=2024-05-05T10:00:00.000Z' },
      headers: { Accept: 'text/event-stream', 'User-Agent': 'Mozilla/5.0 (X11)', Origin: 'https://shop.example' },
      body: 'a=1&b=2',
    });
    expect(sealTarget(plain, free)).toEqual({ target: plain, secrets: {} });
  });

  it('of environments are taken by name or looks', () => {
    expect(sealVars('production', { host: 'a.example', api_key: 'k3y-abc' }, free)).toEqual({
      vars: { host: 'a.example', api_key: '{secret.production.api-key}' },
      secrets: { 'production.api-key': 'k3y-abc' },
    });
  });

  it('get other names', () => {
    const named = target({ headers: { A: '{secret.x} {secret.y}' } });
    expect(renameSecrets(named, { x: 'x-2' }).headers).toEqual({ A: '{secret.x-2} {secret.y}' });
  });
});

describe('templates of an endpoint', () => {
  const values = (name: string): string | undefined =>
    ({ 'var.host': 'a.example:8443', 'var.path': 'v1/my stream', 'var.room': 'a&b', 'secret.t': 'x/y', 'var.all': '{var.host}!', 'var.me': '{var.me}' })[name]; // prettier-ignore

  it('are encoded for where they stand', () => {
    const filled = fillTarget(
      target({
        urls: { sse: 'https://{var.host}/{var.path}?room={var.room}&t={secret.t}&o={var.nobody?}' },
        headers: { A: '{secret.t} {var.all} {token} {cursor}' },
      }),
      values,
    );
    expect(filled.urls.sse).toBe('https://a.example:8443/v1/my%20stream?room=a%26b&t=x%2Fy&o=');
    expect(filled.headers).toEqual({ A: 'x/y a.example:8443! {token} {cursor}' });
  });

  it.each([
    ['{var.nobody}', /variable has no value/],
    ['{secret.nobody}', /secret has no value/],
    ['{var.me}', /made of itself/],
  ])('%s says what it lacks', (text, message) => {
    const fill = (): unknown => fillTarget(target({ headers: { A: text } }), values);
    expect(fill).toThrow(message);
    expect(fill).toThrow(expect.objectContaining({ code: 'no-value', place: text }) as Error);
  });
});
