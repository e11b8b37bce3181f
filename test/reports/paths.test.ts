/** Streams that died on their way in public reports, played as scenarios: each ends as reported, and the cure holds. */
import { describe, expect, it } from 'vitest';
import { failed, play, type Played } from '../helpers/play.ts';

const BUSY = { heartbeat: '10s', rate: '1/s', lanes: ['sse', 'websocket'], scale: 50 };

/** A busy stream of each kind over a path. */
const busy = (path: string, seconds: number, expected: string[], o: Partial<typeof BUSY> = {}): Promise<Played> => {
  const { heartbeat, rate, lanes, scale } = { ...BUSY, ...o };
  return play(`
name: busy
timeScale: ${scale}
server: { workload: custom, rate: ${rate}, heartbeat: ${heartbeat} }
lanes: [${lanes.map((method) => `{ method: ${method} }`).join()}]
path: ['${path}']
duration: ${seconds}s
expect: ${JSON.stringify([...expected, 'missed == 0', 'state == open'])}
`);
};

const fired = (played: Played): string[] =>
  played.all('fault').flatMap((f) => (f.action === 'fire' && f.detail ? [f.detail] : []));

describe('kubernetes/ingress-nginx #8977: a reload cuts what was open then', () => {
  it('240 s later, busy or not; what came after it is left alone', async () => {
    const played = await busy('ingress-nginx:reload.at=30s', 500, ['drops == 1'], {
      heartbeat: '15s',
      rate: '30/m',
      scale: 200,
    });
    expect(failed(played)).toEqual([]);
    expect(new Set(fired(played))).toEqual(new Set(['worker shut down 4 m after a reload: fin']));
    const ages = played.all('drop').map((d) => d.age ?? 0);
    expect(ages).toHaveLength(2);
    for (const age of ages) expect(age).toBeGreaterThanOrEqual(260_000);
  });
});

describe('streamlit/streamlit #1386: a Google load balancer ends a WebSocket after 30 s', () => {
  it('though it is busy, and the age of each drop says so', async () => {
    const played = await busy('gcp-https-lb', 100, ['drops >= 3']);
    expect(failed(played)).toEqual([]);
    expect(fired(played)[0]).toMatch(/^30 s old: /);
    for (const { age, silence } of played.all('drop')) {
      expect(age).toBeGreaterThanOrEqual(28_000);
      expect(silence).toBeLessThan(10_000);
    }
  });

  it('not with a longer backend timeout', async () => {
    expect(failed(await busy('gcp-https-lb:http-lifetime=600s', 100, ['drops == 0']))).toEqual([]);
  });
});

describe('nstapelbroek/envoy-swarm-control-plane #16: Envoy ends an answer after 15 s', () => {
  it('though it is busy', async () => {
    const played = await busy('envoy', 60, ['drops >= 3'], { lanes: ['sse'] });
    expect(failed(played)).toEqual([]);
    expect(fired(played)[0]).toMatch(/^15 s old: /);
  });

  it('not with a route timeout of 0 and heartbeats', async () => {
    expect(
      failed(
        await busy('envoy:http-lifetime=0s', 400, ['drops == 0'], {
          heartbeat: '60s',
          lanes: ['sse'],
          scale: 100,
        }),
      ),
    ).toEqual([]);
  });
});

it('pladaria/reconnecting-websocket #178: the 10 minutes of an API Gateway are drops, with their code', async () => {
  const played = await play(`
name: ten minutes of silence
timeScale: 1000
server: { workload: none, heartbeat: off }
lanes: [{ method: websocket }]
path: [aws-api-gateway-websocket]
duration: 1500s
expect: ['drops >= 1', 'drops.idle-limit >= 1']
`);
  expect(failed(played)).toEqual([]);
  expect(played.all('drop')[0]).toMatchObject({ evidence: 'close:1001', by: 'path', cause: 'idle-limit' });
  expect(fired(played)[0]).toBe('10 m without a byte: close 1001 / fin');
});

describe('rcarmo/piclaw #65: a phone wakes on a dead socket', () => {
  const asleep = (heartbeat: string, expected: string[]): Promise<Played> =>
    play(`
name: a phone wakes
timeScale: 50
server: { workload: none, heartbeat: ${heartbeat} }
lanes: [{ method: sse }, { method: websocket }]
path: ['idle-timeout:after=5s,end=black-hole']
schedule:
  - { at: 2s, do: sleep, for: 60s }
  - { at: 30s, do: publish, count: 3 }
  - { at: 66s, do: publish, count: 2 }
duration: 130s
expect: ${JSON.stringify(expected)}
`);

  it('which looks open and hears nothing, as is said', async () => {
    const played = await asleep('off', ['state == open', 'behind == 5', 'drops == 0']);
    expect(failed(played)).toEqual([]);
    for (const lane of ['sse', 'websocket']) {
      expect(played.all('notice', lane).map((n) => n.code)).toContain('no-watchdog');
    }
  });

  it('and with heartbeats finds out, and has missed nothing', async () => {
    const played = await asleep('15s', ['drops.silence >= 1', 'behind == 0', 'missed == 0']);
    expect(failed(played)).toEqual([]);
  });

  it('and a poll that it held is never given up in a negative time', async () => {
    const played = await play(`
name: a held poll over a sleep
timeScale: 50
server: { workload: none, hold: 25s }
lanes: [{ method: long-polling }]
schedule:
  - { at: 2s, do: sleep, for: 60s }
  - { at: 3s, do: fault, via: black-hole, for: 56s }
duration: 100s
expect: ['missed == 0']
`);
    expect(failed(played)).toEqual([]);
    for (const { message } of played.all('notice')) expect(message).not.toMatch(/-\d/);
  });
});

it('cloudflare/cloudflared #1449: a tunnel holds a GET stream until its end, and the wait is named', async () => {
  const played = await play(`
name: a tunnel
timeScale: 10
server: { workload: custom, rate: 2/s }
lanes: [{ method: sse }]
path: [cloudflare-quick-tunnel]
duration: 12s
expect: ['unique == 0']
`);
  expect(failed(played)).toEqual([]);
  expect(played.all('notice')).toContainEqual(
    expect.objectContaining({ code: 'head-late', message: expect.stringContaining('for 5 s') }),
  );
});
