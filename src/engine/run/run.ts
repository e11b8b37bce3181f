import type { SleepTimers } from '../../shared/catalog.ts';
import type { EngineApi, LabSnapshot, ServerView } from '../../shared/api.ts';
import type { LaneSpec, RunConfig, WorkloadSpec } from '../../shared/run-config.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import type { Stall } from '../time/stall-watch.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { Failure } from '../../shared/failure.ts';
import type { LaneSummary } from '../../shared/lane-summary.ts';
import { parseRetryRule } from '../../shared/endpoint/retry-rules.ts';
import type { LaneFact, NoticeFact, Observation } from '../../shared/observation.ts';
import { KnownSecrets } from '../../shared/secrets.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { redactUrl } from '../../shared/redact.ts';
import { plainEndpoint } from '../client/endpoint/endpoint-client.ts';
import type { LaneOptions, LaneSettings } from '../client/lane/lane.ts';
import { durationText } from '../../shared/path/quantity-text.ts';
import { seeded, type Random } from '../../shared/random.ts';
import { Causes } from '../evidence/causes.ts';
import type { Setting } from '../../shared/setting.ts';
import { dialectNamed } from '../dialects/index.ts';
import { Journal } from '../journal/journal.ts';
import { blockedSentence } from '../../shared/path/blocked.ts';
import { Path } from '../proxy/path.ts';
import { spellPath } from '../../shared/path/describe.ts';
import type { PathSpec } from '../../shared/path/spec.ts';
import type { EventServer } from '../server/event-server.ts';
import type { ServerSettings } from '../server/broker/broker.ts';
import { TRANSPORTS } from '../transports/index.ts';
import { RunStats } from './run-stats.ts';
import { EmbeddedTarget } from './embedded-target.ts';
import { checkLaneClient, idleSettings, lastLane, noLaneUrl } from './lane-refusals.ts';
import { LaneRoster, type LaneUrl } from './lane-roster.ts';
import { laneSettings } from './lane-settings.ts';
import { laneUrl, isLoopback, publishEndpoint, rosterOf } from './lane-urls.ts';
import { publishTo } from './remote.ts';
import { RunEndpoint, type EndpointHost } from './run-endpoint.ts';
import { runFact } from './run-fact.ts';
import { runSnapshot } from './run-snapshot.ts';
import { RunLanes } from './run-lanes.ts';
import { startCursor } from './start-cursor.ts';
import { checkTemplates } from './template-check.ts';

/** What a run is made with, beside its configuration. */
export interface RunDeps extends EndpointHost {
  /** What is taken out of everything the run says. */
  secrets?: KnownSecrets;
  version: string;
  clock: Clock;
  /** 0 for any. */
  serverPort: number;
  serverHost: string;
  /** As `--log` names it. */
  log: string;
  server: Partial<ServerSettings>;
  /** A dialect from a file; else the target names a built-in one. */
  dialect?: Dialect;
  /** Lanes dial their target themselves; the path cannot be changed later. */
  direct: boolean;
  /** Capture what stands on the wire. */
  wire: boolean;
  /** The name under which a path is saved; null when it is not. */
  savedPathName: (via: readonly string[]) => string | null;
  /** Whether this process has just stood still, in the time of a clock. */
  stall?: ((clock: Clock) => Stall | null) | undefined;
}

/** One run: a target, a path, and the lanes that follow, on one clock and into one journal. */
export class Run {
  readonly config: RunConfig;
  readonly journal: Journal;
  readonly startedAt: number;
  readonly #deps: RunDeps;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #causes = new Causes();
  readonly #stats: RunStats;
  readonly #dialect: Dialect;
  readonly #path: Path;
  readonly #lanes: RunLanes;
  #roster = new LaneRoster();
  /** They run again where there is something to follow. */
  #lanesWithoutUrl: LaneSpec[] = [];
  /** A server of ours holds no poll longer; null: no cap. */
  #holdCapMs: number | null;
  readonly #closing = new AbortController();
  /** The target, where it is elsewhere. */
  #endpoint: RunEndpoint | null = null;
  #embedded: EmbeddedTarget | null = null;
  #serverFactTimer: Cancel | null = null;

  constructor(config: RunConfig, deps: RunDeps) {
    const { clock } = deps;
    this.config = structuredClone(config);
    this.#deps = deps;
    this.#clock = clock;
    this.#holdCapMs = config.target.kind === 'embedded' ? (deps.server.holdCapMs ?? null) : null;
    this.#random = seeded(config.seed);
    this.#dialect =
      deps.dialect ?? dialectNamed(config.target.kind === 'embedded' ? 'heartline' : config.target.dialect);
    this.journal = new Journal(clock);
    this.startedAt = Math.round(clock.now());
    this.#stats = new RunStats(clock);
    this.#lanes = new RunLanes(clock);
    this.#path = new Path({ clock, random: this.#random.fork('path'), journal: this.journal, causes: this.#causes });
  }

  /** @throws Failure when a lane has no URL, the path is not known, or the server cannot listen; nothing is left open. */
  async start(listen: (o: Observation) => void): Promise<void> {
    const { config } = this;
    try {
      if (config.target.kind === 'embedded') this.#embedded = await this.#openEmbedded();
      else this.#endpoint = this.#openEndpoint(config.target);
      const { roster, without } = rosterOf(config.lanes, config.target, this.#dialect, this.#base, this.#channel);
      this.#roster = roster;
      this.#lanesWithoutUrl = without;
      const { lanes } = roster;
      const start = await startCursor(
        config,
        this.#embedded,
        this.#endpoint,
        this.#dialect,
        lanes[0]!.url,
        this.#clock,
      );
      const endpoint = this.#endpoint;
      if (endpoint) {
        const token = endpoint.hasToken ? 'x' : null;
        checkTemplates(this.#dialect, lanes, start, (name) => (name === 'token' ? token : endpoint.values(name)));
      }
      for (const lane of lanes) this.#stats.addLane(lane);
      this.journal.listen((o) => this.#stats.observe(o));
      this.journal.listen(listen);
      // after everybody has heard of what it is concluded from
      this.journal.listen((o) => {
        if (o.type === 'drop' || o.type === 'notice') this.#noteFindings();
      });
      this.journal.note(
        null,
        runFact({
          version: this.#deps.version,
          config,
          dialect: this.#dialect,
          channel: this.#channel,
          serverUrl: this.serverUrl,
          lanes,
          start,
        }),
      );
      for (const { id, method, client } of lanes)
        for (const notice of idleSettings(id, method, client)) this.journal.note(null, notice);
      this.#setPath(config.path);
      this.#embedded?.startWorkload(config.workload);
      for (const lane of lanes) this.#startLane(lane, start);
      this.#scheduleServerFact();
    } catch (e) {
      await this.close();
      throw e;
    }
  }

  // ---- commands

  setPath(path: PathSpec): void {
    if (this.#deps.direct) {
      throw new Failure({
        code: 'no-path',
        message: 'This run was started without a path.',
        hint: 'Start it with --via to be able to change the path.',
      });
    }
    this.config.path = path;
    this.#setPath(path);
  }

  /** The switch sets SSE comment, WebSocket beat and server ping, and caps the hold, which has no beat of its own. */
  setHeartbeat(everyMs: number | null): void {
    this.config.heartbeatMs = everyMs;
    this.#embedded?.server.set({ heartbeatMs: everyMs, holdCapMs: everyMs });
    // a lane asks for no longer a hold than it will get, so that its countdown is true, and other servers follow too
    this.#holdCapMs = everyMs;
    this.#lanes.set((id) => this.#settingsOf(id));
    this.#noteSetting({ name: 'heartbeat', everyMs }, everyMs === null ? 'off' : `${everyMs}ms`);
  }

  setWorkload(spec: WorkloadSpec): void {
    this.config.workload = spec;
    this.#embedded?.startWorkload(spec);
    const text = spec.rate === null ? spec.name : `${spec.name} ${spec.rate}/s`;
    this.#noteSetting({ name: 'workload', workload: spec.name, rate: spec.rate }, text);
  }

  sleep(ms: number, timers: SleepTimers, lane?: string): void {
    if (lane === undefined) this.#lanes.sleep(ms, timers);
    else this.#lanes.get(lane).sleep(ms, timers);
  }

  wake(): void {
    this.#lanes.wake();
  }

  setOffline(offline: boolean): void {
    this.#noteSetting({ name: 'offline', offline }, offline ? 'on' : 'off');
    this.#lanes.setOffline(offline);
  }

  cutAll(end: 'fin' | 'rst'): void {
    const connections = this.#path.cutAll(end);
    const text = `${connections} connection${connections === 1 ? '' : 's'}, ${end}`;
    this.#noteSetting({ name: 'cut-all', connections, end }, text);
  }

  async restartServer(): Promise<void> {
    const server = this.#embeddedServer('restarted');
    this.#noteSetting({ name: 'restart-server' }, 'drain');
    await server.restart();
  }

  async killServer(downMs: number): Promise<void> {
    const server = this.#embeddedServer('killed');
    this.#noteSetting({ name: 'kill-server', downMs }, `down for ${downMs}ms`);
    await server.kill(downMs);
  }

  async loseLog(): Promise<void> {
    const server = this.#embeddedServer('made to lose its log');
    this.#noteSetting({ name: 'lose-log' }, 'a new epoch begins');
    await server.loseLog();
  }

  setPongs(on: boolean): void {
    this.config.pongs = on;
    this.#lanes.set((id) => this.#settingsOf(id));
    this.#noteSetting({ name: 'pongs', answered: on }, on ? 'answered' : 'muted');
  }

  /** @returns its id. @throws Failure `no-lanes` where there is no URL for its method, `bad-lane` */
  async addLane({ like, ...given }: LaneSpec & { like?: string }): Promise<string> {
    checkLaneClient(given.method, given.client);
    const model = like === undefined ? null : this.#given(like);
    const own = given.url ?? (model?.method === given.method ? this.#roster.specOf(model.id).url : undefined);
    const spec: LaneSpec = { ...given, ...(own === undefined ? {} : { url: own }) };
    const url = this.#urlOf(spec);
    if (url === null) throw noLaneUrl(spec.method);
    // it starts at the newest event: where the others began was long ago
    const start = await startCursor(
      { ...this.config, after: null },
      this.#embedded,
      this.#endpoint,
      this.#dialect,
      url,
      this.#clock,
    );
    this.#closing.signal.throwIfAborted();
    const lane = this.#roster.add(spec, url);
    if (model) this.#roster.moveUnder(lane.id, model.id);
    this.#stats.addLane(lane);
    this.#noteLane('add', lane);
    this.#startLane(lane, start);
    this.#lanes.reorder(this.#roster.ids);
    return lane.id;
  }

  /** @throws Failure `unknown-lane`, `bad-lane` */
  changeLane(id: string, change: Omit<Parameters<EngineApi['changeLane']>[0], 'lane'>): void {
    const { method } = this.#given(id);
    checkLaneClient(method, change.client);
    this.#roster.change(id, change);
    if (change.position !== undefined) this.#roster.move(id, change.position);
    this.#lanes.reorder(this.#roster.ids);
    if (change.client !== undefined) this.#lanes.get(id).set(this.#settingsOf(id));
    this.#noteLane('change', this.#given(id));
  }

  /** @throws Failure `unknown-lane`, or `last-lane` */
  async removeLane(id: string): Promise<void> {
    const lane = this.#given(id);
    if (this.#roster.ids.length === 1) throw lastLane();
    this.#roster.remove(id);
    const removed = this.#lanes.remove(id);
    this.#noteLane('remove', lane);
    await removed;
  }

  stopLane(id: string): void {
    this.#lanes.get(id).stop();
  }

  startLane(id: string): void {
    this.#lanes.get(id).start();
  }

  retryNow(id: string): void {
    this.#lanes.get(id).retryNow();
  }

  async publish(event: { type: string; data: string; terminal?: boolean }): Promise<{ cursor: string | null }> {
    if (this.#embedded) return { cursor: await this.#embedded.publish(event) };
    const url = publishEndpoint(this.config.target, this.#dialect);
    const at = this.#clock.now();
    const cursor = await publishTo(this.#endpoint!, url, event, this.#closing.signal);
    if (cursor !== null) this.#stats.published.note(cursor, at);
    this.#notePublish(cursor, event);
    return { cursor };
  }

  /** A real suspend of the machine, which no timer of ours saw. @param ms at its end: how long it was, where that is known */
  noteHostSleep(phase: 'begin' | 'end', ms: number | null = null): void {
    this.journal.note(null, { type: 'sleep', phase, what: 'host', ...(phase === 'end' && { ms }) });
  }

  /** @param ms how long this process had no turn */
  noteStall(ms: number): void {
    const since = Math.round(this.#clock.now() - ms * this.#clock.scale);
    const message = `This program itself stood still for ${durationText(Math.round(ms / 100) * 100)}: it was stopped, or got no time from the machine.`;
    const hint = 'Nothing was read, written or timed meanwhile. What ended, or came late, is not the server’s doing.';
    this.journal.note(null, { type: 'notice', level: 'warn', code: 'stood-still', message, hint, since });
  }

  // ---- queries

  summary(): Record<string, LaneSummary> {
    return this.#stats.summary();
  }

  /** The channel has ended for good: nothing more can be published into it. */
  get channelEnded(): boolean {
    return this.#embedded?.bounds().ended ?? false;
  }

  serverView(): ServerView | null {
    return this.#embedded?.server.view(this.config.channel) ?? null;
  }

  /** The embedded server's, to have it again in the next run. */
  get serverPort(): number | null {
    return this.#embedded?.server.port ?? null;
  }

  get serverUrl(): string | null {
    return this.#embedded?.server.url ?? null;
  }

  engineTime(): number {
    return this.#clock.now();
  }

  recent(): Observation[] {
    return this.#stats.history();
  }

  snapshot(): Omit<LabSnapshot, 'recording' | 'scenario'> {
    return runSnapshot({
      n: this.journal.n,
      now: this.#clock.now(),
      startedAt: this.startedAt,
      config: this.config,
      lanes: this.#lanes.all,
      given: this.#roster.lanes,
      stats: this.#stats,
      path: this.#path.description,
      server: { url: this.serverUrl, bounds: this.#embedded?.bounds() ?? null },
      offline: this.#lanes.offline,
      asleepUntil: this.#lanes.asleepUntil,
    });
  }

  /** Shuts down in order: the summary is the last observation. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#serverFactTimer?.();
    this.#embedded?.stopWorkload();
    await this.#lanes.close();
    if (this.journal.n > 0) this.#noteFindings();
    if (this.journal.n > 0) this.journal.note(null, { type: 'summary', lanes: this.summary() });
    await this.#path.close();
    await this.#embedded?.close();
  }

  // ---- set-up

  /** A saved path goes by its name, whoever sets it. */
  #setPath(path: PathSpec): void {
    this.#path.set(path, this.#deps.savedPathName(spellPath(path)));
  }

  get #channel(): string {
    return this.config.target.kind === 'remote' ? this.config.target.channel : this.config.channel;
  }

  #openEmbedded(): Promise<EmbeddedTarget> {
    const { config } = this;
    return EmbeddedTarget.open({
      clock: this.#clock,
      random: this.#random,
      causes: this.#causes,
      channel: config.channel,
      port: this.#deps.serverPort,
      host: this.#deps.serverHost,
      log: this.#deps.log,
      ...(config.retain == null ? {} : { retain: config.retain }),
      settings: { heartbeatMs: config.heartbeatMs, holdMs: config.holdMs, ...this.#deps.server },
      onPublish: (event) => {
        this.#stats.published.note(event.cursor, this.#clock.now());
        this.#notePublish(event.cursor, event);
      },
      onNotice: (notice) => void this.journal.note(null, notice),
    });
  }

  #openEndpoint(target: RemoteTarget): RunEndpoint {
    const { secrets = new KnownSecrets(), secretOf, mayRun, environment } = this.#deps;
    return new RunEndpoint({
      target,
      dialectHasToken: JSON.stringify(this.#dialect).includes('{token'),
      clock: this.#clock,
      secrets,
      signal: this.#closing.signal,
      ...(secretOf ? { secretOf } : {}),
      ...(mayRun ? { mayRun } : {}),
      ...(environment ? { environment } : {}),
    });
  }

  #startLane(spec: LaneUrl, cursor: string | null): void {
    const endpoint = this.#endpoint;
    const sameClock = endpoint === null || isLoopback(spec.url);
    const note = (notice: NoticeFact): void => void this.journal.note(spec.id, notice);
    for (const notice of endpoint?.noticesFor(spec.url) ?? []) note(notice);
    this.#lanes.start({
      ...spec,
      connect: TRANSPORTS[spec.method].connect,
      dialect: this.#dialect,
      ...this.#wayTo(spec, note),
      cursor,
      settings: this.#settingsOf(spec.id),
      clock: this.#clock,
      random: this.#random.fork(spec.id),
      journal: this.journal,
      causes: this.#causes,
      enter: this.#deps.direct
        ? async (_lane, host, port) => ({ host, port })
        : (name, host, port, secure) => this.#path.enter(name, host, port, 0, secure),
      stall: () => this.#deps.stall?.(this.#clock) ?? null,
      readsHttp: () => !this.#deps.direct && this.#path.readsHttp,
      blockedBy: () => blockedSentence(this.config.path, spec.method),
      latencyOf: (event) => this.#stats.latencyOf(spec.id, event, sameClock),
    });
  }

  /** Who a lane asks as, and by which way. */
  #wayTo(
    { method, client = {} }: LaneUrl,
    note: (notice: NoticeFact) => void,
  ): Pick<LaneOptions, 'endpoint' | 'rules' | 'tls' | 'proxy' | 'connectTimeoutMs'> {
    const endpoint = this.#endpoint;
    const own = (client.retryOn ?? this.config.retryOn ?? []).map((rule) => parseRetryRule(rule));
    if (!endpoint) return { endpoint: plainEndpoint(method), rules: own };
    const connectTimeoutMs = endpoint.target.timeouts?.connectMs;
    return {
      endpoint: endpoint.clientFor(method, note),
      rules: [...own, ...endpoint.rules],
      proxy: endpoint.proxy,
      ...(endpoint.tls ? { tls: endpoint.tls } : {}),
      ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    };
  }

  /** What it follows; null where there is nothing for its method. */
  #urlOf(spec: LaneSpec): string | null {
    return laneUrl(spec, this.config.target, this.#dialect, this.#base, this.#channel);
  }

  get #base(): string {
    const { target } = this.config;
    return this.#embedded?.server.url ?? (target.kind === 'remote' ? target.base : null) ?? '';
  }

  #given(id: string): LaneUrl {
    this.#lanes.get(id); // which says that there is none
    return this.#roster.find(id)!;
  }

  #settingsOf(id: string): LaneSettings {
    const { client = {} } = this.#roster.find(id)!;
    return laneSettings(this.config, client, { holdCapMs: this.#holdCapMs, wire: this.#deps.wire });
  }

  #noteLane(action: LaneFact['action'], { id, method, url, name, client = {} }: LaneUrl): void {
    this.config.lanes = [...this.#roster.specs, ...this.#lanesWithoutUrl];
    const order = this.#roster.ids;
    this.journal.note(id, { type: 'lane', action, method, url: redactUrl(url), name: name ?? null, client, order });
  }

  /** Once a real second: what the server holds. */
  #scheduleServerFact(): void {
    this.#serverFactTimer = this.#clock.after(1000 * this.#clock.scale, () => {
      if (this.#embedded) this.journal.note(null, this.#embedded.serverFact());
      this.#scheduleServerFact();
    });
  }

  #embeddedServer(done: string): EventServer {
    if (this.#embedded) return this.#embedded.server;
    throw new Failure({
      code: 'not-ours',
      message: `This server is not ours: it cannot be ${done} from here.`,
      hint: 'Choose the embedded server as the target.',
    });
  }

  #notePublish(cursor: string | null, event: { type: string; data: string }): void {
    const bytes = Buffer.byteLength(event.data);
    this.journal.note(null, { type: 'publish', cursor, event: event.type, bytes });
  }

  #noteFindings(): void {
    for (const [lane, finding] of this.#stats.takeFindings()) this.journal.note(lane, { type: 'finding', ...finding });
  }

  #noteSetting(set: Setting, value: string): void {
    this.journal.note(null, { type: 'setting', name: set.name, value, set });
  }
}
