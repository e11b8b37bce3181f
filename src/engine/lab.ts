import { join } from 'node:path';
import { existsSync, mkdirSync } from 'node:fs';
import type {
  EngineApi,
  EngineInfo,
  FieldProblem,
  LabSnapshot,
  RunConfig,
  SavedPath,
  ServerView,
  WorkloadSpec,
} from '../shared/api.ts';
import { METHODS, type Method } from '../shared/catalog.ts';
import type { Cancel, Clock } from '../shared/clock.ts';
import type { Dialect } from '../shared/dialect.ts';
import { DEFAULTS } from '../shared/defaults.ts';
import { Failure, failureData } from '../shared/failure.ts';
import type { LaneSummary } from '../shared/measure/summary.ts';
import type { Observation } from '../shared/observation.ts';
import type { FaultInfo } from '../shared/params.ts';
import { targetProblems } from '../shared/target-check.ts';
import type { RemoteTarget } from '../shared/target.ts';
import { realClock, suspendWatch } from './clock.ts';
import { DIALECTS } from './dialects/index.ts';
import { endpointsStore } from './endpoints-store.ts';
import { pathsStore } from './paths-store.ts';
import { isPolicy } from './proxy/http/policy.ts';
import { STEPS } from './proxy/steps.ts';
import { PRESETS, resolveVia } from './proxy/presets.ts';
import { Recorder } from './recorder.ts';
import { Run } from './run/run.ts';
import type { ServerSettings } from './server/serve-context.ts';

export interface LabOptions {
  host: EngineInfo['host'];
  version: string;
  config?: Partial<RunConfig>;
  serverPort?: number;
  serverHost?: string;
  /** `memory` (default) or `sqlite:FILE`. */
  log?: string;
  /** Where endpoints and recordings are kept; null keeps nothing. */
  dataDir?: string | null;
  /** A file to record into from the first observation on. */
  record?: string | null;
  serverSettings?: Partial<ServerSettings>;
  /** One more dialect, read from a file. */
  dialect?: Dialect;
  /** Lanes dial their target themselves, without a path between. */
  direct?: boolean;
  /** Capture what stands on the wire; by default where a page may look at it. */
  wire?: boolean;
  /** For tests: the clock of a run at a scale. */
  clock?: (scale: number) => Clock;
}

const FIRST_RUN: RunConfig = {
  target: { kind: 'embedded' },
  lanes: METHODS.map((method) => ({ method })),
  via: [],
  heartbeatMs: null, // so that what a quiet path does is seen before its cure
  workload: { name: 'notifications', rate: null, size: null, burst: null },
  channel: DEFAULTS.channel,
  after: null,
  pollMs: DEFAULTS.pollMs,
  holdMs: DEFAULTS.holdMs,
  pingMs: null,
  deadAfter: 'auto',
  backoff: 'full-jitter',
  pongs: true,
  timeScale: 1,
  seed: 1,
};

/** The engine as its hosts hold it: one run at a time, and what outlives a run. */
export class Lab implements EngineApi {
  readonly #options: LabOptions;
  readonly #endpoints: ReturnType<typeof endpointsStore>;
  readonly #paths: ReturnType<typeof pathsStore>;
  readonly #listeners = new Set<(o: Observation) => void>();
  readonly #suspended = suspendWatch();
  #config: RunConfig;
  #run: Run | null = null;
  #recorder: { recorder: Recorder; file: string; since: number } | null = null;
  #suspendTicker: Cancel | null = null;
  #serverPort: number;
  #recordings = 0;
  /** Runs change one at a time. */
  #changing: Promise<void> = Promise.resolve();

  constructor(options: LabOptions) {
    this.#options = options;
    this.#config = { ...structuredClone(FIRST_RUN), ...options.config };
    this.#endpoints = endpointsStore(options.dataDir ?? null);
    this.#paths = pathsStore(options.dataDir ?? null);
    this.#serverPort = options.serverPort ?? 0;
  }

  async start(): Promise<void> {
    await this.#begin(this.#config);
    if (this.#options.record) await this.startRecording({ file: this.#options.record });
    if (this.#options.host !== 'electron') this.#watchSuspends(); // Electron's power monitor knows better
  }

  /** Every observation of every run, as it is noted. */
  listen(listener: (o: Observation) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  snapshot(): LabSnapshot {
    const r = this.#recorder;
    return {
      ...this.#now().snapshot(),
      recording: r ? { file: r.file, bytes: r.recorder.bytes, since: r.since } : null,
    };
  }

  summary(): Record<string, LaneSummary> {
    return this.#now().summary();
  }

  /** The time of the run that goes on; a feed stamps its batches with it. */
  engineTime(): number {
    return this.#now().engineTime();
  }

  recordingBytes(): number | null {
    return this.#recorder?.recorder.bytes ?? null;
  }

  get serverUrl(): string | null {
    return this.#run?.serverUrl ?? null;
  }

  noteHostSleep(phase: 'begin' | 'end'): void {
    this.#run?.noteHostSleep(phase);
  }

  async close(): Promise<void> {
    await this.#changing.catch(() => {});
    this.#suspendTicker?.();
    await this.#run?.close();
    this.#run = null;
    if (this.#recorder) await this.#endRecording();
  }

  // ---- EngineApi

  async info(): Promise<EngineInfo> {
    return {
      version: this.#options.version,
      host: this.#options.host,
      node: process.versions.node,
      electron: process.versions['electron'] ?? null,
      platform: `${process.platform} ${process.arch}`,
      faults: Object.values(STEPS).map((step): FaultInfo => {
        const { id, label, what, params } = step;
        return { id, label, what, params, ...(isPolicy(step) ? { layer: 'http' } : {}) };
      }),
      presets: Object.values(PRESETS),
      dialects: this.#dialects(),
    };
  }

  restartRun(change: Partial<RunConfig>): Promise<void> {
    const next = this.#changing.then(async () => {
      const config = { ...structuredClone(this.#now().config), ...change };
      this.#refuse(config);
      if (config.target.kind === 'remote') this.#endpoints.save(config.target);
      const recording = this.#recorder?.file ?? null;
      const before = this.#now();
      await before.close();
      if (this.#recorder) await this.#endRecording();
      try {
        await this.#begin(config);
      } catch (e) {
        // what was asked for cannot be had: go back to what worked, and say so
        await this.#begin(before.config);
        throw e;
      } finally {
        if (recording !== null) await this.startRecording({ file: nextFile(recording) });
      }
    });
    this.#changing = next.catch(() => {});
    return next;
  }

  async setPath(change: { via: string[] }): Promise<void> {
    this.#now().setPath(change.via);
  }

  async setHeartbeat(change: { everyMs: number | null }): Promise<void> {
    this.#now().setHeartbeat(change.everyMs);
  }

  /** In place; where the last workload ended its channel for good, only a new run can go on. */
  async setWorkload(change: WorkloadSpec): Promise<void> {
    if (this.#now().ended) await this.restartRun({ workload: change });
    else this.#now().setWorkload(change);
  }

  async sleep(order: { ms: number; timers: 'fire' | 'resume'; lane?: string }): Promise<void> {
    this.#now().sleep(order.ms, order.timers, order.lane);
  }

  async wake(): Promise<void> {
    this.#now().wake();
  }

  async setOffline(order: { offline: boolean }): Promise<void> {
    this.#now().setOffline(order.offline);
  }

  async cutAll(order: { end: 'fin' | 'rst' }): Promise<void> {
    this.#now().cutAll(order.end);
  }

  async restartServer(): Promise<void> {
    await this.#now().restartServer();
  }

  async killServer(order: { downMs: number }): Promise<void> {
    await this.#now().killServer(order.downMs);
  }

  async loseLog(): Promise<void> {
    this.#now().loseLog();
  }

  async setPongs(order: { on: boolean }): Promise<void> {
    this.#now().setPongs(order.on);
  }

  async stopLane(order: { lane: string }): Promise<void> {
    this.#now().stopLane(order.lane);
  }

  async startLane(order: { lane: string }): Promise<void> {
    this.#now().startLane(order.lane);
  }

  async retryNow(order: { lane: string }): Promise<void> {
    this.#now().retryNow(order.lane);
  }

  publish(event: { type: string; data: string; terminal?: boolean }): Promise<{ cursor: string | null }> {
    return this.#now().publish(event);
  }

  async startRecording(order: { file: string | null }): Promise<{ file: string }> {
    if (this.#recorder) return { file: this.#recorder.file };
    const run = this.#now();
    const file = order.file ?? this.#ownFile(run.startedAt);
    const recorder = new Recorder({
      file,
      clock: this.#clock(1),
      failed: (failure) => {
        if (this.#recorder?.recorder === recorder) void this.#endRecording();
        const { code, message, hint, place } = failure.toData();
        this.#run?.journal.note(null, {
          type: 'notice',
          level: 'error',
          code,
          message: `The recording ${place} has ended: ${message}`,
          ...(hint === undefined ? {} : { hint }),
        });
      },
    });
    // Opening takes a moment; what is noted meanwhile is in `recent` or comes through note, never both and never neither.
    const opened = recorder.open(run.recent());
    this.#recorder = { recorder, file, since: this.snapshot().now };
    try {
      await opened;
    } catch (e) {
      this.#recorder = null;
      throw e;
    }
    return { file };
  }

  async stopRecording(): Promise<{ file: string; bytes: number }> {
    if (!this.#recorder) {
      throw new Failure({
        code: 'not-recording',
        message: 'Nothing is being recorded.',
        hint: 'Start a recording first.',
      });
    }
    return this.#endRecording();
  }

  async checkTarget(target: RemoteTarget): Promise<FieldProblem[]> {
    return targetProblems(target, this.#dialects());
  }

  async checkPath(path: { via: string[] }): Promise<FieldProblem[]> {
    try {
      resolveVia(path.via, 'path');
      return [];
    } catch (e) {
      const { message, hint, place } = failureData(e);
      return [{ field: place ?? 'path', message, ...(hint === undefined ? {} : { hint }) }];
    }
  }

  async endpoints(): Promise<RemoteTarget[]> {
    return this.#endpoints.list();
  }

  async saveEndpoint(target: RemoteTarget): Promise<void> {
    const [problem] = targetProblems(target, this.#dialects());
    if (problem) throw badTarget(problem);
    this.#endpoints.save(target);
  }

  async deleteEndpoint(order: { name: string }): Promise<void> {
    this.#endpoints.delete(order.name);
  }

  async savedPaths(): Promise<SavedPath[]> {
    return this.#paths.list();
  }

  async savePath(path: SavedPath): Promise<void> {
    const name = path.name.trim();
    const taken = Object.values(PRESETS).find((p) => name === p.id || name === p.label);
    if (name === '' || taken) {
      throw new Failure({
        code: 'bad-name',
        message: taken ? `"${name}" is a path that comes with Heartline.` : 'The path needs a name.',
        hint: taken ? `Call yours otherwise, such as "${name}, mine".` : 'Any words will do.',
        place: 'name',
        exit: 2,
      });
    }
    this.#paths.save({ name, via: resolveVia(path.via, 'path').via });
  }

  async deletePath(order: { name: string }): Promise<void> {
    this.#paths.delete(order.name);
  }

  async serverView(): Promise<ServerView | null> {
    return this.#now().serverView();
  }

  // ---- within

  async #begin(config: RunConfig): Promise<void> {
    this.#refuse(config);
    const own = this.#options.dialect;
    const run = new Run(config, {
      version: this.#options.version,
      clock: this.#clock(config.timeScale),
      serverPort: this.#serverPort,
      serverHost: this.#options.serverHost ?? '127.0.0.1',
      log: this.#options.log ?? 'memory',
      server: this.#options.serverSettings ?? {},
      ...(own && config.target.kind === 'remote' && config.target.dialect === own.name ? { dialect: own } : {}),
      direct: this.#options.direct ?? false,
      wire: this.#options.wire ?? this.#options.host !== 'cli',
    });
    await run.start((o) => this.#hear(run, o));
    this.#config = run.config;
    // the page's policy names exactly this port: the next run has it again
    this.#serverPort = run.serverPort ?? this.#serverPort;
  }

  #hear(run: Run, o: Observation): void {
    if (o.type === 'run') this.#run = run; // from its first word on, this is the run people ask about
    this.#recorder?.recorder.note(o);
    for (const listener of this.#listeners) listener(o);
  }

  #refuse(config: RunConfig): void {
    resolveVia(config.via, 'path');
    if (config.target.kind === 'embedded') return;
    if (config.timeScale !== 1) {
      throw new Failure({
        code: 'scaled-remote',
        message: 'Time cannot be scaled for a remote target: its own timers would not follow.',
        hint: 'Use a time scale of 1, or the embedded server.',
        place: '--time-scale',
        exit: 2,
      });
    }
    const hasOwn = config.lanes.some((l) => l.url !== undefined);
    const [problem] = targetProblems(config.target, this.#dialects()).filter((p) => !(hasOwn && p.field === 'base'));
    if (problem) throw badTarget(problem);
  }

  async #endRecording(): Promise<{ file: string; bytes: number }> {
    const { recorder } = this.#recorder!;
    this.#recorder = null;
    return recorder.close();
  }

  #ownFile(startedAt: number): string {
    const stamp = new Date(startedAt).toISOString().replace(/[:.]/g, '-').slice(0, 19);
    const name = `${stamp}${this.#recordings++ === 0 ? '' : `-${this.#recordings}`}.heartline`;
    const dir = this.#options.dataDir;
    if (dir == null) return name;
    mkdirSync(join(dir, 'recordings'), { recursive: true });
    return join(dir, 'recordings', name);
  }

  #watchSuspends(): void {
    const clock = this.#clock(1);
    const again = (): void => {
      this.#suspendTicker = clock.after(1000, () => {
        if (this.#suspended() > 2000) {
          this.noteHostSleep('begin');
          this.noteHostSleep('end');
        }
        again();
      });
    };
    again();
  }

  #dialects(): { name: string; label: string; methods: Method[] }[] {
    const own = this.#options.dialect;
    return [...Object.values(DIALECTS), ...(own ? [own] : [])].map(({ name, label, urls }) => ({
      name,
      label,
      methods: METHODS.filter((m) => urls[m] !== undefined),
    }));
  }

  #clock(scale: number): Clock {
    return (this.#options.clock ?? realClock)(scale);
  }

  #now(): Run {
    if (this.#run) return this.#run;
    throw new Failure({ code: 'no-run', message: 'The run is just being changed.', hint: 'Try again in a moment.' });
  }
}

function badTarget(problem: FieldProblem): Failure {
  return new Failure({
    code: 'bad-target',
    message: problem.message,
    place: problem.field,
    exit: 2,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  });
}

/** `a.heartline` → `a-2.heartline`, or the next number that is free: a recording holds one run. */
function nextFile(file: string): string {
  const [, stem, n, ending] = /^(.*?)(?:-(\d{1,3}))?((?:\.[^./\\]+)?(?:\.gz)?)$/s.exec(file)!;
  for (let next = Number(n ?? 1) + 1; ; next++) {
    const name = `${stem}-${next}${ending}`;
    if (!existsSync(name)) return name;
  }
}
