import type { LabSnapshot, ServerView } from '../../shared/api.ts';
import type { RunConfig, WorkloadSpec } from '../../shared/run-config.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { formatCursor } from '../../shared/protocol/cursor.ts';
import type { Dialect } from '../../shared/protocol/dialect.ts';
import { Failure } from '../../shared/failure.ts';
import type { LaneSummary } from '../../shared/lane-summary.ts';
import type { Observation, RunFact } from '../../shared/observation.ts';
import { seeded, type Random } from '../../shared/random.ts';
import { redactUrl } from '../../shared/redact.ts';
import { Causes } from '../evidence/causes.ts';
import { Lane } from '../client/lane/lane.ts';
import { dialectNamed } from '../dialects/index.ts';
import { Journal } from '../journal/journal.ts';
import { Path } from '../proxy/path.ts';
import { resolveVia } from '../proxy/resolve-path.ts';
import type { EventServer } from '../server/event-server.ts';
import type { ServerSettings } from '../server/broker/broker.ts';
import { TRANSPORTS } from '../transports/index.ts';
import { RunStats } from './run-stats.ts';
import { EmbeddedTarget } from './embedded-target.ts';
import { laneUrls, isLoopback, publishUrl, type LaneUrl } from './lane-urls.ts';
import { publishTo, readNewestCursor } from './remote.ts';

/** What a run is made with, beside its configuration. */
export interface RunDeps {
  version: string;
  clock: Clock;
  /** 0 for any. */
  serverPort: number;
  serverHost: string;
  /** `memory` or `sqlite:FILE`. */
  log: string;
  server: Partial<ServerSettings>;
  /** A dialect from a file; else the target names a built-in one. */
  dialect?: Dialect;
  /** Lanes dial their target themselves; the path cannot be changed later. */
  direct: boolean;
  /** Capture what stands on the wire. */
  wire: boolean;
}

/** How many observations a snapshot carries; a page asks for no more than it can draw. */
const SNAPSHOT_LIMIT = 8_000;

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
  readonly #lanes = new Map<string, Lane>();
  readonly #closing = new AbortController();
  #embedded: EmbeddedTarget | null = null;
  #serverFactTimer: Cancel | null = null;
  #offline = false;
  #asleepUntil: number | null = null;
  #wakeTimer: Cancel | null = null;

  constructor(config: RunConfig, surroundings: RunDeps) {
    const { clock } = surroundings;
    this.config = structuredClone(config);
    this.#deps = surroundings;
    this.#clock = clock;
    this.#random = seeded(config.seed);
    this.#dialect =
      surroundings.dialect ?? dialectNamed(config.target.kind === 'embedded' ? 'heartline' : config.target.dialect);
    this.journal = new Journal(clock);
    this.startedAt = Math.round(clock.now());
    this.#stats = new RunStats(clock);
    this.#path = new Path({ clock, random: this.#random.fork('path'), journal: this.journal, causes: this.#causes });
  }

  /** @throws Failure when a lane has no URL, the path is not known, or the server cannot listen; nothing is left open. */
  async start(listen: (o: Observation) => void): Promise<void> {
    const { config } = this;
    try {
      const path = resolveVia(config.via);
      if (config.target.kind === 'embedded') this.#embedded = await this.#openEmbedded();
      const base = this.#embedded?.server.url ?? (config.target.kind === 'remote' ? config.target.base : null) ?? '';
      const lanes = laneUrls(config.lanes, config.target, this.#dialect, base, this.#channel);
      const start = await this.#startCursor(lanes);
      for (const lane of lanes) this.#stats.addLane(lane);
      this.journal.listen((o) => this.#stats.observe(o));
      this.journal.listen(listen);
      this.journal.note(null, this.#runFact(lanes, start, path.via));
      this.#path.set(path);
      this.#embedded?.startWorkload(config.workload);
      for (const lane of lanes) this.#startLane(lane, start);
      this.#scheduleServerFact();
    } catch (e) {
      await this.close();
      throw e;
    }
  }

  // ---- commands

  setPath(via: string[]): void {
    if (this.#deps.direct) {
      throw new Failure({
        code: 'no-path',
        message: 'This run was started without a path.',
        hint: 'Start it with --via to be able to change the path.',
      });
    }
    const path = resolveVia(via);
    this.config.via = path.via;
    this.#path.set(path);
  }

  /** The switch sets SSE comment, WebSocket beat and server ping, and caps the hold, which has no beat of its own. */
  setHeartbeat(everyMs: number | null): void {
    this.config.heartbeatMs = everyMs;
    this.#embedded?.server.set({ heartbeatMs: everyMs, holdCapMs: everyMs });
    // a lane asks for no longer a hold than it will get, so that its countdown is true, and other servers follow too
    const holdMs = Math.min(this.config.holdMs, everyMs ?? Infinity);
    for (const lane of this.#lanes.values()) lane.set({ holdMs });
    this.#noteSetting('heartbeat', everyMs === null ? 'off' : `${everyMs}ms`);
  }

  setWorkload(spec: WorkloadSpec): void {
    this.config.workload = spec;
    this.#embedded?.startWorkload(spec);
    this.#noteSetting('workload', spec.rate === null ? spec.name : `${spec.name} ${spec.rate}/s`);
  }

  sleep(ms: number, timers: 'fire' | 'resume', lane?: string): void {
    const lanes = lane === undefined ? [...this.#lanes.values()] : [this.#lane(lane)];
    for (const l of lanes) l.sleep(ms, timers);
    if (lane !== undefined) return;
    this.#asleepUntil = Math.round(this.#clock.now() + ms);
    this.#wakeTimer?.();
    this.#wakeTimer = this.#clock.after(ms, () => (this.#asleepUntil = null));
  }

  wake(): void {
    for (const lane of this.#lanes.values()) lane.wake();
    this.#asleepUntil = null;
    this.#wakeTimer?.();
  }

  setOffline(offline: boolean): void {
    this.#offline = offline;
    this.#noteSetting('offline', offline ? 'on' : 'off');
    for (const lane of this.#lanes.values()) lane.setOffline(offline);
  }

  cutAll(end: 'fin' | 'rst'): void {
    const count = this.#path.cutAll(end);
    this.#noteSetting('cut-all', `${count} connection${count === 1 ? '' : 's'}, ${end}`);
  }

  async restartServer(): Promise<void> {
    const server = this.#embeddedServer('restarted');
    this.#noteSetting('restart-server', 'drain');
    await server.restart();
  }

  async killServer(downMs: number): Promise<void> {
    const server = this.#embeddedServer('killed');
    this.#noteSetting('kill-server', `down for ${downMs}ms`);
    await server.kill(downMs);
  }

  loseLog(): void {
    const server = this.#embeddedServer('made to lose its log');
    this.#noteSetting('lose-log', 'a new epoch begins');
    server.loseLog();
  }

  setPongs(on: boolean): void {
    this.config.pongs = on;
    for (const lane of this.#lanes.values()) lane.set({ pongs: on });
    this.#noteSetting('pongs', on ? 'answered' : 'muted');
  }

  stopLane(id: string): void {
    this.#lane(id).stop();
  }

  startLane(id: string): void {
    this.#lane(id).start();
  }

  retryNow(id: string): void {
    this.#lane(id).retryNow();
  }

  async publish(event: { type: string; data: string; terminal?: boolean }): Promise<{ cursor: string | null }> {
    if (this.#embedded) return { cursor: this.#embedded.publish(event) };
    const { target } = this.config;
    const url = target.kind === 'remote' ? publishUrl(this.#dialect, target.base, target.channel) : null;
    if (url === null || target.kind === 'embedded') {
      throw new Failure({
        code: 'cannot-publish',
        message: 'Heartline does not know where this endpoint takes publishes.',
        hint: 'Give the endpoint a base URL and a dialect that says where.',
        place: 'publish',
      });
    }
    const at = this.#clock.now();
    const cursor = await publishTo(url, target.headers, event, this.#closing.signal);
    if (cursor !== null) this.#stats.published.note(cursor, at);
    this.#notePublish(cursor, event);
    return { cursor };
  }

  /** A real suspend of the machine, which no timer of ours saw. */
  noteHostSleep(phase: 'begin' | 'end'): void {
    this.journal.note(null, { type: 'sleep', phase, what: 'host' });
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
    const bounds = this.#embedded?.bounds() ?? null;
    const all = this.#stats.recent.list();
    const recent = all.slice(-SNAPSHOT_LIMIT);
    return {
      n: this.journal.n,
      now: Math.round(this.#clock.now()),
      runStartedAt: this.startedAt,
      config: structuredClone(this.config),
      lanes: [...this.#lanes].map(([id, lane]) => {
        const tally = this.#stats.tally(id);
        return { id, method: tally.method, url: tally.url, ...lane.snapshot(), tally };
      }),
      path: { via: this.config.via, label: this.#path.label, idleLimitMs: this.#path.idleLimitMs },
      server: {
        running: this.serverUrl !== null,
        url: this.serverUrl,
        epoch: bounds?.epoch ?? null,
        head: bounds ? formatCursor(bounds.epoch, bounds.newest) : null,
        floor: bounds ? formatCursor(bounds.epoch, bounds.floor) : null,
      },
      offline: this.#offline,
      asleepUntil: this.#asleepUntil,
      pongs: this.config.pongs,
      recent,
      forgotten: this.#stats.recent.forgotten + all.length - recent.length,
    };
  }

  /** Shuts down in order: the summary is the last observation. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#serverFactTimer?.();
    this.#wakeTimer?.();
    this.#embedded?.stopWorkload();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
    if (this.journal.n > 0) this.journal.note(null, { type: 'summary', lanes: this.summary() });
    await this.#path.close();
    await this.#embedded?.close();
  }

  // ---- set-up

  get #channel(): string {
    return this.config.target.kind === 'remote' ? this.config.target.channel : this.config.channel;
  }

  async #openEmbedded(): Promise<EmbeddedTarget> {
    const { config } = this;
    const embedded = new EmbeddedTarget({
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
    await embedded.server.listen();
    return embedded;
  }

  /** All lanes of a run start from the same place, so that they can be compared. */
  async #startCursor(lanes: readonly LaneUrl[]): Promise<string | null> {
    const { after, target } = this.config;
    if (after !== null) return after;
    if (this.#embedded) {
      const { epoch, newest } = this.#embedded.bounds();
      return formatCursor(epoch, newest);
    }
    if (target.kind === 'embedded' || this.#dialect.name !== 'heartline') return this.#dialect.start.now;
    const timeout = new AbortController();
    const cancel = this.#clock.after(3000, () => timeout.abort());
    try {
      return await readNewestCursor(lanes[0]!.url, target.headers, timeout.signal);
    } catch {
      return null; // the lanes will report what is wrong, each with its evidence
    } finally {
      cancel();
    }
  }

  #startLane(spec: LaneUrl, cursor: string | null): void {
    const { target } = this.config;
    const { pollMs, holdMs, pingMs, deadAfter, pongs, backoff } = { ...this.config, ...spec.client };
    const sameClock = target.kind === 'embedded' || isLoopback(spec.url);
    const lane = new Lane({
      ...spec,
      connect: TRANSPORTS[spec.method].connect,
      dialect: this.#dialect,
      headers: target.kind === 'remote' ? target.headers : {},
      cursor,
      settings: { pollMs, holdMs, pingMs, deadAfter, pongs, backoff, wire: this.#deps.wire },
      clock: this.#clock,
      random: this.#random.fork(spec.id),
      journal: this.journal,
      causes: this.#causes,
      enter: this.#deps.direct
        ? async (_lane, host, port) => ({ host, port })
        : (name, host, port, secure) => this.#path.enter(name, host, port, 0, secure),
      readsHttp: () => !this.#deps.direct && this.#path.readsHttp,
      latencyOf: (event) => this.#stats.latencyOf(spec.id, event, sameClock),
    });
    this.#lanes.set(spec.id, lane);
    lane.start();
  }

  /** Once a real second: what the server holds. */
  #scheduleServerFact(): void {
    this.#serverFactTimer = this.#clock.after(1000 * this.#clock.scale, () => {
      if (this.#embedded) this.journal.note(null, this.#embedded.serverFact());
      this.#scheduleServerFact();
    });
  }

  #runFact(lanes: readonly LaneUrl[], start: string | null, via: string[]): RunFact {
    const { target, workload, seed, timeScale, heartbeatMs, pollMs, holdMs, backoff } = this.config;
    const remote = target.kind === 'remote';
    const base = remote ? target.base : this.serverUrl;
    return {
      type: 'run',
      version: this.#deps.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      seed,
      timeScale,
      target: {
        kind: target.kind,
        name: remote ? target.name : 'Embedded server',
        dialect: this.#dialect.name,
        base: base === null ? null : redactUrl(base),
      },
      channel: this.#channel,
      start,
      lanes: lanes.map((l) => ({ ...l, url: redactUrl(l.url) })),
      via,
      workload: remote ? null : { ...workload },
      heartbeatMs,
      pollMs,
      holdMs,
      backoff,
    };
  }

  #lane(id: string): Lane {
    const lane = this.#lanes.get(id);
    if (lane) return lane;
    throw new Failure({
      code: 'unknown-lane',
      message: `There is no lane "${id}".`,
      hint: `The lanes are ${[...this.#lanes.keys()].join(', ')}.`,
      place: 'lane',
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

  #noteSetting(name: string, value: string): void {
    this.journal.note(null, { type: 'setting', name, value });
  }
}
