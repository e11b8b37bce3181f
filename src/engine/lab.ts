import type { Method, SleepTimers } from '../shared/catalog.ts';
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
import type { Cancel, Clock } from '../shared/clock.ts';
import { codeOf, Failure } from '../shared/failure.ts';
import type { DoctorOrder } from '../shared/doctor/order.ts';
import type { DoctorCost, DoctorProgress } from '../shared/doctor/report.ts';
import type { Dialect } from '../shared/dialect/model.ts';
import { seeded } from '../shared/random.ts';
import type { LaneSummary } from '../shared/lane-summary.ts';
import type { NoticeFact, Observation } from '../shared/observation.ts';
import type { LaneSpec, RunConfig, WorkloadSpec } from '../shared/run-config.ts';
import { targetProblems } from '../shared/target-check.ts';
import type { TargetProbe } from '../shared/target-probe.ts';
import type { RemoteTarget } from '../shared/target.ts';
import type { EndpointBook, Environment } from '../shared/book/book.ts';
import { BookFile } from '../shared/book/file.ts';
import { readImport } from '../shared/import/import-text.ts';
import type { Sample } from '../shared/sample.ts';
import { keepImport } from './library/import.ts';
import { Samples } from './sample/samples.ts';
import type { StormResult, StormSpec } from '../shared/storm.ts';
import { TargetProbes } from './check/target-probes.ts';
import { Examinations } from './doctor/examinations.ts';
import { DIALECTS, dialectNamed } from './dialects/index.ts';
import { engineInfo, knownDialects } from './engine-info.ts';
import { DEFAULT_CONFIG, type LabOptions } from './lab-options.ts';
import { closeFolder } from './files/whole-file.ts';
import { badTarget, Library } from './library/library.ts';
import type { PathSpec } from '../shared/path/spec.ts';
import { nextFile, RecordingManager } from './recording/manager.ts';
import { scenarioPlays } from './run/lane-refusals.ts';
import { RunSlot, type RunSetup } from './run-slot.ts';
import { SecretStore } from './secrets/store.ts';
import type { Plan } from './scenario/plan.ts';
import { Playback } from './scenario/playback.ts';
import type { ScenarioResult } from './scenario/player.ts';
import { readPlan, readScenarioText } from './scenario/read.ts';
import { watchForSuspends } from './suspend-watcher.ts';
import { playStorm } from './storm/storm.ts';
import { StallWatch } from './time/stall-watch.ts';
import { realClock } from './time/clock.ts';

export type { LabOptions };

/** The engine as hosts use it: one run at a time, and what outlives a run. */
export class Lab implements EngineApi {
  readonly #options: LabOptions;
  readonly #library: Library;
  readonly #recordings: RecordingManager;
  readonly #slot: RunSlot;
  readonly #probes: TargetProbes;
  readonly #samples: Samples;
  readonly #examinations: Examinations;
  readonly #listeners = new Set<(o: Observation) => void>();
  readonly #firstConfig: RunConfig;
  readonly #setAside: [file: string, aside: string][] = [];
  #stopWatching: Cancel | null = null;
  readonly #stalls: StallWatch;

  constructor(options: LabOptions) {
    const dir = options.dataDir ?? null;
    const kept = new SecretStore({ dir, keychain: options.keychain });
    // a page in a browser starts no command, whoever confirmed it
    const mayRun = (command: string): boolean => options.host !== 'browser' && kept.isConfirmed(command);
    const secretOf = (name: string): string | undefined => kept.value(name);
    this.#options = { endpointHost: { secretOf, mayRun, environment: process.env }, ...options };
    if (options.dataDir != null) closeFolder(options.dataDir);
    this.#stalls = new StallWatch(this.#realClock(), (ms) => this.#slot.started?.noteStall(ms), options.monotonic);
    this.#firstConfig = { ...structuredClone(DEFAULT_CONFIG), ...options.config };
    this.#slot = new RunSlot(
      this.#options,
      (o) => this.#onObservation(o),
      (via) => this.#library.nameOfPath(via),
      (clock) => this.#stalls.justOver(clock),
      (target) => this.#library.filled(target),
    );
    this.#probes = new TargetProbes(this.#realClock(), { host: this.#options.endpointHost ?? {} });
    this.#samples = new Samples(this.#realClock());
    this.#library = new Library(dir, kept, (file, aside) => this.#noteSetAside(file, aside));
    this.#examinations = new Examinations(this.#realClock(), seeded(this.#firstConfig.seed));
    this.#recordings = new RecordingManager(
      options.dataDir ?? null,
      () => this.#realClock(),
      (notice) => void this.#slot.started?.journal.note(null, notice),
    );
  }

  /** @param serverPort instead of the options' own, such as 0 where that one is in use */
  async start(serverPort?: number): Promise<void> {
    if (serverPort !== undefined) this.#slot.usePort(serverPort);
    await this.#replaceRun(this.#firstConfig, this.#slot.defaultSetup);
  }

  /** Starts a run as the plan has it, and plays its schedule on it. `ended` never rejects for what happens in the run. */
  async play(
    plan: Plan,
    { seed = plan.seed ?? this.#lastSeed, text = '' }: { seed?: number; text?: string } = {},
  ): Promise<{ ended: Promise<ScenarioResult>; stop(): void }> {
    const playback = new Playback(plan, text);
    const setup: RunSetup = { log: plan.log, server: plan.server, playback };
    await this.#slot.inOrder(() => this.#replaceRun({ ...plan.config, seed }, setup));
    return { ended: playback.ended, stop: () => void playback.stop() };
  }

  /** Every observation of every run, as it is noted. */
  listen(listener: (o: Observation) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  snapshot(): LabSnapshot {
    const snapshot = this.#slot.run.snapshot();
    return {
      ...snapshot,
      config: this.#slot.shown(snapshot.config),
      lanes: snapshot.lanes.map((lane) => {
        const url = this.#slot.redactText(lane.url);
        return { ...lane, url, tally: { ...lane.tally, url } };
      }),
      recent: snapshot.recent.map((o) => this.#slot.redact(o)),
      recording: this.#recordings.state,
      scenario: this.#slot.playback?.state ?? null,
    };
  }

  summary(): Record<string, LaneSummary> {
    return this.#slot.run.summary();
  }

  /** The time of the run that goes on; a feed stamps its batches with it. */
  engineTime(): number {
    return this.#slot.run.engineTime();
  }

  recordingBytes(): number | null {
    return this.#recordings.state?.bytes ?? null;
  }

  get serverUrl(): string | null {
    return this.#slot.started?.serverUrl ?? null;
  }

  /** @param ms at its end: how long this machine slept, in real time, where that is known */
  noteHostSleep(phase: 'begin' | 'end', ms: number | null = null): void {
    if (phase === 'end') this.#stalls.slept();
    this.#slot.started?.noteHostSleep(phase, ms);
  }

  /** What the host has to say of itself, for the page and the recording. */
  note(notice: NoticeFact): void {
    this.#slot.started?.journal.note(null, notice);
  }

  /** What a lab came to can be read after it has been closed: a page may still be listening. */
  async close(): Promise<void> {
    await this.#slot.close();
    this.#probes.close();
    await this.#samples.close();
    this.#examinations.close();
    this.#stopWatching?.();
    this.#stalls.stop();
    if (this.#recordings.state) await this.#recordings.end();
  }

  // ---- EngineApi

  async info(): Promise<EngineInfo> {
    const { host, version, dialect } = this.#options;
    return engineInfo(host, version, dialect);
  }

  restartRun(change: Partial<RunConfig>): Promise<void> {
    return this.#slot.inOrder(async () => {
      const config = { ...structuredClone(this.#slot.config), ...change };
      this.#slot.check(config);
      // a target of its own is kept, and what in it is a secret goes into the store
      if (change.target?.kind === 'remote') {
        this.#guardCommand(change.target, change.target.name);
        config.target = this.#kept(change.target);
      }
      const { server, ...setup } = this.#slot.defaultSetup;
      // the heartbeat switch caps the hold, which has no heartbeat of its own: so it does in the next run
      const holdCapMs = config.heartbeatMs;
      await this.#replaceRun(config, { ...setup, server: holdCapMs === null ? server : { ...server, holdCapMs } });
    });
  }

  async setPath(change: { path: PathSpec }): Promise<void> {
    this.#slot.openRun.setPath(change.path);
  }

  async setHeartbeat(change: { everyMs: number | null }): Promise<void> {
    this.#slot.openRun.setHeartbeat(change.everyMs);
  }

  /** In place; where the last workload ended its channel for good, only a new run can go on. */
  async setWorkload(change: WorkloadSpec): Promise<void> {
    if (!this.#slot.openRun.channelEnded) return this.#slot.openRun.setWorkload(change);
    if (this.#slot.playback?.isPlaying) {
      throw new Failure({
        code: 'channel-ended',
        message: 'The channel has ended for good: nothing more can be published into it while the scenario plays.',
        hint: 'Lose the log first, or stop the scenario.',
      });
    }
    await this.restartRun({ workload: change });
  }

  async sleep(order: { ms: number; timers: SleepTimers; lane?: string }): Promise<void> {
    this.#slot.openRun.sleep(order.ms, order.timers, order.lane);
  }

  async wake(): Promise<void> {
    this.#slot.openRun.wake();
  }

  async setOffline(order: { offline: boolean }): Promise<void> {
    this.#slot.openRun.setOffline(order.offline);
  }

  async cutAll(order: { end: 'fin' | 'rst' }): Promise<void> {
    this.#slot.openRun.cutAll(order.end);
  }

  async restartServer(): Promise<void> {
    await this.#slot.openRun.restartServer();
  }

  async killServer(order: { downMs: number }): Promise<void> {
    await this.#slot.openRun.killServer(order.downMs);
  }

  async loseLog(): Promise<void> {
    await this.#slot.openRun.loseLog();
  }

  async setPongs(order: { on: boolean }): Promise<void> {
    this.#slot.openRun.setPongs(order.on);
  }

  addLane(spec: LaneSpec & { like?: string }): Promise<{ lane: string }> {
    return this.#slot.inOrder(async () => {
      const run = this.#slot.openRun;
      if (this.#slot.playback?.isPlaying) throw scenarioPlays();
      this.#slot.learnSecrets({ target: run.config.target, lanes: [...run.config.lanes, spec] });
      return { lane: await run.addLane(spec) };
    });
  }

  async changeLane({ lane, ...change }: Parameters<EngineApi['changeLane']>[0]): Promise<void> {
    this.#slot.openRun.changeLane(lane, change);
  }

  async removeLane(order: { lane: string }): Promise<void> {
    if (this.#slot.playback?.isPlaying) throw scenarioPlays();
    await this.#slot.openRun.removeLane(order.lane);
  }

  async stopLane(order: { lane: string }): Promise<void> {
    this.#slot.openRun.stopLane(order.lane);
  }

  async startLane(order: { lane: string }): Promise<void> {
    this.#slot.openRun.startLane(order.lane);
  }

  async retryNow(order: { lane: string }): Promise<void> {
    this.#slot.openRun.retryNow(order.lane);
  }

  publish(event: { type: string; data: string; terminal?: boolean }): Promise<{ cursor: string | null }> {
    return this.#slot.openRun.publish(event);
  }

  startRecording(order: { file: string | null }): Promise<{ file: string }> {
    const run = this.#slot.openRun;
    const recent = run.recent().map((o) => this.#slot.redact(o));
    return this.#recordings.start(order.file, {
      startedAt: run.startedAt,
      now: Math.round(run.engineTime()),
      recent,
    });
  }

  async stopRecording(): Promise<{ file: string; bytes: number }> {
    return this.#recordings.stop();
  }

  async checkTarget(target: RemoteTarget): Promise<FieldProblem[]> {
    return targetProblems(target, this.#dialects());
  }

  async probeTarget(target: RemoteTarget): Promise<TargetProbe> {
    const [problem] = targetProblems(target, this.#dialects());
    if (problem) throw badTarget(problem);
    const own = this.#options.dialect;
    const dialects = [...Object.values(DIALECTS), ...(own ? [own] : [])];
    return this.#probes.start(
      this.#library.filled(target),
      own?.name === target.dialect ? own : dialectNamed(target.dialect),
      dialects,
    );
  }

  async probeProgress(order: { id: string; version: number }): Promise<TargetProbe> {
    return this.#probes.after(order);
  }

  async doctorBudget(order: DoctorOrder): Promise<DoctorCost> {
    return this.#examinations.budget(order, this.#doctorDialect(order));
  }

  async startDoctor(order: DoctorOrder): Promise<DoctorProgress> {
    return this.#examinations.start(order, this.#doctorDialect(order));
  }

  async doctorProgress(order: { id: string; version: number }): Promise<DoctorProgress> {
    return this.#examinations.after(order);
  }

  async stopDoctor(order: { id: string }): Promise<void> {
    this.#examinations.stop(order.id);
  }

  async endpoints(): Promise<RemoteTarget[]> {
    return this.#library.endpoints.list();
  }

  async saveEndpoint(target: RemoteTarget): Promise<void> {
    await this.keepEndpoint({ target });
  }

  async endpointBook(): Promise<EndpointBook> {
    return this.#library.book(this.#options.confirmCommand !== undefined);
  }

  async keepEndpoint({ target, ...where }: Parameters<EngineApi['keepEndpoint']>[0]): Promise<RemoteTarget> {
    this.#guardCommand(target, where.before ?? target.name);
    return this.#library.saveEndpoint(target, targetProblems(target, this.#dialects()), where);
  }

  async arrangeEndpoints({ order }: { order: { name: string; folder: string | null }[] }): Promise<void> {
    this.#library.endpoints.arrange(order);
  }

  async setEnvironments(order: { environments: Environment[]; environment: string | null }): Promise<void> {
    this.#library.endpoints.setEnvironments(order.environments, order.environment);
  }

  async importEndpoints({
    text,
    entries,
    folder,
  }: Parameters<EngineApi['importEndpoints']>[0]): Promise<{ names: string[] }> {
    const kept = keepImport(this.#library, readImport(text, entries ? { entries } : {}), { folder });
    return { names: kept.map(({ target }) => target.name) };
  }

  async exportEndpoints({ names }: { names: string[] | null }): Promise<{ text: string }> {
    const { entries, environments, environment } = this.#library.endpoints.read();
    const file = new BookFile('');
    for (const entry of entries) if (names?.includes(entry.target.name) ?? true) file.save(entry);
    if (environments.length > 0) file.setEnvironments(environments, environment);
    return { text: file.toString() };
  }

  async setSecret({ name, value }: { name: string; value: string }): Promise<void> {
    this.#library.secrets.put({ [name]: value });
  }

  async unlockSecrets({ passphrase }: { passphrase: string }): Promise<void> {
    this.#library.secrets.unlock(passphrase);
  }

  async addPassphrase({ passphrase }: { passphrase: string }): Promise<void> {
    this.#library.secrets.addKey('passphrase', passphrase);
  }

  async confirmCommand({ name }: { name: string }): Promise<{ confirmed: boolean }> {
    const ask = this.#options.confirmCommand;
    if (!ask) throw commandFromPage();
    const auth = this.#library.endpoints.find(name)?.auth;
    if (auth?.type !== 'token-command') {
      throw new Failure({ code: 'no-command', message: `“${name}” has no token command.`, hint: 'Save it first.' });
    }
    const confirmed = await ask(auth.command, name);
    if (confirmed) this.#library.secrets.confirm(auth.command);
    return { confirmed };
  }

  async listenTo({ target, method }: { target: RemoteTarget; method: Method }): Promise<Sample> {
    const lanes = [{ method }];
    const config = { ...structuredClone(DEFAULT_CONFIG), target, lanes, seed: this.#firstConfig.seed };
    return this.#samples.start(method, this.#slot.aside(config));
  }

  async sampleProgress(order: { id: string; version: number }): Promise<Sample> {
    return this.#samples.after(order);
  }

  stopListening(order: { id: string }): Promise<void> {
    return this.#samples.stop(order);
  }

  async deleteEndpoint(order: { name: string }): Promise<void> {
    this.#library.endpoints.delete(order.name);
  }

  async savedPaths(): Promise<SavedPath[]> {
    return this.#library.paths.list();
  }

  async savePath(path: { name: string; path: PathSpec }): Promise<void> {
    this.#library.savePath(path);
  }

  async deletePath(order: { name: string }): Promise<void> {
    this.#library.paths.delete(order.name);
  }

  playStorm(spec: StormSpec): Promise<StormResult> {
    return playStorm(spec, this.#realClock());
  }

  async serverView(): Promise<ServerView | null> {
    return this.#slot.run.serverView();
  }

  async checkScenario({ text }: { text: string }): Promise<ScenarioCheck> {
    const { scenario, problems } = readScenarioText(text, this.#saved());
    return { scenario, problems };
  }

  async playScenario({ text }: { text: string }): Promise<void> {
    await this.play(readPlan(text, this.#saved()), { text });
  }

  async stopScenario(): Promise<void> {
    await this.#slot.playback?.stop();
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

  /** Saved endpoints, for a scenario to name; none where their file cannot be read. */
  #saved(): RemoteTarget[] {
    try {
      return this.#library.endpoints.list();
    } catch {
      return [];
    }
  }

  /**
   * A page in a browser is a page like any other: it cannot set a command, and none is run that it sets. One that its endpoint
   * had already may stay.
   * @throws Failure `command-from-page`
   */
  #guardCommand(target: RemoteTarget, before: string): void {
    if (target.auth?.type !== 'token-command' || this.#options.host !== 'browser') return;
    const old = this.#saved().find(({ name }) => name === before)?.auth;
    if (old?.type !== 'token-command' || old.command !== target.auth.command) throw commandFromPage();
  }

  /** As it is kept; where it cannot be written it is followed all the same. */
  #kept(target: RemoteTarget): RemoteTarget {
    try {
      return this.#library.endpoints.save(target);
    } catch (error) {
      if (codeOf(error) !== 'cannot-save') throw error;
      return target;
    }
  }

  /** Ends the run there is and starts this one, with what was being recorded and what is to be played. */
  async #replaceRun(config: RunConfig, setup: RunSetup): Promise<void> {
    const first = this.#slot.started === null;
    const recording = this.#recordings.state?.file ?? null;
    try {
      await this.#slot.replace(config, setup, this, async () => {
        if (this.#recordings.state) await this.#recordings.end();
      });
    } finally {
      if (recording !== null) await this.startRecording({ file: nextFile(recording) });
    }
    if (first) await this.#onFirstRun();
  }

  /** What happens once, when there is a run at all. */
  async #onFirstRun(): Promise<void> {
    for (const [file, aside] of this.#setAside.splice(0)) this.#noteSetAside(file, aside);
    if (this.#options.record) await this.startRecording({ file: this.#options.record });
    this.#stalls.start();
    if (this.#options.host === 'electron') return; // its power monitor knows better
    this.#stopWatching = watchForSuspends(this.#realClock(), (ms) => {
      this.noteHostSleep('begin');
      this.noteHostSleep('end', ms);
    });
  }

  #onObservation(o: Observation): void {
    this.#recordings.write(o);
    for (const listener of this.#listeners) listener(o);
  }

  /** Files are read before there is a run that could note it. */
  #noteSetAside(file: string, aside: string): void {
    const run = this.#slot.started;
    if (!run) this.#setAside.push([file, aside]);
    else run.journal.note(null, setAsideNotice(file, aside));
  }

  get #lastSeed(): number {
    return (this.#slot.started?.config ?? this.#firstConfig).seed;
  }

  #doctorDialect({ dialect }: DoctorOrder): Dialect | null {
    const own = this.#options.dialect;
    if (dialect === null) return null;
    return own?.name === dialect ? own : dialectNamed(dialect, 'dialect');
  }

  #dialects(): EngineInfo['dialects'] {
    return knownDialects(this.#options.dialect);
  }

  #realClock(): Clock {
    return (this.#options.clock ?? realClock)(1);
  }
}

const commandFromPage = (): Failure =>
  new Failure({
    code: 'command-from-page',
    place: 'auth.command',
    message: 'A page in a browser can neither set nor start a command.',
    hint: 'Use the desktop app, or heartline endpoints confirm on the command line.',
  });

const setAsideNotice = (file: string, aside: string): NoticeFact => ({
  type: 'notice',
  level: 'warn',
  code: 'file-set-aside',
  message: `${file} could not be understood.`,
  hint: `It is kept as ${aside}; what is saved from now on goes into a new file.`,
});
