import type {
  EngineApi,
  EngineInfo,
  FieldProblem,
  LabSnapshot,
  RunConfig,
  SavedPath,
  SavedScenario,
  ScenarioCheck,
  ServerView,
  WorkloadSpec,
} from '../shared/api.ts';
import { METHODS } from '../shared/catalog.ts';
import type { Cancel, Clock } from '../shared/clock.ts';
import type { Dialect } from '../shared/dialect.ts';
import { DEFAULTS } from '../shared/defaults.ts';
import { Failure, failureData } from '../shared/failure.ts';
import type { LaneSummary } from '../shared/measure/summary.ts';
import type { Observation } from '../shared/observation.ts';
import { targetProblems } from '../shared/target-check.ts';
import type { RemoteTarget } from '../shared/target.ts';
import { realClock, suspendWatch } from './clock.ts';
import { engineInfo, knownDialects } from './engine-info.ts';
import { badTarget, Keep } from './keep/index.ts';
import { resolveVia } from './proxy/presets.ts';
import { nextFile, Recordings } from './recordings.ts';
import { Run } from './run/run.ts';
import type { Plan } from './scenario/plan.ts';
import { ScenarioPlayer, type ScenarioResult, type Stage } from './scenario/player.ts';
import { planOf, readScenarioText } from './scenario/read.ts';
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

/** What a run is started with beside its configuration. */
interface Surroundings {
  log: string;
  server: Partial<ServerSettings>;
  scenario: { player: ScenarioPlayer; text: string } | null;
}

interface Playing {
  player: ScenarioPlayer;
  text: string;
  ended: Promise<ScenarioResult>;
}

/** The engine as its hosts hold it: one run at a time, and what outlives a run. */
export class Lab implements EngineApi {
  readonly #options: LabOptions;
  readonly #keep: Keep;
  readonly #recordings: Recordings;
  readonly #listeners = new Set<(o: Observation) => void>();
  readonly #suspended = suspendWatch();
  #config: RunConfig;
  #run: Run | null = null;
  #scenario: Playing | null = null;
  #suspendTicker: Cancel | null = null;
  #serverPort: number;
  /** Runs change one at a time. */
  #changing: Promise<void> = Promise.resolve();

  constructor(options: LabOptions) {
    this.#options = options;
    this.#config = { ...structuredClone(FIRST_RUN), ...options.config };
    this.#keep = new Keep(options.dataDir ?? null);
    this.#recordings = new Recordings(
      options.dataDir ?? null,
      () => this.#clock(1),
      (notice) => void this.#run?.journal.note(null, notice),
    );
    this.#serverPort = options.serverPort ?? 0;
  }

  async start(): Promise<void> {
    await this.#renew(this.#config, this.#usual);
  }

  /** Starts a run as the plan has it, and plays its schedule on it. `ended` never rejects for what happens in the run. */
  async play(
    plan: Plan,
    { seed = plan.seed ?? this.#config.seed, text = '' }: { seed?: number; text?: string } = {},
  ): Promise<{ ended: Promise<ScenarioResult>; stop(): void }> {
    const player = new ScenarioPlayer(plan);
    const playing = await this.#change(() =>
      this.#renew({ ...plan.config, seed }, { log: plan.log, server: plan.server, scenario: { player, text } }),
    );
    return { ended: playing!.ended, stop: () => player.stop() };
  }

  /** Every observation of every run, as it is noted. */
  listen(listener: (o: Observation) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  snapshot(): LabSnapshot {
    const playing = this.#scenario;
    return {
      ...this.#now().snapshot(),
      recording: this.#recordings.state,
      scenario: playing && { ...playing.player.state, text: playing.text },
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
    return this.#recordings.state?.bytes ?? null;
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
    await this.#endScenario();
    await this.#run?.close();
    this.#run = null;
    if (this.#recordings.state) await this.#recordings.end();
  }

  // ---- EngineApi

  async info(): Promise<EngineInfo> {
    const { host, version, dialect } = this.#options;
    return engineInfo(host, version, dialect);
  }

  restartRun(change: Partial<RunConfig>): Promise<void> {
    return this.#change(async () => {
      const config = { ...structuredClone(this.#now().config), ...change };
      this.#refuse(config);
      if (config.target.kind === 'remote') this.#keep.endpoints.save(config.target);
      await this.#renew(config, this.#usual);
    });
  }

  async setPath(change: { via: string[] }): Promise<void> {
    this.#now().setPath(change.via);
  }

  async setHeartbeat(change: { everyMs: number | null }): Promise<void> {
    this.#now().setHeartbeat(change.everyMs);
  }

  /** In place; where the last workload ended its channel for good, only a new run can go on. */
  async setWorkload(change: WorkloadSpec): Promise<void> {
    if (!this.#now().ended) return this.#now().setWorkload(change);
    if (this.#scenario?.player.state.endedAt === null) {
      throw new Failure({
        code: 'channel-ended',
        message: 'The channel has ended for good: nothing more can be published into it while the scenario plays.',
        hint: 'Lose the log first, or stop the scenario.',
      });
    }
    await this.restartRun({ workload: change });
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

  startRecording(order: { file: string | null }): Promise<{ file: string }> {
    const run = this.#now();
    const { startedAt } = run;
    return this.#recordings.start(order.file, { startedAt, now: run.snapshot().now, recent: run.recent() });
  }

  async stopRecording(): Promise<{ file: string; bytes: number }> {
    return this.#recordings.stop();
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
    return this.#keep.endpoints.list();
  }

  async saveEndpoint(target: RemoteTarget): Promise<void> {
    this.#keep.saveEndpoint(target, targetProblems(target, this.#dialects()));
  }

  async deleteEndpoint(order: { name: string }): Promise<void> {
    this.#keep.endpoints.delete(order.name);
  }

  async savedPaths(): Promise<SavedPath[]> {
    return this.#keep.paths.list();
  }

  async savePath(path: SavedPath): Promise<void> {
    this.#keep.savePath(path);
  }

  async deletePath(order: { name: string }): Promise<void> {
    this.#keep.paths.delete(order.name);
  }

  async serverView(): Promise<ServerView | null> {
    return this.#now().serverView();
  }

  async checkScenario({ text }: { text: string }): Promise<ScenarioCheck> {
    const { scenario, problems } = readScenarioText(text);
    return { scenario, problems };
  }

  async playScenario({ text }: { text: string }): Promise<void> {
    await this.play(planOf(text), { text });
  }

  async stopScenario(): Promise<void> {
    await this.#endScenario();
  }

  async savedScenarios(): Promise<SavedScenario[]> {
    return this.#keep.scenarios.list();
  }

  async saveScenario({ text }: { text: string }): Promise<SavedScenario> {
    return this.#keep.saveScenario(text);
  }

  async deleteScenario(order: { name: string }): Promise<void> {
    this.#keep.scenarios.delete(order.name);
  }

  // ---- within

  /** What a run has unless a scenario says otherwise. */
  get #usual(): Surroundings {
    return { log: this.#options.log ?? 'memory', server: this.#options.serverSettings ?? {}, scenario: null };
  }

  /** Runs change one at a time. */
  #change<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#changing.then(change);
    this.#changing = next.then(
      () => undefined,
      () => undefined,
    );
    return next;
  }

  /** Ends the run there is and starts this one, with what was being recorded and what is to be played. */
  async #renew(config: RunConfig, surroundings: Surroundings): Promise<Playing | null> {
    await this.#endScenario();
    const recording = this.#recordings.state?.file ?? null;
    const before = this.#run;
    await before?.close();
    if (this.#recordings.state) await this.#recordings.end();
    try {
      await this.#begin(config, surroundings);
    } catch (e) {
      // what was asked for cannot be had: go back to what worked, and say so
      if (before) await this.#begin(before.config, this.#usual);
      throw e;
    } finally {
      if (recording !== null) await this.startRecording({ file: nextFile(recording) });
    }
    if (!before) await this.#first();
    return this.#scenario;
  }

  /** What happens once, when there is a run at all. */
  async #first(): Promise<void> {
    if (this.#options.record) await this.startRecording({ file: this.#options.record });
    if (this.#options.host !== 'electron') this.#watchSuspends(); // Electron's power monitor knows better
  }

  async #endScenario(): Promise<void> {
    this.#scenario?.player.stop();
    await this.#scenario?.ended;
  }

  async #begin(config: RunConfig, { log, server, scenario }: Surroundings): Promise<void> {
    this.#refuse(config);
    const own = this.#options.dialect;
    const clock = this.#clock(config.timeScale);
    const run = new Run(config, {
      version: this.#options.version,
      clock,
      serverPort: this.#serverPort,
      serverHost: this.#options.serverHost ?? '127.0.0.1',
      log,
      server,
      ...(own && config.target.kind === 'remote' && config.target.dialect === own.name ? { dialect: own } : {}),
      direct: this.#options.direct ?? false,
      wire: this.#options.wire ?? this.#options.host !== 'cli',
    });
    let begin: (result: Promise<ScenarioResult>) => void = () => {};
    const ended = new Promise<ScenarioResult>((resolve) => (begin = resolve));
    this.#scenario = scenario && { ...scenario, ended };
    try {
      await run.start((o) => this.#hear(run, o));
    } catch (e) {
      this.#scenario = null;
      throw e;
    }
    if (scenario) {
      const stage: Stage = {
        engine: this,
        clock,
        snapshot: () => run.snapshot(),
        serverView: () => run.serverView(),
        note: (fact) => void run.journal.note(null, fact),
      };
      begin(scenario.player.play(stage));
    }
    this.#config = run.config;
    // the page's policy names exactly this port: the next run has it again
    this.#serverPort = run.serverPort ?? this.#serverPort;
  }

  #hear(run: Run, o: Observation): void {
    if (o.type === 'run') this.#run = run; // from its first word on, this is the run people ask about
    this.#scenario?.player.see(o);
    this.#recordings.note(o);
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

  #dialects(): EngineInfo['dialects'] {
    return knownDialects(this.#options.dialect);
  }

  #clock(scale: number): Clock {
    return (this.#options.clock ?? realClock)(scale);
  }

  #now(): Run {
    if (this.#run) return this.#run;
    throw new Failure({ code: 'no-run', message: 'The run is just being changed.', hint: 'Try again in a moment.' });
  }
}
