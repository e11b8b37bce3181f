import { spellPath } from '../../../src/shared/path/describe.ts';
import { describe, expect, it } from 'vitest';
import { planScenario, type Plan, type PlannedStep } from '../../../src/engine/scenario/plan.ts';
import { readScenario } from '../../../src/shared/scenario/read.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';
import { keyPath } from '../../../src/shared/scenario/problems.ts';

const least = { name: 'x', lanes: [{ method: 'sse' }], duration: '60s' };

function planned(more: object): { plan: Plan; said: string[] } {
  const { scenario, problems } = readScenario({ ...least, ...more });
  expect(problems).toEqual([]);
  const { plan, problems: unknown } = planScenario(scenario!);
  return { plan, said: unknown.map((p) => `${keyPath(p.path)}: ${p.message} ${p.hint ?? ''}`.trim()) };
}

const steps = (schedule: object[], more: object = {}): unknown[] =>
  planned({ ...more, schedule }).plan.steps.map(({ at, action }: PlannedStep) => [at, action]);

it('puts steps in order of time, and of the file where times are equal', () => {
  const order = steps([
    { at: '20s', do: 'cut' },
    { at: '10s', do: 'lose-log' },
    { at: '10s', do: 'restart-server' },
  ]);
  expect(order).toEqual([
    [10_000, { call: 'loseLog', args: [] }],
    [10_000, { call: 'restartServer', args: [] }],
    [20_000, { call: 'cutAll', args: [{ end: 'rst' }] }],
  ]);
});

it('puts faults on the path, takes them off by time or by name, and keeps the rest', () => {
  const path = ['latency:delay=50ms'];
  const made = steps(
    [
      { at: '1s', do: 'fault', via: 'black-hole+slice:size=1B', for: '5s' },
      { at: '2s', do: 'fault', via: 'latency:delay=1s' },
      { at: '3s', do: 'clear', via: 'slice' },
      { at: '8s', do: 'clear', via: 'latency' },
      { at: '9s', do: 'set', path: ['haproxy-tcp'] },
      { at: '10s', do: 'clear' },
    ],
    { path },
  );
  expect(made.map((one) => [(one as any)[0], spellPath((one as any)[1].args[0].path)])).toEqual([
    [1000, ['latency:delay=50ms', 'black-hole:', 'slice:size=1B']],
    [2000, ['latency:delay=50ms', 'black-hole:', 'slice:size=1B', 'latency:delay=1s']],
    [3000, ['latency:delay=50ms', 'black-hole:', 'latency:delay=1s']],
    [6000, ['latency:delay=50ms', 'latency:delay=1s']],
    [8000, []],
    [9000, ['haproxy-tcp']],
    [10_000, []],
  ]);
});

it('puts policies and presets of an HTTP intermediary on the path as --via does', () => {
  const path = ['nginx-tuned:idle-timeout=30s+latency:delay=1s', 'http-proxy'];
  const schedule = [
    { at: '1s', do: 'fault', via: 'error-status:status=401,every=1', for: '9s' },
    { at: '2s', do: 'fault', via: 'varnish:cache.control=ignored+upgrade' },
    { at: '3s', do: 'clear', via: 'upgrade' },
    { at: '4s', do: 'set', path: ['corporate-no-upgrade'] },
  ];
  const via = ['nginx-tuned:http-idle-timeout=30s', 'latency:delay=1s', 'http-proxy:'];
  const refusing = [...via, 'error-status:status=401,first=0,every=1'];
  expect(spellPath(planned({ path }).plan.config.path)).toEqual(via);
  expect(steps(schedule, { path }).map((one) => spellPath((one as any)[1].args[0].path))).toEqual([
    refusing,
    [...refusing, 'varnish:cache.control=ignored', 'upgrade:'],
    [...refusing, 'varnish:cache.control=ignored'],
    ['corporate-no-upgrade'],
    ['corporate-no-upgrade'],
  ]);
});

it('is offline until the last of overlapping outages is over', () => {
  const made = steps([
    { at: '1s', do: 'offline', for: '10s' },
    { at: '5s', do: 'offline', for: '2s' },
    { at: '20s', do: 'offline' },
  ]);
  expect(made).toEqual([
    [1000, { call: 'setOffline', args: [{ offline: true }] }],
    [11_000, { call: 'setOffline', args: [{ offline: false }] }],
    [20_000, { call: 'setOffline', args: [{ offline: true }] }],
  ]);
});

it('publishes as often as said, the last one final, and nothing after the end', () => {
  const made = steps([
    { at: '1s', do: 'publish', type: 'payment', data: { s: 1 }, count: 2, every: '2s', final: true },
    { at: '50s', do: 'publish', count: 100, every: '4s' },
  ]);
  expect(made.slice(0, 2)).toEqual([
    [1000, { call: 'publish', args: [{ type: 'payment', data: '{"s":1}' }] }],
    [3000, { call: 'publish', args: [{ type: 'payment', data: '{"s":1}', terminal: true }] }],
  ]);
  expect(made.slice(2).map((one) => (one as any)[0])).toEqual([50_000, 54_000, 58_000]);
});

it('changes a workload in place, and another one begins at its own pace', () => {
  const server = { workload: 'custom', rate: '5/s', size: '100B' };
  const made = steps(
    [
      { at: '1s', do: 'set', rate: '10/s' },
      { at: '2s', do: 'set', workload: 'ticks' },
    ],
    { server },
  );
  expect(made).toEqual([
    [1000, { call: 'setWorkload', args: [{ name: 'custom', rate: 10, size: 100, burst: null }] }],
    [2000, { call: 'setWorkload', args: [{ name: 'ticks', rate: null, size: null, burst: null }] }],
  ]);
});

it('caps the hold at the heartbeat, unless the hold was said too', () => {
  expect(planned({ server: { heartbeat: '5s' } }).plan.server).toEqual({ holdCapMs: 5000 });
  expect(planned({ server: { heartbeat: '5s', hold: '25s' } }).plan.server).toEqual({});
  expect(planned({ server: { heartbeat: 'off', retain: 7, maxAge: '1m' } }).plan).toMatchObject({
    server: { maxAgeMs: 60_000 },
    config: { heartbeatMs: null, retain: 7 },
  });
});

it('gives a lane its own ways', () => {
  const lanes = [
    { method: 'sse', deadAfter: '10s', ping: 'off' },
    { method: 'short-polling', poll: '1s', pongs: 'off' },
  ];
  expect(planned({ lanes }).plan.config.lanes).toEqual([
    { method: 'sse', client: { deadAfter: 10_000, pingMs: null } },
    { method: 'short-polling', client: { pollMs: 1000, pongs: false } },
  ]);
});

it('says which codings a lane accepts, and refuses those that nobody can undo', () => {
  const accepting = (acceptEncoding: unknown) => ({ ...least, lanes: [{ method: 'sse', acceptEncoding }] });
  for (const list of ['off', 'gzip, br;q=0.5', 'identity']) {
    expect(planned(accepting(list)).plan.config.lanes).toEqual([{ method: 'sse', client: { acceptEncoding: list } }]);
  }
  for (const list of ['gzipp', 'gzip;q=2', '', 'br\r\nX: y', 3]) {
    expect(readScenario(accepting(list)).problems.map((p) => keyPath(p.path))).toEqual(['lanes[0].acceptEncoding']);
  }
});

it.each([
  [{ path: ['latency:dely=1s'] }, 'path[0]: latency:dely: latency has no "dely". Did you mean delay?'],
  [
    { path: ['hapoxy-tcp'] },
    'path[0]: There is no preset, fault or policy called "hapoxy-tcp". Did you mean haproxy-tcp?',
  ],
  [
    { path: ['http-proxy', 'latency:delay=1s+eror-status'] },
    'path[1]: There is no preset, fault or policy called "eror-status". Did you mean error-status?',
  ],
  [{ path: ['buffer:hld=block'] }, 'path[0]: buffer:hld: buffer has no "hld". Did you mean hold?'],
  [
    { schedule: [{ at: '1s', do: 'fault', via: 'error-status:status=410' }] },
    'schedule[0].via: error-status:status: "410" is not one of its values. Write 401, 403, 404, 407, 429, 500, 502, 503, 504.',
  ],
  [{ path: ['varnish:cach=1m'] }, 'path[0]: varnish:cach: varnish has no "cach" to change. Did you mean cache?'],
  [
    { schedule: [{ at: '1s', do: 'set', path: ['nginx-tunned'] }] },
    'schedule[0].path[0]: There is no preset, fault or policy called "nginx-tunned". Did you mean nginx-tuned?',
  ],
  [
    { schedule: [{ at: '1s', do: 'fault', via: 'idle-timeout:after=900d' }] },
    'schedule[0].via: idle-timeout:after: 900d is out of range. Give between 0s and 240h.',
  ],
  [
    { path: ['black-hole'], schedule: [{ at: '1s', do: 'clear', via: 'blak-hole' }] },
    'schedule[0].via: Nothing called "blak-hole" is on the path then. Did you mean black-hole?',
  ],
  [
    { schedule: [{ at: '1s', do: 'clear', via: 'latency' }] },
    'schedule[0].via: Nothing called "latency" is on the path then. It is direct.',
  ],
  [
    { target: { base: 'ftp://x', dialect: 'heartline' } },
    'target.base: ftp:// does not fit here. Use http:// or https://.',
  ],
  [{ target: { base: 'http://x', dialect: 'nchn' } }, 'target.dialect: "nchn" is not a dialect. Did you mean nchan?'],
  [
    { target: { dialect: 'plain' }, lanes: [{ method: 'sse', url: 'localhost:1/x' }] },
    'lanes[0].url: "localhost:1/x" is not a URL. Write the scheme too: http://localhost:1/x',
  ],
])('%j is told before anything runs', (more, sentence) => {
  expect(planned(more).said).toEqual([sentence]);
});

describe('a target elsewhere', () => {
  const saved: RemoteTarget = {
    kind: 'remote',
    name: 'orders',
    base: null,
    urls: { sse: 'https://h.test/events' },
    channel: 'orders',
    headers: { 'X-Team': 'a' },
    dialect: 'plain',
    auth: { type: 'bearer', token: '{secret.TOKEN}' },
  };
  const planned = (target: unknown) => {
    const { scenario, problems } = readScenario({ ...least, target });
    expect(problems).toEqual([]);
    return planScenario(scenario!, [saved]);
  };

  it('is a saved endpoint where its name alone is written, and its keys are laid over that', () => {
    expect(planned('orders').plan.config.target).toEqual(saved);
    const { plan } = planned({ endpoint: 'orders', headers: { 'X-Run': '1' }, deadline: '5s', body: { a: 1 } });
    expect(plan.config.target).toMatchObject({
      urls: saved.urls,
      auth: saved.auth,
      headers: { 'X-Team': 'a', 'X-Run': '1' },
      deadlineMs: 5000,
      body: '{"a":1}',
    });
  });

  it('is told by the nearest name where none is saved under it', () => {
    expect(planned('order').problems).toMatchObject([{ path: ['target', 'endpoint'], hint: 'Did you mean orders?' }]);
  });

  it('takes the keys of an endpoint, and says which of them will not do', () => {
    const { plan } = planned({
      urls: { sse: 'https://h.test/chat' },
      dialect: 'plain',
      httpMethod: 'POST',
      body: { model: 'x' },
      auth: { type: 'token-command', command: './token.sh' },
      tls: { insecure: true },
      retryOn: '5xx,1008=stop',
      timeouts: { head: '3s' },
    });
    expect(plan.config.target).toMatchObject({ retryOn: ['5xx', '1008=stop'], timeouts: { headMs: 3000 } });
    const { problems } = readScenario({
      ...least,
      target: { base: 'http://h.test', auth: { type: 'bearer', tokn: 'x' } },
    });
    expect(problems.map((p) => keyPath(p.path))).toEqual(['target.auth.tokn']);
  });
});

it('a lane has the limits of a named client, unless it says otherwise', () => {
  const lanes = [
    { method: 'sse', client: 'yaffle' },
    { method: 'websocket', client: 'actioncable', deadAfter: '9s' },
  ];
  expect(planned({ lanes }).plan.config.lanes).toMatchObject([
    { client: { deadAfter: 45_000 } },
    { client: { deadAfter: 9000 } },
  ]);
  expect(planned({ lanes: [{ method: 'sse', client: 'signalr' }] }).said).toEqual([
    'lanes[0].client: SignalR’s JavaScript client does not speak sse. Give it to a lane of websocket.',
  ]);
});
