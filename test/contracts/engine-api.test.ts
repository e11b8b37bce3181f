/** What the `EngineApi` promises, asked of the lab itself and of the lab over each wire: a page cannot tell them apart. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { realClock } from '../../src/engine/time/clock.ts';
import { Lab } from '../../src/engine/lab.ts';
import { connectEngine } from '../../src/rpc/client.ts';
import { portWire } from '../../src/rpc/port-wire.ts';
import { serveEngine } from '../../src/rpc/serve.ts';
import { socketWire } from '../../src/rpc/socket-wire.ts';
import type { EngineApi, LabSnapshot } from '../../src/shared/api.ts';
import { METHODS } from '../../src/shared/catalog.ts';
import { fold } from '../../src/shared/measure/tally.ts';
import { readRecording } from '../../src/engine/recording/reader.ts';
import { replayRecording } from '../../src/renderer/connection/replay.ts';
import { Failure } from '../../src/shared/failure.ts';
import type { Observation } from '../../src/shared/observation.ts';
import type { RemoteTarget } from '../../src/shared/target.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

interface Reached {
  api: EngineApi;
  end(): Promise<void>;
}
const over = (wire: Parameters<typeof connectEngine>[0], seen: Observation[], snapshots: LabSnapshot[]): EngineApi =>
  connectEngine(wire, {
    snapshot: (s) => void snapshots.push(s),
    batch: (b) => void seen.push(...b.observations),
    closed: () => undefined,
  }).api;

const WAYS: Record<string, (lab: Lab, seen: Observation[], snapshots: LabSnapshot[]) => Promise<Reached>> = {
  'asked directly': async (lab, seen, snapshots) => {
    snapshots.push(lab.snapshot());
    const cancel = lab.listen((o) => {
      if (o.type === 'run') snapshots.push(lab.snapshot());
      seen.push(o);
    });
    return { api: lab, end: async () => cancel() };
  },
  'over a port': async (lab, seen, snapshots) => {
    const { port1, port2 } = new MessageChannel();
    const stop = serveEngine(lab, portWire(port1), realClock());
    return { api: over(portWire(port2), seen, snapshots), end: async () => stop() };
  },
  'over a socket': async (lab, seen, snapshots) => {
    const server = createServer().listen(0, '127.0.0.1');
    const sockets = new WebSocketServer({ server });
    await once(server, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [socket] = (await once(sockets, 'connection')) as [WebSocket];
    const stop = serveEngine(lab, socketWire(socket), realClock());
    return {
      api: over(socketWire(client), seen, snapshots),
      end: async () => {
        stop();
        client.terminate();
        sockets.close();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
};

/** What a page may ask of a run that goes on and of one that was recorded. */
async function fromRecording(lab: Lab, seen: Observation[], snapshots: LabSnapshot[]): Promise<Reached> {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-replay-'));
  const { file } = await lab.startRecording({ file: join(dir, 'r.heartline') });
  const lanes = (): LabSnapshot['lanes'] => lab.snapshot().lanes;
  const soon = { timeout: 30_000 };
  await vi.waitFor(() => expect(lanes().every((l) => l.state === 'open')).toBe(true), soon);
  await lab.publish({ type: 'greeting', data: 'hello' });
  await vi.waitFor(() => expect(lanes().every((l) => l.tally.continuity.received > 0)).toBe(true), soon);
  await lab.stopRecording();
  const records: Observation[] = [];
  for await (const o of readRecording(file)) records.push(o);
  rmSync(dir, { recursive: true, force: true });
  const { api } = await replayRecording(
    records,
    await lab.info(),
  )({
    snapshot: (s) => void snapshots.push(s),
    batch: (b) => void seen.push(...b.observations),
    closed: () => undefined,
  });
  return { api, end: async () => undefined };
}

describe.each(Object.entries({ ...WAYS, 'from a recording': fromRecording }))('a run, %s', (_, reach) => {
  const lab = new Lab({ host: 'browser', version: '9.9.9', dataDir: null, config: { pollMs: 100 } });
  const seen: Observation[] = [];
  const snapshots: LabSnapshot[] = [];
  let reached: Reached;
  beforeAll(async () => {
    await lab.start();
    reached = await reach(lab, seen, snapshots);
    // each lane has opened, by the snapshot or by what followed, and there is something to count
    const isOpen = (lane: string): boolean =>
      snapshots[0]!.lanes.some((l) => l.id === lane && l.state === 'open') ||
      seen.some((o) => o.lane === lane && o.type === 'state' && o.to === 'open');
    const isReady = (): boolean => METHODS.every(isOpen) && seen.some((o) => o.type === 'event');
    await vi.waitFor(() => expect(snapshots.length > 0 && isReady()).toBe(true), { timeout: 30_000 });
  });
  afterAll(async () => {
    await reached.end();
    await lab.close();
  });

  it('says what it is and what it can do', async () => {
    const info = await reached.api.info();
    expect(info).toMatchObject({ version: '9.9.9', host: 'browser' });
    expect(info.faults.map((f) => f.id)).toContain('idle-timeout');
    expect(info.presets.map((p) => p.id)).toContain('direct');
    expect(info.dialects.map((d) => d.name)).toEqual(expect.arrayContaining(['heartline', 'nchan']));
  });

  it('begins with a snapshot of every lane; what follows is numbered without a hole', () => {
    const [first] = snapshots;
    expect(first!.lanes.map((l) => l.id)).toEqual(METHODS);
    expect(first!.config).toMatchObject({ target: { kind: 'embedded' }, path: [], timeScale: 1 });
    const following = seen.filter((o) => o.n > first!.n);
    expect(following.map((o) => o.n)).toEqual(following.map((_, i) => first!.n + 1 + i));
  });

  it('folds to the same lanes as those of the engine', () => {
    const [first] = snapshots;
    const tallies = Object.fromEntries(first!.lanes.map((l) => [l.id, structuredClone(l.tally)]));
    const states = Object.fromEntries(first!.lanes.map((l) => [l.id, l.state]));
    const upTo = seen.filter((o) => o.n > first!.n);
    for (const o of upTo) {
      for (const [id, tally] of Object.entries(tallies)) if (o.lane === null || o.lane === id) fold(tally, o);
      if (o.type === 'state') states[o.lane!] = o.to;
    }
    expect(states).toEqual(Object.fromEntries(METHODS.map((m) => [m, 'open'])));
    for (const method of METHODS) {
      const events = [...first!.recent, ...upTo].filter((o) => o.type === 'event' && o.lane === method);
      expect(tallies[method]!.continuity.received).toBe(events.length);
    }
  });

  it('can be asked what is kept, and whether a scenario will do', async () => {
    expect(await reached.api.endpoints()).toEqual([]);
    expect(await reached.api.savedPaths()).toEqual([]);
    expect(await reached.api.savedScenarios()).toEqual([]);
    const { scenario, problems } = await reached.api.checkScenario({ text: 'name: x\nlanes: [{ method: sse }]\n' });
    expect(scenario).toBeNull();
    expect(problems).toMatchObject([{ line: 1, key: 'duration' }]);
  });
});

it('a recorded run refuses what would change it, with a way out', async () => {
  const lab = new Lab({ host: 'browser', version: '9.9.9', dataDir: null, config: { pollMs: 100 } });
  await lab.start();
  const { api } = await fromRecording(lab, [], []);
  await lab.close();
  for (const call of [
    () => api.cutAll({ end: 'rst' }),
    () => api.restartRun({}),
    () => api.setPath({ path: [] }),
    () => api.startRecording({ file: null }),
    () => api.playScenario({ text: '' }),
    () => api.savePath({ name: 'a', path: [] }),
    () => api.addLane({ method: 'sse' }),
    () => api.changeLane({ lane: 'sse', name: 'a' }),
    () => api.removeLane({ lane: 'sse' }),
  ]) {
    await expect(call()).rejects.toMatchObject({
      code: 'recording-is-read-only',
      hint: expect.stringContaining('live run') as string,
    });
  }
});

describe.each(Object.entries(WAYS))('the engine, %s', (_, reach) => {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-api-'));
  const lab = new Lab({
    host: 'browser',
    version: '9.9.9',
    dataDir: dir,
    config: { workload: { name: 'none', rate: null, size: null, burst: null }, pollMs: 100 },
  });
  const seen: Observation[] = [];
  const snapshots: LabSnapshot[] = [];
  let reached: Reached;
  let api: EngineApi;
  beforeAll(async () => {
    await lab.start();
    reached = await reach(lab, seen, snapshots);
    api = reached.api;
    await until(() => open().length === 4);
  });
  afterAll(async () => {
    await reached.end();
    await lab.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const until = (holds: () => unknown): Promise<unknown> =>
    vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 30_000, interval: 10 });
  const open = () => lab.snapshot().lanes.filter((l) => l.state === 'open');
  const saw = <T extends Observation['type']>(type: T) =>
    seen.filter((o) => o.type === type) as Extract<Observation, { type: T }>[];
  const refused = async (call: Promise<unknown>): Promise<Failure> => {
    const error = await call.then(
      () => new Error('was taken'),
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(Failure);
    return error as Failure;
  };
  const elsewhere: RemoteTarget = {
    kind: 'remote',
    name: 'elsewhere',
    base: 'https://example.org/app',
    urls: {},
    channel: 'demo',
    headers: { 'X-A': 'b' },
    dialect: 'heartline',
  };

  it('publishes, and every lane gets it; the server shows it', async () => {
    const { cursor } = await api.publish({ type: 'greeting', data: 'hé\nllo' });
    await until(() => saw('event').filter((e) => e.cursor === cursor).length === METHODS.length);
    const view = await api.serverView();
    expect(view?.head).toBe(cursor);
    expect(view?.tail.at(-1)).toMatchObject({ cursor, type: 'greeting', data: 'hé\nllo' });
    expect((await refused(api.publish({ type: 'bye', data: '' }))).message).toContain('bye');
  });

  it('changes the path under living connections', async () => {
    const drops = saw('drop').length;
    await api.setPath({ path: resolveVia(['latency:delay=1ms']) });
    expect(lab.snapshot().path.via).toEqual(['latency:delay=1ms']);
    expect(open()).toHaveLength(4);
    expect(saw('drop')).toHaveLength(drops);
    await api.setPath({ path: [] });
  });

  it('puts lanes to sleep and wakes them', async () => {
    await api.sleep({ ms: 600_000, timers: 'fire' });
    await until(() => lab.snapshot().lanes.every((l) => l.state === 'asleep'));
    await api.wake();
    await until(() => open().length === 4);
  });

  it('cuts, goes offline and comes back', async () => {
    await api.cutAll({ end: 'rst' });
    await until(() => saw('drop').some((d) => d.cause === 'cut' && d.evidence === 'rst'));
    await api.setOffline({ offline: true });
    expect(lab.snapshot().offline).toBe(true);
    await api.setOffline({ offline: false });
    await until(() => open().length === 4);
  });

  it('stops and starts one lane, and names one that is not there', async () => {
    await api.stopLane({ lane: 'sse' });
    await until(() => lab.snapshot().lanes.find((l) => l.id === 'sse')?.state === 'stopped');
    await api.startLane({ lane: 'sse' });
    await until(() => open().length === 4);
    expect((await refused(api.stopLane({ lane: 'telepathy' }))).message).toContain('telepathy');
  });

  it('adds, names, sets, moves and removes lanes while the run goes on', async () => {
    const ids = () => lab.snapshot().lanes.map((l) => l.id);
    expect(await api.addLane({ method: 'sse', name: 'canary', client: { backoff: 'none' } })).toEqual({
      lane: 'sse-2',
    });
    await until(() => open().length === 5);
    const { cursor } = await api.publish({ type: 'greeting', data: 'hello' });
    await until(() => saw('event').some((e) => e.cursor === cursor && e.lane === 'sse-2'));
    expect(saw('lane').at(-1)).toMatchObject({ lane: 'sse-2', action: 'add', name: 'canary', order: [...METHODS, 'sse-2'] }); // prettier-ignore

    await api.changeLane({ lane: 'sse-2', name: null, position: 0, client: { retry: 'resilient' } });
    expect(ids()).toEqual(['sse-2', ...METHODS]);
    expect(lab.snapshot().lanes[0]).toMatchObject({ name: null, client: { retry: 'resilient' }, state: 'open' });
    expect(lab.snapshot().config.lanes[0]).toEqual({ method: 'sse', client: { retry: 'resilient' } });

    expect(await refused(api.changeLane({ lane: 'sse-2', client: { pollMs: 500 } }))).toMatchObject({
      code: 'bad-lane',
      message: '"Poll every" changes nothing for SSE: it is for short polling.',
      place: 'client.pollMs',
    });
    expect(await refused(api.addLane({ method: 'websocket', client: { holdMs: 500 } }))).toMatchObject({
      code: 'bad-lane',
    });
    expect(lab.snapshot().lanes[0]!.client).toEqual({ retry: 'resilient' }); // as it was

    await api.removeLane({ lane: 'sse-2' });
    expect(ids()).toEqual(METHODS);
    expect(lab.summary()['sse-2']).toMatchObject({ unique: 1, missed: 0 }); // what it received stays counted
    expect(await refused(api.removeLane({ lane: 'sse-2' }))).toMatchObject({ code: 'unknown-lane' });
    expect(await api.addLane({ method: 'sse' })).toEqual({ lane: 'sse-3' }); // an id is one lane's for good
    await api.removeLane({ lane: 'sse-3' });
  });

  it('sets heartbeat, workload and pongs', async () => {
    await api.setHeartbeat({ everyMs: 5000 });
    await api.setPongs({ on: false });
    await api.setWorkload({ name: 'custom', rate: 5, size: null, burst: null });
    expect(lab.snapshot()).toMatchObject({ pongs: false, config: { heartbeatMs: 5000, workload: { name: 'custom' } } });
    await api.setHeartbeat({ everyMs: null });
    await api.setPongs({ on: true });
    await api.setWorkload({ name: 'none', rate: null, size: null, burst: null });
  });

  it('restarts its server, and loses its log with a new epoch', async () => {
    const { epoch } = lab.snapshot().server;
    await api.restartServer();
    await until(() => open().length === 4);
    expect(lab.snapshot().server.epoch).toBe(epoch);
    await api.loseLog();
    expect(lab.snapshot().server.epoch).not.toBe(epoch);
    await until(() => saw('gap').some((g) => g.reason === 'epoch'));
    await api.killServer({ downMs: 100 });
    await until(() => open().length === 4);
  });

  it('records', async () => {
    const { file } = await api.startRecording({ file: null });
    expect(lab.snapshot().recording?.file).toBe(file);
    const done = await api.stopRecording();
    expect(done.file).toBe(file);
    expect(done.bytes).toBeGreaterThan(0);
    expect(existsSync(file)).toBe(true);
    expect(await refused(api.stopRecording())).toMatchObject({ code: 'not-recording' });
    expect(await refused(api.startRecording({ file: join(dir, 'no/where') }))).toMatchObject({ code: 'cannot-record' });
    expect(lab.snapshot().recording).toBeNull();
  });

  it('keeps endpoints, and says what is wrong with one', async () => {
    expect(await api.checkTarget(elsewhere)).toEqual([]);
    const problems = await api.checkTarget({ ...elsewhere, base: 'example', dialect: 'klingon' });
    expect(problems.map((p) => p.field).sort()).toEqual(['base', 'dialect']);
    await api.saveEndpoint(elsewhere);
    expect(await api.endpoints()).toEqual([elsewhere]);
    await api.deleteEndpoint({ name: 'elsewhere' });
    expect(await api.endpoints()).toEqual([]);
  });

  it('keeps endpoints in folders and environments, their secrets apart, and never gives one back', async () => {
    const target = { ...elsewhere, name: 'Shop', auth: { type: 'bearer' as const, token: 'planted-S3CR3T' } };
    const kept = await api.keepEndpoint({ target, folder: 'Staging' });
    expect(kept.auth).toEqual({ type: 'bearer', token: '{secret.shop.token}' });
    await api.setEnvironments({ environments: [{ name: 'one', vars: { host: 'a.example' } }], environment: 'one' });
    await api.importEndpoints({ text: `curl https://{x}.example`.replace('{x}', 'b') });
    await api.arrangeEndpoints({ order: [{ name: 'b.example', folder: 'Staging' }] });
    const book = await api.endpointBook();
    expect(book).toMatchObject({
      endpoints: [
        { target: { name: 'b.example' }, folder: 'Staging' },
        { target: { name: 'Shop' }, folder: 'Staging', missing: [] },
      ],
      environment: 'one',
      secrets: { names: ['shop.token'] },
    });
    const { text } = await api.exportEndpoints({ names: ['Shop'] });
    expect(JSON.stringify(book) + text).not.toContain('planted');
    await api.restartRun({
      target: { ...kept, auth: { type: 'bearer', token: 'planted-S3CR3T-2' } },
      lanes: [{ method: 'sse' }],
    });
    expect(JSON.stringify(lab.snapshot())).not.toContain('planted');
    expect(await refused(api.importEndpoints({ text: 'curl --frob x' }))).toMatchObject({ code: 'cannot-understand' });
    for (const name of ['Shop', 'b.example']) await api.deleteEndpoint({ name });
    expect((await api.endpointBook()).secrets.names).toEqual([]);
    await api.restartRun({ target: { kind: 'embedded' }, lanes: METHODS.map((method) => ({ method })) });
  });

  it('takes no command from a page, neither to keep nor to run it', async () => {
    const target = { ...elsewhere, name: 'Cmd', auth: { type: 'token-command' as const, command: 'touch /tmp/never' } };
    for (const call of [
      api.keepEndpoint({ target }),
      api.saveEndpoint(target),
      api.restartRun({ target, lanes: [{ method: 'sse' }] }),
      api.confirmCommand({ name: 'Cmd' }),
    ])
      expect(await refused(call)).toMatchObject({ code: 'command-from-page' });
    const text =
      'endpoints:\n  - name: Cmd\n    urls: { sse: http://127.0.0.1:9/ }\n    auth: { type: token-command, command: touch /tmp/never }\n';
    await api.importEndpoints({ text });
    expect((await api.endpointBook()).endpoints).toMatchObject([{ command: 'inert' }]);
    await api.deleteEndpoint({ name: 'Cmd' });
  });

  it('listens to an endpoint beside the run', async () => {
    const target = { ...elsewhere, dialect: 'heartline', base: lab.serverUrl!, urls: {} };
    let sample = await api.listenTo({ target, method: 'sse' });
    await api.publish({ type: 'heard', data: '{"a":1}' });
    while (!sample.messages.some((one) => one.event === 'heard'))
      sample = await api.sampleProgress({ id: sample.id, version: sample.version });
    expect(sample).toMatchObject({ state: 'open', method: 'sse', done: false });
    expect(sample.messages.find((one) => one.event === 'heard')).toMatchObject({ kind: 'event', data: '{"a":1}' });
    await api.stopListening({ id: sample.id });
    expect(await api.sampleProgress({ id: sample.id, version: 1e9 })).toMatchObject({ done: true });
    expect(await refused(api.sampleProgress({ id: 'no', version: 0 }))).toMatchObject({ code: 'unknown-sample' });
  });

  it('asks a target once by each method, and says how far it has come', async () => {
    expect(await refused(api.probeTarget({ ...elsewhere, base: 'example' }))).toMatchObject({ code: 'bad-target' });
    expect(await refused(api.probeProgress({ id: 'no', version: 0 }))).toMatchObject({ code: 'unknown-check' });
    await vi.waitFor(() => fetch(`${lab.serverUrl!}/health`), { timeout: 30_000 }); // it was killed above
    let probe = await api.probeTarget({ ...elsewhere, dialect: 'heartline', base: lab.serverUrl!, urls: {} });
    expect(probe.methods.map((one) => one.method)).toEqual(METHODS);
    expect(probe.done).toBe(false);
    while (!probe.done) probe = await api.probeProgress({ id: probe.id, version: probe.version });
    const heads = probe.methods.map((one) => one.steps.find((step) => step.name === 'head'));
    expect(heads.map((step) => step?.outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(probe.methods.flatMap((one) => one.steps).filter((step) => step.outcome === 'failed')).toEqual([]);
  });

  it('examines an endpoint within what it says beforehand, and ends when it is told', async () => {
    const order = {
      url: `${lab.serverUrl!}/events/demo`,
      methods: ['sse' as const],
      dialect: null,
      headers: {},
      path: [],
      forMs: 20_000,
      quietUpToMs: 10_000,
      publishUrl: null,
      allow: [],
      only: null,
    };
    expect(await refused(api.startDoctor({ ...order, url: 'example' }))).toMatchObject({
      code: expect.stringMatching(/^bad-(argument|url)$/),
    });
    expect(await refused(api.doctorProgress({ id: 'no', version: 0 }))).toMatchObject({ code: 'unknown-examination' });
    const budget = await api.doctorBudget(order);
    let progress = await api.startDoctor(order);
    expect(progress).toMatchObject({ done: false, report: { budget } });
    while (!progress.report.findings.some((f) => f.code === 'speaks' && f.verdict === 'ok')) {
      progress = await api.doctorProgress({ id: progress.id, version: progress.version });
    }
    expect(progress.leftMs).toBeGreaterThan(0);
    await api.stopDoctor({ id: progress.id });
    while (!progress.done) progress = await api.doctorProgress({ id: progress.id, version: progress.version });
    expect(progress).toMatchObject({ stopped: true, leftMs: 0, report: { method: 'sse' } });
    expect(progress.report.spent.requests).toBeLessThanOrEqual(budget.requests);
    expect(progress.report.findings.find((f) => f.code === 'speaks')?.kind).toBe('heartline');
  });

  it('keeps paths of one’s own, and refuses what is none', async () => {
    await api.savePath({ name: ' mine ', path: resolveVia(['nginx-tuned:idle-timeout=10s']) });
    expect(await api.savedPaths()).toEqual([{ name: 'mine', via: ['nginx-tuned:http-idle-timeout=10s'] }]);
    await api.savePath({ name: 'mine', path: resolveVia(['latency:delay=5ms']) });
    expect(await api.savedPaths()).toEqual([{ name: 'mine', via: ['latency:delay=5ms'] }]);
    const again = new Lab({ host: 'browser', version: '9.9.9', dataDir: dir });
    expect(await again.savedPaths()).toEqual([{ name: 'mine', via: ['latency:delay=5ms'] }]);
    expect(await refused(api.savePath({ name: '  ', path: [] }))).toMatchObject({ place: 'name' });
    expect(await refused(api.savePath({ name: 'haproxy', path: [] }))).toMatchObject({ place: 'name' });
    await api.deletePath({ name: 'mine' });
    expect(await api.savedPaths()).toEqual([]);
  });

  it('starts another run, which is announced by a snapshot; refuses one that cannot be, and goes on', async () => {
    const before = lab.snapshot();
    await api.restartRun({ path: resolveVia(['latency:delay=2ms']), lanes: [{ method: 'sse' }] });
    await until(() => snapshots.at(-1)!.runStartedAt > before.runStartedAt);
    expect(snapshots.at(-1)!.config).toMatchObject({
      path: resolveVia(['latency:delay=2ms']),
      lanes: [{ method: 'sse' }],
    });
    await until(() => open().length === 1);
    expect((await refused(api.restartRun({ target: elsewhere, timeScale: 10 }))).exit).toBe(2);
    await until(() => open().length === 1);
    await api.restartRun({ lanes: METHODS.map((method) => ({ method })), path: [] });
    await until(() => open().length === 4);
  });
});
