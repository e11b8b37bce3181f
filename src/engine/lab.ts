import type {
  EngineApi,
  EngineInfo,
  FieldProblem,
  LabSnapshot,
  SavedPath,
  SavedScenario,
  ScenarioCheck,
  ServerView,
} from '../shared/api.ts';
import type { RunConfig, WorkloadSpec } from '../shared/run-config.ts';
import { METHODS } from '../shared/catalog.ts';
import type { Cancel, Clock } from '../shared/clock.ts';
import type { Dialect } from '../shared/protocol/dialect.ts';
import { DEFAULTS } from '../shared/defaults.ts';
import { Failure, failureData } from '../shared/failure.ts';
import type { LaneSummary } from '../shared/lane-summary.ts';
import type { Observation } from '../shared/observation.ts';
import { targetProblems } from '../shared/target-check.ts';
import type { RemoteTarget } from '../shared/target.ts';
import { realClock, suspendWatch } from './time/clock.ts';
import { engineInfo, knownDialects } from './engine-info.ts';
import { badTarget, Library } from './library/library.ts';
import { resolveVia } from '../shared/path/resolve.ts';
import { nextFile, RecordingManager } from './recording/manager.ts';
import { Run } from './run/run.ts';
import type { Plan } from './scenario/plan.ts';
import { ScenarioPlayer, type ScenarioResult, type PlayContext } from './scenario/player.ts';
import { readPlan, readScenarioText } from './scenario/read.ts';
import type { ServerSettings } from './server/broker/broker.ts';

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

const DEFAULT_CONFIG: RunConfig = {
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
interface RunSetup {
  log: string;
  server: Partial<ServerSettings>;
  scenario: { player: ScenarioPlayer; text: string } | null;
}

interface ActiveScenario {
  player: ScenarioPlayer;
  text: string;
  ended: Promise<ScenarioResult>;
}

/** The engine as hosts use it: one run at a time, and what outlives a run. */
export class Lab implements EngineApi {
  readonly #options: LabOptions;
  readonly #library: Library;
  readonly #recordings: RecordingManager;
  readonly #listeners = new Set<(o: Observation) => void>();
  readonly #wallClockJumpMs = suspendWatch();
  #config: RunConfig;
  #run: Run | null = null;
  #scenario: ActiveScenario | null = null;
  #suspendTimer: Cancel | null = null;
  #serverPort: number;
  /** Runs change one at a time. */
  #lastChange: Promise<void> = Promise.resolve();

  constructor(options: LabOptions) {
    this.#options = options;
    this.#config = { ...structuredClone(DEFAULT_CONFIG), ...options.config };
    this.#library = new Library(options.dataDir ?? null);
    this.#recordings = new RecordingManager(
      options.dataDir ?? null,
      () => this.#clock(1),
      (notice) => void this.#run?.journal.note(null, notice),
    );
    this.#serverPort = options.serverPort ?? 0;
  }

  async start(): Promise<void> {
    await this.#replaceRun(this.#config, this.#defaultSetup);
  }

  /** Starts a run as the plan has it, and plays its schedule on it. `ended` never rejects for what happens in the run. */
  async play(
    plan: Plan,
    { seed = plan.seed ?? this.#config.seed, text = '' }: { seed?: number; text?: string } = {},
  ): Promise<{ ended: Promise<ScenarioResult>; stop(): void }> {
    const player = new ScenarioPlayer(plan);
    const playing = await this.#inOrder(() =>
      this.#replaceRun({ ...plan.config, seed }, { log: plan.log, server: plan.server, scenario: { player, text } }),
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
      ...this.#currentRun().snapshot(),
      recording: this.#recordings.state,
      scenario: playing && { ...playing.player.state, text: playing.text },
    };
  }

  summary(): Record<string, LaneSummary> {
    return this.#currentRun().summary();
  }

  /** The time of the run that goes on; a feed stamps its batches with it. */
  engineTime(): number {
    return this.#currentRun().engineTime();
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
    await this.#lastChange.catch(() => {});
    this.#suspendTimer?.();
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
    return this.#inOrder(async () => {
      const config = { ...structuredClone(this.#currentRun().config), ...change };
      this.#validate(config);
      if (config.target.kind === 'remote') this.#library.endpoints.save(config.target);
      await this.#replaceRun(config, this.#defaultSetup);
    });
  }

  async setPath(change: { via: string[] }): Promise<void> {
    this.#currentRun().setPath(change.via);
  }

  async setHeartbeat(change: { everyMs: number | null }): Promise<void> {
    this.#currentRun().setHeartbeat(change.everyMs);
  }

  /** In place; where the last workload ended its channel for good, only a new run can go on. */
  async setWorkload(change: WorkloadSpec): Promise<void> {
    if (!this.#currentRun().channelEnded) return this.#currentRun().setWorkload(change);
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
    this.#currentRun().sleep(order.ms, order.timers, order.lane);
  }

  async wake(): Promise<void> {
    this.#currentRun().wake();
  }

  async setOffline(order: { offline: boolean }): Promise<void> {
    this.#currentRun().setOffline(order.offline);
  }

  async cutAll(order: { end: 'fin' | 'rst' }): Promise<void> {
    this.#currentRun().cutAll(order.end);
  }

  async restartServer(): Promise<void> {
    await this.#currentRun().restartServer();
  }

  async killServer(order: { downMs: number }): Promise<void> {
    await this.#currentRun().killServer(order.downMs);
  }

  async loseLog(): Promise<void> {
    this.#currentRun().loseLog();
  }

  async setPongs(order: { on: boolean }): Promise<void> {
    this.#currentRun().setPongs(order.on);
  }

  async stopLane(order: { lane: string }): Promise<void> {
    this.#currentRun().stopLane(order.lane);
  }

  async startLane(order: { lane: string }): Promise<void> {
    this.#currentRun().startLane(order.lane);
  }

  async retryNow(order: { lane: string }): Promise<void> {
    this.#currentRun().retryNow(order.lane);
  }

  publish(event: { type: string; data: string; terminal?: boolean }): Promise<{ cursor: string | null }> {
    return this.#currentRun().publish(event);
  }

  startRecording(order: { file: string | null }): Promise<{ file: string }> {
    const run = this.#currentRun();
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
    return this.#library.endpoints.list();
  }

  async saveEndpoint(target: RemoteTarget): Promise<void> {
    this.#library.saveEndpoint(target, targetProblems(target, this.#dialects()));
  }

  async deleteEndpoint(order: { name: string }): Promise<void> {
    this.#library.endpoints.delete(order.name);
  }

  async savedPaths(): Promise<SavedPath[]> {
    return this.#library.paths.list();
  }

  async savePath(path: SavedPath): Promise<void> {
    this.#library.savePath(path);
  }

  async deletePath(order: { name: string }): Promise<void> {
    this.#library.paths.delete(order.name);
  }

  async serverView(): Promise<ServerView | null> {
    return this.#currentRun().serverView();
  }

  async checkScenario({ text }: { text: string }): Promise<ScenarioCheck> {
    const { scenario, problems } = readScenarioText(text);
    return { scenario, problems };
  }

  async playScenario({ text }: { text: string }): Promise<void> {
    await this.play(readPlan(text), { text });
  }

  async stopScenario(): Promise<void> {
    await this.#endScenario();
  }

  async savedScenarios(): Promise<SavedScenario[]> {
    return this.#library.scenarios.list();
  }

  async saveScenario({ text }: { text: string }): Promise<SavedScenario> {
    return this.#library.saveScenario(text);
  }

  async deleteScenario(order: { name: string }): Promise<void> {
    this.#library.scenarios.delete(order.name);
  }

  // ---- within

  /** What a run has unless a scenario says otherwise. */
  get #defaultSetup(): RunSetup {
    return { log: this.#options.log ?? 'memory', server: this.#options.serverSettings ?? {}, scenario: null };
  }

  /** Runs change one at a time. */
  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#lastChange.then(change);
    this.#lastChange = next.then(
      () => undefined,
      () => undefined,
    );
    return next;
  }

  /** Ends the run there is and starts this one, with what was being recorded and what is to be played. */
  async #replaceRun(config: RunConfig, setup: RunSetup): Promise<ActiveScenario | null> {
    await this.#endScenario();
    const recording = this.#recordings.state?.file ?? null;
    const previous = this.#run;
    await previous?.close();
    if (this.#recordings.state) await this.#recordings.end();
    try {
      await this.#startRun(config, setup);
    } catch (e) {
      // what was asked for cannot be had: go back to what worked, and say so
      if (previous) await this.#startRun(previous.config, this.#defaultSetup);
      throw e;
    } finally {
      if (recording !== null) await this.startRecording({ file: nextFile(recording) });
    }
    if (!previous) await this.#onFirstRun();
    return this.#scenario;
  }

  /** What happens once, when there is a run at all. */
  async #onFirstRun(): Promise<void> {
    if (this.#options.record) await this.startRecording({ file: this.#options.record });
    if (this.#options.host !== 'electron') this.#watchForSuspends(); // Electron's power monitor knows better
  }

  async #endScenario(): Promise<void> {
    this.#scenario?.player.stop();
    await this.#scenario?.ended;
  }

  async #startRun(config: RunConfig, { log, server, scenario }: RunSetup): Promise<void> {
    this.#validate(config);
    const extraDialect = this.#options.dialect;
    const clock = this.#clock(config.timeScale);
    const run = new Run(config, {
      version: this.#options.version,
      clock,
      serverPort: this.#serverPort,
      serverHost: this.#options.serverHost ?? '127.0.0.1',
      log,
      server,
      ...(extraDialect && config.target.kind === 'remote' && config.target.dialect === extraDialect.name
        ? { dialect: extraDialect }
        : {}),
      direct: this.#options.direct ?? false,
      wire: this.#options.wire ?? this.#options.host !== 'cli',
    });
    let resolveEnded: (result: Promise<ScenarioResult>) => void = () => {};
    const ended = new Promise<ScenarioResult>((resolve) => (resolveEnded = resolve));
    this.#scenario = scenario && { ...scenario, ended };
    try {
      await run.start((o) => this.#onObservation(run, o));
    } catch (e) {
      this.#scenario = null;
      throw e;
    }
    if (scenario) {
      const context: PlayContext = {
        engine: this,
        clock,
        snapshot: () => run.snapshot(),
        serverView: () => run.serverView(),
        note: (fact) => void run.journal.note(null, fact),
      };
      resolveEnded(scenario.player.play(context));
    }
    this.#config = run.config;
    // the page's policy names exactly this port: the next run has it again
    this.#serverPort = run.serverPort ?? this.#serverPort;
  }

  #onObservation(run: Run, o: Observation): void {
    if (o.type === 'run') this.#run = run; // from its first observation on, this is the current run
    this.#scenario?.player.observe(o);
    this.#recordings.write(o);
    for (const listener of this.#listeners) listener(o);
  }

  #validate(config: RunConfig): void {
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
    const hasLaneUrl = config.lanes.some((l) => l.url !== undefined);
    const [problem] = targetProblems(config.target, this.#dialects()).filter(
      (p) => !(hasLaneUrl && p.field === 'base'),
    );
    if (problem) throw badTarget(problem);
  }

  #watchForSuspends(): void {
    const clock = this.#clock(1);
    const scheduleCheck = (): void => {
      this.#suspendTimer = clock.after(1000, () => {
        if (this.#wallClockJumpMs() > 2000) {
          this.noteHostSleep('begin');
          this.noteHostSleep('end');
        }
        scheduleCheck();
      });
    };
    scheduleCheck();
  }

  #dialects(): EngineInfo['dialects'] {
    return knownDialects(this.#options.dialect);
  }

  #clock(scale: number): Clock {
    return (this.#options.clock ?? realClock)(scale);
  }

  #currentRun(): Run {
    if (this.#run) return this.#run;
    throw new Failure({ code: 'no-run', message: 'The run is just being changed.', hint: 'Try again in a moment.' });
  }
}
