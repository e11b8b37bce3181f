/** A token fresh at every attempt, and nothing of it, nor of any other secret, in what is said. */
import { describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../../src/shared/catalog.ts';
import { TokenSource } from '../../../src/engine/client/endpoint/token-source.ts';
import { tokenFromCommand } from '../../../src/engine/client/endpoint/token-command.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { follow, server, stream } from './rig.ts';

const lane = (port: number, method: Method = 'sse') => [{ method, url: `http://127.0.0.1:${port}/x` }];
const mayRun = () => true;

describe('a token', () => {
  const source = (mint: () => { token: string; expiresAt: number | null }) => {
    const clock = new FakeClock();
    const minted: string[] = [];
    const tokens = new TokenSource({
      mint: async () => mint(),
      clock,
      onMinted: (token) => minted.push(token),
      refreshable: true,
    });
    return { clock, minted, tokens };
  };

  it('of 5 s is never sent stale over 30 s with ten cuts', async () => {
    let n = 0;
    const { clock, tokens } = source(() => ({ token: `t${++n}`, expiresAt: clock.unixTime() + 5000 }));
    const mintedAt = new Map<string, number>();
    for (let cut = 0; cut < 10; cut++) {
      const token = await tokens.get();
      if (!mintedAt.has(token)) mintedAt.set(token, clock.unixTime());
      // as the server sees it, after 900 ms on the way
      expect(clock.unixTime() + 900 - mintedAt.get(token)!).toBeLessThanOrEqual(5000);
      await clock.pass(3000);
    }
    expect(n).toBeGreaterThanOrEqual(5);
    expect(n).toBeLessThanOrEqual(10);
  });

  it('whose end nobody knows is asked for at each attempt, and once by those that ask together', async () => {
    let n = 0;
    const { clock, tokens } = source(() => ({ token: `t${++n}`, expiresAt: null }));
    expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['t1', 't1']);
    await clock.pass(2000);
    expect(await tokens.get()).toBe('t2');
  });

  it('that was refused is not sent again', async () => {
    let n = 0;
    const { clock, tokens } = source(() => ({ token: `t${++n}`, expiresAt: clock.unixTime() + 60_000 }));
    expect(await tokens.get()).toBe('t1');
    tokens.refused('t1');
    expect(await tokens.get()).toBe('t2');
    tokens.refused('t1'); // told late, by another lane
    expect(await tokens.get()).toBe('t2');
  });

  it('says itself how long it holds where it is a JSON Web Token', async () => {
    let n = 0;
    const jwt = (exp: number): string =>
      `e30.${Buffer.from(JSON.stringify({ exp, n: ++n })).toString('base64url')}.sig`;
    const { clock, tokens } = source(() => ({ token: jwt(clock.unixTime() / 1000 + 100), expiresAt: null }));
    const first = await tokens.get();
    await clock.pass(60_000);
    expect(await tokens.get()).toBe(first);
    await clock.pass(35_000);
    expect(await tokens.get()).not.toBe(first);
  });
});

describe('a token command', () => {
  const run = (command: string, limitMs = 10_000) =>
    tokenFromCommand(command, 'orders', { clock: realClock(1), signal: new AbortController().signal, limitMs });

  it('is told the endpoint’s name, and gives its first line', async () => {
    expect(await run('echo "tok-$HEARTLINE_ENDPOINT"; echo more')).toEqual({ token: 'tok-orders', expiresAt: null });
    const at = '2030-01-01T00:00:00Z';
    expect(await run(`echo '{"token":"t","expiresAt":"${at}"}'`)).toEqual({ token: 't', expiresAt: Date.parse(at) });
  });

  it('that fails, hangs or gives nothing is told in words', async () => {
    await expect(run('echo who are you >&2; exit 3')).rejects.toThrow('ended with exit code 3: who are you.');
    await expect(run('sleep 30', 200)).rejects.toThrow('printed no line within 0.2 s, and was ended.');
    await expect(run('true')).rejects.toThrow('gave nothing');
    await expect(run('echo two words')).rejects.toThrow('no token has');
    await expect(run('/no/such/command')).rejects.toThrow('exit code 127');
  });

  it('that came from elsewhere is not run, and says so', async () => {
    const { port, asked } = await server((_, res) => stream(res, 'x'));
    const w = await follow({ auth: { type: 'token-command', command: 'echo x > /dev/null' } }, lane(port));
    expect(await w.until('notice', (n) => n.code === 'command-not-confirmed')).toMatchObject({ level: 'error' });
    expect(await w.until('state', (s) => s.to === 'failed')).toMatchObject({ evidence: 'no-token' });
    expect(asked).toEqual([]);
  });

  it('that fails keeps its lane trying, and nothing is asked for meanwhile', async () => {
    const { port, asked } = await server((_, res) => stream(res, 'x'));
    const w = await follow({ auth: { type: 'token-command', command: 'exit 7' } }, lane(port), { mayRun });
    expect(await w.until('drop')).toMatchObject({ evidence: 'no-token', by: 'client', age: null });
    await w.until('reconnect', (r) => r.attempt === 2);
    expect(asked).toEqual([]);
  });
});

describe.each(METHODS.filter((m) => m !== 'websocket'))('%s', (method) => {
  it('asks for another token where one is refused, once', async () => {
    let good = 2;
    const { port, asked } = await server((req, res) => {
      const n = Number(/tok-(\d+)-/.exec(req.headers.authorization ?? '')?.[1] ?? 0);
      if (n < good) res.writeHead(401).end();
      else if (method === 'sse') stream(res, 'in');
      else res.end('in');
    });
    const tokens = await server((_, res) =>
      res.end(JSON.stringify({ token: `tok-${++made}-secret`, expires_in: 3600 })),
    );
    let made = 0;
    const url = `http://127.0.0.1:${tokens.port}/token`;
    const w = await follow({ auth: { type: 'token-url', url } }, lane(port, method));
    expect(await w.until('event')).toMatchObject({ data: 'in' });
    expect(asked.slice(0, 2).map((one) => one.headers.authorization)).toEqual([
      'Bearer tok-1-secret',
      'Bearer tok-2-secret',
    ]);
    expect(w.all('notice').map((n) => n.code)).toContain('token-refused');
    expect(JSON.stringify(w.seen)).not.toMatch(/tok-\d-secret/);
    good = 99;
    if (method === 'sse') return;
    // the one that is refused again in a row ends it: asking for ever would help nobody
    expect(await w.until('state', (s) => s.to === 'failed')).toMatchObject({ evidence: 'status:401' });
  });
});

it('OAuth 2 asks by client credentials, and goes on with the refresh token it was handed last', async () => {
  let n = 0;
  const auth = await server((_, res) =>
    res.end(JSON.stringify({ access_token: `at-${++n}-secret`, expires_in: 0.2, refresh_token: `rt-${n}-secret` })),
  );
  const { port, asked } = await server((_, res) => res.end('x'));
  const tokenUrl = `http://127.0.0.1:${auth.port}/token`;
  const common = { type: 'oauth2', tokenUrl, clientId: 'me', clientSecret: 'cl1ent-secret', scope: 'read' } as const;
  const first = await follow({ auth: { ...common, grant: 'client-credentials' } }, lane(port, 'short-polling'));
  await first.until('event');
  expect(auth.asked[0]).toMatchObject({ method: 'POST', body: 'grant_type=client_credentials&scope=read' });
  expect(auth.asked[0]!.headers.authorization).toBe(`Basic ${Buffer.from('me:cl1ent-secret').toString('base64')}`);
  expect(asked[0]!.headers.authorization).toBe('Bearer at-1-secret');
  await first.lab.close();
  auth.asked.length = 0;
  const grant = { ...common, grant: 'refresh-token', refreshToken: 'rt-0-secret', clientAuth: 'body' } as const;
  const w = await follow({ auth: grant }, lane(port, 'short-polling'));
  await w.until('request', () => auth.asked.length >= 2);
  expect(auth.asked.map((one) => new URLSearchParams(one.body).get('refresh_token')).slice(0, 2)).toEqual([
    'rt-0-secret',
    `rt-${n - auth.asked.length + 1}-secret`,
  ]);
  expect(JSON.stringify([...first.seen, ...w.seen])).not.toMatch(/-secret/);
});

it('every secret that is given is taken out of everything that is said', async () => {
  const secrets = ['S3CRET-bearer', 'S3CRET-header', 'S3CRET-query', 'S3CRET-body', 'S3CRET-cookie', 'S3CRET-var'];
  const { port } = await server((req, res) => {
    res.setHeader('set-cookie', 'sid=S3CRET-cookie; Path=/');
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const all = `${req.headers.authorization} ${String(req.headers['x-key'])} ${req.url} ${req.body}`;
    res.write(`id: 1\ndata: ${all.replaceAll('\n', ' ')} S3CRET-cookie\n\n`);
    setTimeout(() => res.destroy(), 50);
  });
  const w = await follow(
    {
      auth: { type: 'bearer', token: 'S3CRET-bearer' },
      headers: { 'X-Key': 'S3CRET-header' },
      query: { key: 'S3CRET-query', room: '{var.room_token}' },
      httpMethod: 'POST',
      body: '{"password":"S3CRET-body"}',
      vars: { room_token: 'S3CRET-var' },
    },
    lane(port),
  );
  const event = await w.until('event');
  await w.until('state', (s) => s.to === 'failed');
  expect(event.data).toContain('Bearer ‹redacted› ‹redacted›');
  const said = JSON.stringify([w.seen, w.lab.snapshot().recent, w.lab.summary()]);
  for (const secret of secrets) expect(said).not.toContain(secret);
});
