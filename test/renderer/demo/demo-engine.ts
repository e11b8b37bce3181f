/** An engine that only pretends: the page's fixture. It plays a story, then goes on publishing, and answers orders with facts. */
import { PRESETS } from '../../../src/shared/path/presets/index.ts';
import { describePath } from '../../../src/shared/path/describe.ts';
import type { DoctorProgress } from '../../../src/shared/doctor/report.ts';
import type { EngineApi, EngineInfo, FeedBatch, LabSnapshot } from '../../../src/shared/api.ts';
import type { RunConfig } from '../../../src/shared/run-config.ts';
import { METHODS, perMethod, type Method } from '../../../src/shared/catalog.ts';
import { newTally, fold } from '../../../src/shared/measure/tally.ts';
import type { Fact, Observation } from '../../../src/shared/observation.ts';
import type { EngineConnection, FeedHandlers } from '../../../src/rpc/client.ts';
import { demoEndpoints } from './demo-endpoints.ts';
import { demoScenarios } from './demo-scenarios.ts';
import { EPOCH, HEAD, tellStory } from './story.ts';

export type Scene = 'story' | 'empty' | 'busy' | 'failed' | 'lost' | 'remote' | 'nothing';

export const INFO: EngineInfo = {
  version: '0.1.0',
  host: 'browser',
  node: '24.21.0',
  electron: null,
  platform: 'linux x64',
  faults: [
    {
      id: 'latency',
      label: 'Latency',
      what: 'Everything arrives later.',
      params: {
        delay: { kind: 'duration', label: 'Delay', default: 100, min: 0, max: 60_000 },
        jitter: { kind: 'duration', label: 'Jitter', default: 0, min: 0, max: 60_000 },
      },
    },
    {
      id: 'idle-timeout',
      label: 'Idle limit',
      what: 'Ends whatever has been silent for so long.',
      params: {
        after: { kind: 'duration', label: 'Silent for', default: 60_000, min: 100 },
        end: {
          kind: 'choice',
          label: 'Ends with',
          default: 'fin',
          options: { fin: 'FIN', rst: 'RST', silence: 'silence' },
        },
      },
    },
  ],
  presets: ['direct', 'slow-line', 'impatient-proxy', 'aws-alb'].map((id) => PRESETS[id]!),
  dialects: [
    { name: 'heartline', label: 'Heartline', methods: [...METHODS] },
    { name: 'nchan', label: 'nchan', methods: [...METHODS] },
    { name: 'plain-sse', label: 'Plain SSE', methods: ['sse'] },
  ],
};

export function demoConfig(): RunConfig {
  return {
    target: { kind: 'embedded' },
    lanes: METHODS.map((method) => ({ method })),
    path: [],
    heartbeatMs: 5000,
    workload: { name: 'notifications', rate: 22 / 60, size: null, burst: null },
    channel: 'demo',
    after: null,
    pollMs: 2000,
    holdMs: 25_000,
    pingMs: null,
    deadAfter: 'auto',
    backoff: 'full-jitter',
    pongs: true,
    timeScale: 1,
    seed: 1,
  };
}

/** Connects to the pretence. `freeze` keeps time still, for pictures. */
export function demoEngine(scene: Scene, handlers: FeedHandlers): EngineConnection {
  const began = Date.now();
  const startedAt = scene === 'empty' || scene === 'nothing' ? began : began - 68_000;
  const now = (): number => Date.now();
  const history: Observation[] =
    scene === 'empty' || scene === 'nothing' ? [] : scene === 'busy' ? [] : tellStory(startedAt);
  let n = history.length;
  let seq = 0;
  let head = HEAD;
  let out: Observation[] = [];
  const timers = new Set<ReturnType<typeof setInterval>>();
  const say = (lane: Method | null, fact: Fact, at = now()): void =>
    void out.push({ v: 1, n: ++n, at: Math.round(at), lane, ...fact } as Observation);
  const after = (ms: number, fn: () => void): void => void timers.add(setTimeout(fn, ms));
  const every = (ms: number, fn: () => void): void => void timers.add(setInterval(fn, ms));
  const asleep = { until: 0 };

  const config = demoConfig();
  if (scene === 'remote') {
    config.target = {
      kind: 'remote',
      name: 'staging',
      base: 'http://127.0.0.1:9080',
      urls: {},
      channel: 'demo',
      headers: {},
      dialect: 'nchan',
    };
  }
  const tallies = new Map(METHODS.map((m) => [m, newTally(m, `http://127.0.0.1:7410/events/demo`)]));
  for (const o of history) {
    if (o.lane) fold(tallies.get(o.lane as Method)!, o);
    else if (o.type === 'path' || o.type === 'sleep') for (const t of tallies.values()) fold(t, o);
  }
  const last = (m: Method): Observation | undefined => history.findLast((o) => o.lane === m && o.type === 'state');
  const snapshot: LabSnapshot = {
    n,
    now: now(),
    runStartedAt: startedAt,
    config,
    lanes: METHODS.map((method) => {
      const s = last(method);
      const fact = s?.type === 'state' ? s : null;
      return {
        id: method,
        method,
        url: `http://127.0.0.1:7410/events/demo`,
        name: null,
        client: {},
        state: fact?.to ?? 'connecting',
        phase: fact?.phase ?? null,
        since: fact ? fact.at + n * 0 : startedAt,
        until: fact?.until ?? null,
        cursor: history.length > 0 ? `${EPOCH}.${method === 'short-polling' ? HEAD - 1 : HEAD}` : null,
        tally: structuredClone(tallies.get(method)!),
      };
    }),
    path:
      history.length > 0
        ? { via: ['impatient-proxy'], label: 'nginx, idle 10 s', idleLimitMs: 10_000 }
        : { via: [], label: 'Direct', idleLimitMs: null },
    server: {
      running: true,
      url: 'http://127.0.0.1:7410',
      epoch: EPOCH,
      head: `${EPOCH}.${HEAD}`,
      floor: `${EPOCH}.0`,
    },
    offline: false,
    asleepUntil: null,
    pongs: true,
    recording: { file: 'run.heartline', bytes: 1_200_000, since: startedAt },
    scenario: null,
    recent: history,
    forgotten: 0,
  };

  queueMicrotask(() => handlers.snapshot(snapshot));
  every(50, () => {
    const observations = out;
    out = [];
    handlers.batch({ seq: ++seq, now: now(), observations } satisfies FeedBatch);
  });
  if (scene === 'story') live();
  if (scene === 'busy') busy();
  if (scene === 'empty') after(1200, live);
  if (scene === 'failed') fail();
  if (scene === 'lost')
    after(1500, () => {
      for (const t of timers) clearInterval(t);
      handlers.closed('The engine process ended.');
    });

  function publish(): void {
    head++;
    const cursor = `${EPOCH}.${head}`;
    say(null, { type: 'publish', cursor, event: 'order.paid', bytes: 82 });
    if (now() < asleep.until) return;
    for (const m of ['long-polling', 'sse', 'websocket'] as const) {
      say(
        m,
        { type: 'event', cursor, id: cursor, event: 'order.paid', bytes: 140, latency: 8, duplicate: false },
        now() + 8,
      );
    }
  }
  function live(): void {
    if (scene === 'empty') {
      for (const m of METHODS)
        say(m, {
          type: 'state',
          from: 'connecting',
          to: 'open',
          reason: 'connected',
          ...(m === 'short-polling'
            ? { phase: 'resting' as const, until: now() + 2000 }
            : m === 'long-polling'
              ? { phase: 'held' as const, until: now() + 25_000 }
              : {}),
        });
    }
    every(2700, publish);
    let id = 1000;
    every(2000, () => {
      if (now() < asleep.until) return;
      say('short-polling', { type: 'request', id: ++id, method: 'GET', url: '/events/demo' });
      say('short-polling', { type: 'response', id, status: 304, bytes: 0, took: 8, empty: true });
      say('short-polling', {
        type: 'state',
        from: 'open',
        to: 'open',
        phase: 'resting',
        reason: 'phase',
        until: now() + 2000,
      });
    });
    every(5000, () => {
      if (now() < asleep.until) return;
      say('sse', { type: 'heartbeat', kind: 'comment', dir: 'in' });
      say('websocket', { type: 'heartbeat', kind: 'pong', dir: 'in', rtt: 2 });
    });
  }
  function busy(): void {
    for (const m of METHODS) say(m, { type: 'state', from: 'connecting', to: 'open', reason: 'connected' });
    every(10, () => {
      for (let i = 0; i < 25; i++) {
        head++;
        const cursor = `${EPOCH}.${head}`;
        for (const m of METHODS)
          say(m, { type: 'event', cursor, id: cursor, event: 'tick', bytes: 90, latency: 3, duplicate: false });
      }
      say(null, { type: 'publish', cursor: `${EPOCH}.${head}`, event: 'tick', bytes: 60 });
    });
  }
  function fail(): void {
    after(100, () => {
      say('sse', {
        type: 'drop',
        evidence: 'status:401',
        by: 'server',
        silence: 20,
        detected: null,
        detail: 'the server refused the token',
      });
      say('sse', {
        type: 'state',
        from: 'connecting',
        to: 'failed',
        reason: 'refused-by-server',
        evidence: 'status:401',
      });
      say('websocket', { type: 'state', from: 'open', to: 'stopped', reason: 'user' });
    });
  }

  const scenarios = demoScenarios({
    now,
    after,
    renew: (scenario) => handlers.snapshot({ ...snapshot, runStartedAt: now(), now: now(), recent: [], n, scenario }),
    say: (fact) => say(null, fact),
  });
  const cost = { requests: 0, connections: 0, seconds: 0, messages: 0 };
  const doctor: DoctorProgress = {
    id: 'doctor-1',
    version: 1,
    done: true,
    stopped: false,
    elapsedMs: 0,
    leftMs: 0,
    doing: 'Done.',
    checks: [],
    report: {
      v: 1,
      url: 'http://127.0.0.1:9080',
      method: 'sse',
      budget: cost,
      spent: cost,
      findings: [],
      hops: [],
      unknown: [],
    },
  };
  const api: EngineApi = {
    info: async () => INFO,
    restartRun: async () => handlers.snapshot({ ...snapshot, runStartedAt: now(), now: now(), recent: [], n: 0 }),
    setPath: async ({ path }) => say(null, { type: 'path', ...describePath(path) }),
    setHeartbeat: async ({ everyMs }) =>
      say(null, {
        type: 'setting',
        name: 'heartbeat',
        value: everyMs === null ? 'off' : `${everyMs}ms`,
        set: { name: 'heartbeat', everyMs },
      }),
    setWorkload: async (w) =>
      say(null, {
        type: 'setting',
        name: 'workload',
        value: w.name,
        set: { name: 'workload', workload: w.name, rate: w.rate },
      }),
    sleep: async ({ ms }) => {
      asleep.until = now() + ms;
      for (const m of METHODS) {
        say(m, { type: 'state', from: 'open', to: 'asleep', reason: 'sleep', until: now() + ms });
        say(m, { type: 'sleep', phase: 'begin', what: 'lane', until: now() + ms, timers: 'fire' });
      }
      after(ms, wake);
    },
    wake: async () => wake(),
    setOffline: async ({ offline }) =>
      say(null, { type: 'setting', name: 'offline', value: offline ? 'on' : 'off', set: { name: 'offline', offline } }),
    cutAll: async () => {
      say(null, {
        type: 'setting',
        name: 'cut-all',
        value: '3 connections, rst',
        set: { name: 'cut-all', connections: 3, end: 'rst' },
      });
      for (const m of ['long-polling', 'sse', 'websocket'] as const) {
        const from = `${EPOCH}.${head}`;
        say(m, { type: 'drop', evidence: 'rst', cause: 'cut', by: 'path', silence: 400, detected: 1 });
        say(m, {
          type: 'state',
          from: 'open',
          to: 'waiting',
          reason: 'back-off',
          evidence: 'rst',
          until: now() + 1800,
        });
        after(1800, () => {
          say(m, { type: 'state', from: 'connecting', to: 'open', reason: 'connected' });
          say(m, {
            type: 'resume',
            sent: from,
            first: null,
            missed: 0,
            repeated: 0,
            epochChanged: false,
            after: 'rst',
          });
        });
      }
    },
    restartServer: async () =>
      say(null, { type: 'setting', name: 'restart-server', value: 'drain', set: { name: 'restart-server' } }),
    killServer: async () => {},
    loseLog: async () => {},
    setPongs: async ({ on }) =>
      say(null, {
        type: 'setting',
        name: 'pongs',
        value: on ? 'answered' : 'muted',
        set: { name: 'pongs', answered: on },
      }),
    addLane: async ({ method }) => ({ lane: method }),
    changeLane: async () => {},
    removeLane: async () => {},
    stopLane: async () => {},
    startLane: async () => {},
    retryNow: async () => {},
    publish: async () => ({ cursor: `${EPOCH}.${head}` }),
    startRecording: async () => ({ file: 'run.heartline' }),
    stopRecording: async () => ({ file: 'run.heartline', bytes: 1 }),
    checkTarget: async (t) => [
      ...(t.name === '' ? [{ field: 'name', message: 'The endpoint needs a name.', hint: 'Any word will do.' }] : []),
      ...(t.base !== null && !/^https?:/.test(t.base)
        ? [{ field: 'base', message: `"${t.base}" is not a URL.`, hint: 'Write it whole: http://127.0.0.1:8080' }]
        : []),
    ],
    probeTarget: async () => ({ id: 'check-1', version: 1, done: true, methods: [] }),
    probeProgress: async () => ({ id: 'check-1', version: 1, done: true, methods: [] }),
    doctorBudget: async () => doctor.report.budget,
    startDoctor: async () => doctor,
    doctorProgress: async () => doctor,
    stopDoctor: async () => {},
    endpoints: async () => [
      {
        kind: 'remote',
        name: 'staging',
        base: 'http://127.0.0.1:9080',
        urls: {},
        channel: 'demo',
        headers: {},
        dialect: 'nchan',
      },
    ],
    saveEndpoint: async () => {},
    deleteEndpoint: async () => {},
    ...demoEndpoints(),
    savedPaths: async () => [{ name: 'Office in the basement', via: ['idle-timeout:after=20s'] }],
    savePath: async () => {},
    deletePath: async () => {},
    ...scenarios,
    playStorm: async (spec) => ({
      ...spec,
      peak: { perSecond: 100, at: spec.outageMs },
      overCapacity: null,
      allBackMs: spec.outageMs + 30_000,
      attempts: 1000,
      safeWindowMs: null,
      advice: [],
      histogram: { binMs: 1000, attempts: [100], connected: [0] },
      tookMs: 1,
    }),
    serverView: async () => ({
      requests: { ...perMethod(() => 1), 'short-polling': 60, 'long-polling': 28 },
      polled: 54,
      held: 1,
      streams: 2,
      sockets: 4,
      head: `${EPOCH}.${head}`,
      floor: `${EPOCH}.0`,
      retained: 27,
      retainedBytes: 2214,
      oldest: [],
      tail: [{ cursor: `${EPOCH}.${head}`, type: 'order.paid', time: now() - 1000, data: '{"order":8812}' }],
    }),
  };
  function wake(): void {
    asleep.until = 0;
    for (const m of METHODS) {
      say(m, { type: 'sleep', phase: 'end', what: 'lane' });
      say(m, { type: 'state', from: 'asleep', to: 'open', reason: 'wake' });
    }
  }
  return {
    api,
    close: () => {
      for (const t of timers) clearInterval(t);
    },
  };
}
