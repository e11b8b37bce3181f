import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Lab, type LabOptions } from '../../src/engine/lab.ts';
import { METHODS } from '../../src/shared/catalog.ts';
import type { RemoteTarget } from '../../src/shared/target.ts';
import { labClock } from '../helpers/steady-clock.ts';
import { LabObserver } from '../helpers/lab-observer.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

const quiet = { name: 'none', rate: null, size: null, burst: null } as const;
const closing: (() => Promise<unknown> | unknown)[] = [];

async function lab(options: Partial<LabOptions> = {}): Promise<{ lab: Lab; watch: LabObserver }> {
  const made = new Lab({
    host: 'cli',
    version: '0.0.0-test',
    clock: labClock,
    ...options,
    config: { workload: { ...quiet }, pollMs: 100, ...options.config },
  });
  closing.push(() => made.close());
  const watch = new LabObserver(made);
  await made.start();
  return { lab: made, watch };
}

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-lab-'));
  closing.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const remote = (base: string): RemoteTarget => ({
  kind: 'remote',
  name: 'elsewhere',
  base,
  urls: {},
  channel: 'demo',
  headers: {},
  dialect: 'heartline',
});

it('brings the same events to all four lanes, once each and in order', async () => {
  const { lab: l, watch } = await lab();
  await watch.untilOpen(METHODS);
  const cursors: (string | null)[] = [];
  for (let i = 0; i < 20; i++) cursors.push((await l.publish({ type: 'tick', data: `{"n":${i}}` })).cursor);
  await watch.untilUnique(METHODS, 20);
  for (const method of METHODS) {
    expect(watch.of('event', method).map((e) => e.cursor)).toEqual(cursors);
    expect(l.summary()[method]).toMatchObject({ unique: 20, duplicates: 0, missed: 0, drops: 0 });
  }
  expect(watch.seen[0]).toMatchObject({ type: 'run', n: 1, target: { kind: 'embedded' } });
  expect(watch.seen.map((o) => o.n)).toEqual(watch.seen.map((_, i) => i + 1));
});

it('cuts all lanes with their evidence, and each comes back from its cursor with nothing missed', async () => {
  const { lab: l, watch } = await lab();
  await watch.untilOpen(METHODS);
  for (let i = 0; i < 5; i++) await l.publish({ type: 'tick', data: 'a' });
  await watch.untilUnique(METHODS, 5);
  // a poll between two requests has nothing that could be cut
  await watch.until(() => watch.of('state', 'long-polling').at(-1)?.phase === 'held');
  await l.cutAll({ end: 'rst' });
  const streams = ['long-polling', 'sse', 'websocket'];
  await watch.until(() => streams.every((lane) => watch.of('drop', lane).length === 1));
  for (let i = 0; i < 5; i++) await l.publish({ type: 'tick', data: 'b' });
  await watch.untilUnique(METHODS, 10);
  await watch.until(() => streams.every((lane) => watch.of('resume', lane).length === 1));
  for (const lane of streams) {
    expect(watch.of('drop', lane)[0]).toMatchObject({ evidence: 'rst', cause: 'cut', by: 'path' });
    expect(watch.of('resume', lane)[0]).toMatchObject({ missed: 0, repeated: 0, epochChanged: false });
    expect(l.summary()[lane]).toMatchObject({ unique: 10, missed: 0 });
  }
});

it('follows another server by base URL, with one start cursor for all lanes', async () => {
  const { lab: other } = await lab();
  await other.publish({ type: 'before', data: 'x' });
  const { lab: l, watch } = await lab({ config: { target: remote(other.serverUrl!) } });
  await watch.untilOpen(METHODS);
  await other.publish({ type: 'after', data: 'y' });
  await watch.untilUnique(METHODS, 1);
  for (const method of METHODS) expect(watch.of('event', method).map((e) => e.event)).toEqual(['after']);
  expect(l.snapshot().server.running).toBe(false);
  await expect(l.restartServer()).rejects.toMatchObject({ code: 'not-ours' });
});

it('changes the run, and goes back to what worked when the change cannot be had', async () => {
  const { lab: l, watch } = await lab();
  const url = l.serverUrl;
  await watch.untilOpen(METHODS);
  await expect(l.restartRun({ target: { ...remote('not a url') } })).rejects.toMatchObject({ place: 'base' });
  expect(l.serverUrl).toBe(url);
  await l.restartRun({ lanes: [{ method: 'sse' }], timeScale: 10 });
  expect(l.serverUrl).toBe(url); // the page's policy names this port
  expect(l.snapshot()).toMatchObject({ config: { timeScale: 10 }, lanes: [{ id: 'sse' }] });
  await l.publish({ type: 'tick', data: 'z' });
  await watch.until(() => watch.of('event', 'sse').some((e) => e.data === 'z'));
  expect(watch.of('event', 'sse').at(-1)!.latency).toBeNull(); // scaled time is no measure of lateness
  await expect(l.restartRun({ target: remote('http://127.0.0.1:9'), timeScale: 10 })).rejects.toMatchObject({
    code: 'scaled-remote',
  });
});

it('records a run that is already under way, whole and readable, without its secrets', async () => {
  const dir = tempDir();
  const { lab: l, watch } = await lab({ dataDir: dir });
  await watch.untilOpen(METHODS);
  await l.publish({ type: 'tick', data: 'first' });
  await watch.untilUnique(METHODS, 1);
  const { file } = await l.startRecording({ file: null });
  await l.publish({ type: 'tick', data: 'second' });
  await watch.untilUnique(METHODS, 2);
  await l.close();
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map((o) => o.n)).toEqual(lines.map((_, i) => i + 1));
  expect(lines[0].type).toBe('run');
  expect(lines.at(-1).type).toBe('summary');
  expect(lines.filter((o) => o.type === 'event' && !o.duplicate)).toHaveLength(8);
});

it('keeps endpoints between lives, readable by their owner only', async () => {
  const dir = tempDir();
  const { lab: l } = await lab({ dataDir: dir });
  await l.saveEndpoint({ ...remote('http://127.0.0.1:9/x'), headers: { Authorization: 'Bearer s' } });
  await expect(l.saveEndpoint({ ...remote('http://127.0.0.1:9/x'), dialect: 'klingon' })).rejects.toMatchObject({
    place: 'dialect',
  });
  const { lab: again } = await lab({ dataDir: dir });
  expect(await again.endpoints()).toEqual(await l.endpoints());
  expect((await again.endpoints())[0]).toMatchObject({ name: 'elsewhere' });
  expect(readdirSync(dir)).toContain('endpoints.yaml');
});

it('asks for no longer a hold than the heartbeat switch allows, so that the countdown is true', async () => {
  const { lab: l, watch } = await lab({ config: { timeScale: 10 } });
  await watch.untilOpen(METHODS);
  await l.setHeartbeat({ everyMs: 5000 });
  const asked = watch.of('request', 'long-polling').length;
  await watch.until(() => watch.of('request', 'long-polling').length > asked);
  const after = watch.of('request', 'long-polling').at(-1)!.n;
  const held = () => watch.of('state', 'long-polling').filter((x) => x.phase === 'held' && x.n > after);
  await watch.until(() => held().length > 0);
  expect(held()[0]!.until! - held()[0]!.at).toBeLessThanOrEqual(5000);
  await l.setHeartbeat({ everyMs: null });
  expect(l.snapshot().config.heartbeatMs).toBeNull();
});

it('keeps that cap in a run that starts afresh', async () => {
  const { lab: l, watch } = await lab({ config: { timeScale: 10 } });
  await watch.untilOpen(METHODS);
  await l.setHeartbeat({ everyMs: 5000 });
  const before = watch.seen.length;
  await l.restartRun({});
  const asked = () => watch.seen.slice(before).filter((o) => o.type === 'request' && o.lane === 'long-polling');
  await watch.until(() => asked().length > 1);
  expect(asked().map((o) => (o.type === 'request' ? new URL(o.url).searchParams.get('wait') : null))).not.toContain(
    '25',
  );
  expect(asked().at(-1)).toMatchObject({ url: expect.stringContaining('wait=5') as string });
});

it('calls a saved path by its name, now and in the next run', async () => {
  const { lab: l, watch } = await lab();
  await l.savePath({ name: 'Office', path: resolveVia(['idle-timeout:after=10s']) });
  await l.setPath({ path: resolveVia(['idle-timeout:after=10s']) });
  expect(watch.of('path').at(-1)).toMatchObject({ label: 'Office' });
  expect(l.snapshot().path.label).toBe('Office');
  await l.restartRun({});
  expect(l.snapshot().path.label).toBe('Office');
  await l.setPath({ path: resolveVia(['idle-timeout:after=20s']) });
  expect(l.snapshot().path.label).not.toBe('Office');
});

it('goes on with another workload after one that ended its channel for good', async () => {
  const { lab: l, watch } = await lab({
    config: { timeScale: 20, workload: { name: 'build-log', rate: 200, size: null, burst: null } },
  });
  await watch.until(() => METHODS.every((m) => watch.of('state', m).at(-1)?.reason === 'ended'));
  expect(METHODS.map((m) => l.summary()[m]!.drops)).toEqual([0, 0, 0, 0]);
  await l.setWorkload({ name: 'ticks', rate: null, size: null, burst: null });
  const from = watch.seen.length;
  await watch.until(() => METHODS.every((m) => watch.seen.slice(from).some((o) => o.type === 'event' && o.lane === m)));
  expect(l.snapshot().config.workload.name).toBe('ticks');
});

it('knows that it was the path that refused a lane', async () => {
  const { lab: l, watch } = await lab({ config: { lanes: [{ method: 'sse' }] } });
  await watch.untilOpen(['sse']);
  await l.setPath({ path: resolveVia(['refuse:']) });
  await l.cutAll({ end: 'fin' });
  await watch.until(() => watch.of('drop', 'sse').some((d) => d.evidence === 'refused'));
  const refused = watch.of('drop', 'sse').find((d) => d.evidence === 'refused')!;
  expect(refused).toMatchObject({ cause: 'refuse', by: 'path' });
});

it.each([
  ['http://127.0.0.1:9', 'refused'],
  ['http://no-such-host.invalid', 'dns'],
])('sees %s through a direct path as it would without one', async (base, evidence) => {
  const { lab: l, watch } = await lab({ config: { target: remote(base) } });
  await watch.until(() => METHODS.every((m) => watch.of('drop', m).length > 0));
  for (const method of METHODS) expect(watch.of('drop', method)[0]).toMatchObject({ evidence, by: 'unknown' });
  await l.setPath({ path: resolveVia(['latency:delay=1ms']) });
  const before = watch.seen.length;
  for (const method of METHODS) await l.retryNow({ lane: method });
  const later = (m: string) => watch.of('drop', m).find((d) => d.n > watch.seen[before - 1]!.n);
  await watch.until(() => METHODS.every((m) => later(m) !== undefined));
  // a path that is something has its own way of saying so
  for (const method of METHODS) expect(later(method)).toMatchObject({ evidence: 'rst', cause: 'target-unreachable' });
});

it('begins a new epoch with every life of the log, though the seed is the same', async () => {
  const { lab: l } = await lab();
  const first = l.snapshot().server.epoch;
  await l.loseLog();
  const second = l.snapshot().server.epoch;
  await l.restartRun({});
  const third = l.snapshot().server.epoch;
  expect(new Set([first, second, third]).size).toBe(3);
});

it('says that a path that reads HTTP begins with the next connections', async () => {
  const { lab: l, watch } = await lab({ config: { lanes: [{ method: 'sse' }] } });
  await watch.untilOpen(['sse']);
  await l.setPath({ path: resolveVia(['nginx-tuned']) });
  const messages = watch.of('notice').filter((n) => n.code === 'next-connections');
  expect(messages).toMatchObject([
    { message: expect.stringContaining('1 that stand'), hint: expect.stringContaining('Cut all') },
  ]);
});

it('says that it itself stood still, and for how long', async () => {
  let stopped = 0;
  const { watch } = await lab({
    monotonic: () => performance.now() + stopped,
    config: { lanes: [{ method: 'sse' }], workload: quiet, pollMs: 100 },
  });
  await watch.untilOpen(['sse']);
  stopped = 20_000;
  const noted = (): string[] => watch.of('notice').flatMap((n) => (n.code === 'stood-still' ? n.message : []));
  await watch.until(() => noted().length > 0);
  expect(noted()).toEqual([expect.stringMatching(/^This program itself stood still for (19|20)(\.\d)? s/)]);
});
