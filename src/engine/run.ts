import type { LabSnapshot, LaneSnapshot, LaneSpec, RunConfig, ServerView, WorkloadSpec } from '../shared/api.ts';
import type { Method } from '../shared/catalog.ts';
import type { Cancel, Clock } from '../shared/clock.ts';
import { formatCursor } from '../shared/cursor.ts';
import type { Dialect } from '../shared/dialect.ts';
import { Failure } from '../shared/failure.ts';
import { seeded, type Random } from '../shared/random.ts';
import { fold, newTally, summarise, type LaneTally } from '../shared/measure/tally.ts';
import type { LaneSummary } from '../shared/measure/summary.ts';
import type { Observation, RunFact } from '../shared/observation.ts';
import { redactUrl } from '../shared/redact.ts';
import { Causes } from './causes.ts';
import { Lane } from './client/lane.ts';
import type { ClientSettings } from './client/signal.ts';
import { dialectNamed, urlFor } from './dialects/index.ts';
import { Journal } from './journal.ts';
import type { EventLog } from './log/event-log.ts';
import { openLog } from './log/index.ts';
import { Path } from './proxy/path.ts';
import { resolveVia } from './proxy/presets.ts';
import { PublishTimes } from './publish-times.ts';
import { Recent } from './recent.ts';
import { publishTo, readHead } from './remote.ts';
import { EventServer } from './server/server.ts';
import type { ServerSettings } from './server/serve-context.ts';
import { startWorkload } from './workloads/index.ts';
import { DEFAULTS } from '../shared/defaults.ts';

/** What a run is made with, beside its configuration. */
export interface RunSurroundings {
  version: string;
  clock: Clock;
  /** 0 for any. */
  serverPort: number;
  serverHost: string;
  /** `memory` or `sqlite:FILE`. */
  log: string;
  server: Partial<ServerSettings>;
  /** Lanes dial their target themselves; the path cannot be changed later. */
  direct: boolean;
  /** Capture what stands on the wire. */
  wire: boolean;
}

/** How many observations a page that joins late may still see. */
const KEEP = 20_000;
const SNAPSHOT = 8_000;

/** One run: a log and its server, a path, a workload and the lanes that follow, on one clock and into one journal. */
export class Run {
  readonly config: RunConfig;
  readonly journal: Journal;
  readonly startedAt: number;
  readonly #with: RunSurroundings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #causes = new Causes();
  readonly #recent = new Recent(KEEP);
  readonly #times = new PublishTimes();
  readonly #tallies = new Map<string, LaneTally>();
  readonly #firstOpen = new Map<string, number>();
  readonly #lanes = new Map<string, Lane>();
  readonly #path: Path;
  readonly #closing = new AbortController();
  readonly #dialect: Dialect;
  #log: EventLog | null = null;
  #server: EventServer | null = null;
  #workload: { stop(): void } | null = null;
  #ticker: Cancel | null = null;
  #offline = false;
  #asleepUntil: number | null = null;
  #wakeNote: Cancel | null = null;

  constructor(config: RunConfig, surroundings: RunSurroundings) {
    this.config = structuredClone(config);
    this.#with = surroundings;
    this.#clock = surroundings.clock;
    this.#random = seeded(config.seed);
    this.#dialect = dialectNamed(config.target.kind === 'embedded' ? 'heartline' : config.target.dialect);
    this.journal = new Journal(this.#clock);
    this.startedAt = Math.round(this.#clock.now());
    this.#path = new Path({
      clock: this.#clock,
      random: this.#random.fork('path'),
      journal: this.journal,
      causes: this.#causes,
    });
  }

  /** @throws Failure when a lane has no URL, the path is not known, or the server cannot listen; nothing is left open. */
  async start(listen: (o: Observation) => void): Promise<void> {
    const { config } = this;
    try {
      const path = resolveVia(config.via);
      if (config.target.kind === 'embedded') await this.#openServer();
      const specs = this.#laneUrls();
      const start = await this.#startCursor(specs);
      for (const spec of specs) this.#tallies.set(spec.id, newTally(spec.method, redactUrl(spec.url)));
      this.journal.listen((o) => this.#take(o));
      this.journal.listen(listen);
      this.journal.note(null, this.#runFact(specs, start, path.via));
      this.#path.set(path);
      this.#startWorkload(config.workload);
      for (const spec of specs) this.#startLane(spec, start);
      this.#tick();
    } catch (e) {
      await this.close();
      throw e;
    }
  }

  // ---- what people do to a run

  setPath(via: string[]): void {
    if (this.#with.direct) {
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
    this.#server?.set({ heartbeatMs: everyMs, holdCapMs: everyMs });
    this.#note('heartbeat', everyMs === null ? 'off' : `${everyMs}ms`);
  }

  setWorkload(spec: WorkloadSpec): void {
    this.config.workload = spec;
    this.#startWorkload(spec);
    this.#note('workload', spec.rate === null ? spec.name : `${spec.name} ${spec.rate}/s`);
  }

  sleep(ms: number, timers: 'fire' | 'resume', lane?: string): void {
    const lanes = lane === undefined ? [...this.#lanes.values()] : [this.#lane(lane)];
    for (const l of lanes) l.sleep(ms, timers);
    if (lane !== undefined) return;
    this.#asleepUntil = Math.round(this.#clock.now() + ms);
    this.#wakeNote?.();
    this.#wakeNote = this.#clock.after(ms, () => (this.#asleepUntil = null));
  }

  wake(): void {
    for (const lane of this.#lanes.values()) lane.wake();
    this.#asleepUntil = null;
    this.#wakeNote?.();
  }

  setOffline(offline: boolean): void {
    this.#offline = offline;
    this.#note('offline', offline ? 'on' : 'off');
    for (const lane of this.#lanes.values()) lane.setOffline(offline);
  }

  cutAll(end: 'fin' | 'rst'): void {
    const count = this.#path.cutAll(end);
    this.#note('cut-all', `${count} connection${count === 1 ? '' : 's'}, ${end}`);
  }

  async restartServer(): Promise<void> {
    this.#note('restart-server', 'drain');
    await this.#ours('restarted').restart();
  }

  async killServer(downMs: number): Promise<void> {
    this.#note('kill-server', `down for ${downMs}ms`);
    await this.#ours('killed').kill(downMs);
  }

  loseLog(): void {
    const server = this.#ours('made to lose its log');
    this.#note('lose-log', 'a new epoch begins');
    server.loseLog();
  }

  setPongs(on: boolean): void {
    this.config.pongs = on;
    for (const lane of this.#lanes.values()) lane.set({ pongs: on });
    this.#note('pongs', on ? 'answered' : 'muted');
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

  async publish(event: { type: string; data: string }): Promise<{ cursor: string | null }> {
    if (this.#server) return { cursor: this.#server.publish(this.config.channel, event).event.cursor };
    const { target } = this.config;
    const url =
      target.kind === 'remote' && target.base && this.#dialect.publish
        ? fill(this.#dialect.publish, target.base, target.channel)
        : null;
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
    if (cursor !== null) this.#times.note(cursor, at);
    this.journal.note(null, { type: 'publish', cursor, event: event.type, bytes: Buffer.byteLength(event.data) });
    return { cursor };
  }

  /** A real suspend of the machine, which no timer of ours saw. */
  noteHostSleep(phase: 'begin' | 'end'): void {
    this.journal.note(null, { type: 'sleep', phase, what: 'host' });
  }

  // ---- what people see of it

  get laneIds(): string[] {
    return [...this.#lanes.keys()];
  }

  summary(): Record<string, LaneSummary> {
    const now = this.#clock.now();
    return Object.fromEntries([...this.#tallies].map(([id, tally]) => [id, summarise(tally, now)]));
  }

  serverView(): ServerView | null {
    return this.#server?.view(this.config.channel) ?? null;
  }

  /** The port the embedded server has, to have it again in the next run. */
  get serverPort(): number | null {
    return this.#server?.port ?? null;
  }

  get serverUrl(): string | null {
    return this.#server?.url ?? null;
  }

  recent(): Observation[] {
    return this.#recent.list();
  }

  snapshot(): Omit<LabSnapshot, 'recording'> {
    const bounds = this.#log?.channel(this.config.channel).bounds() ?? null;
    const all = this.#recent.list();
    const recent = all.slice(-SNAPSHOT);
    return {
      n: this.journal.n,
      now: Math.round(this.#clock.now()),
      runStartedAt: this.startedAt,
      config: structuredClone(this.config),
      lanes: [...this.#lanes].map(([id, lane]) => this.#laneSnapshot(id, lane)),
      path: { via: this.config.via, label: this.#path.label, idleLimitMs: this.#path.idleLimitMs },
      server: {
        running: this.#server?.url != null,
        url: this.#server?.url ?? null,
        epoch: bounds?.epoch ?? null,
        head: bounds ? formatCursor(bounds.epoch, bounds.newest) : null,
        floor: bounds ? formatCursor(bounds.epoch, bounds.floor) : null,
      },
      offline: this.#offline,
      asleepUntil: this.#asleepUntil,
      pongs: this.config.pongs,
      recent,
      forgotten: this.#recent.forgotten + all.length - recent.length,
    };
  }

  /** Ends politely: the summary is the last thing said. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#ticker?.();
    this.#wakeNote?.();
    this.#workload?.stop();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
    if (this.journal.n > 0) this.journal.note(null, { type: 'summary', lanes: this.summary() });
    await this.#path.close();
    await this.#server?.close();
    this.#log?.close();
  }

  // ---- how it is put together

  async #openServer(): Promise<void> {
    const { config } = this;
    this.#log = openLog(this.#with.log, {
      clock: this.#clock,
      random: this.#random.fork('log'),
      retention: DEFAULTS.retain,
    });
    this.#server = new EventServer({
      host: this.#with.serverHost,
      port: this.#with.serverPort,
      log: this.#log,
      clock: this.#clock,
      random: this.#random.fork('server'),
      causes: this.#causes,
      settings: {
        heartbeatMs: config.heartbeatMs,
        holdMs: config.holdMs,
        holdCapMs: null,
        maxAgeMs: DEFAULTS.connectionAgeMs,
        cors: 'off',
        ...this.#with.server,
      },
    });
    this.#server.onPublish((channel, event) => {
      if (channel !== config.channel) return;
      this.#times.note(event.cursor, this.#clock.now());
      this.journal.note(null, {
        type: 'publish',
        cursor: event.cursor,
        event: event.type,
        bytes: Buffer.byteLength(event.data),
      });
    });
    await this.#server.listen();
  }

  #laneUrls(): { id: string; method: Method; url: string }[] {
    const { target, lanes, channel } = this.config;
    const base = target.kind === 'embedded' ? this.#server!.url! : (target.base ?? '');
    const seen = new Map<Method, number>();
    const specs: { id: string; method: Method; url: string }[] = [];
    for (const lane of lanes) {
      const url =
        lane.url ?? urlOf(target, lane, this.#dialect, base, target.kind === 'embedded' ? channel : target.channel);
      if (url === null) continue;
      const count = (seen.get(lane.method) ?? 0) + 1;
      seen.set(lane.method, count);
      specs.push({ id: count === 1 ? lane.method : `${lane.method}-${count}`, method: lane.method, url });
    }
    if (specs.length === 0) {
      throw new Failure({
        code: 'no-lanes',
        message: 'There is no URL to follow.',
        hint: 'Give a URL per method, or a base and a dialect that knows where each method lives.',
        place: 'target',
        exit: 2,
      });
    }
    return specs;
  }

  async #startCursor(specs: { url: string }[]): Promise<string | null> {
    if (this.config.after !== null) return this.config.after;
    const { target } = this.config;
    if (target.kind === 'embedded') {
      const { epoch, newest } = this.#log!.channel(this.config.channel).bounds();
      return formatCursor(epoch, newest);
    }
    if (this.#dialect.name !== 'heartline') return this.#dialect.start.now;
    const giveUp = new AbortController();
    const cancel = this.#clock.after(3000, () => giveUp.abort());
    try {
      return await readHead(specs[0]!.url, target.headers, giveUp.signal);
    } catch {
      return null; // the lanes will say what is wrong with it, each with its evidence
    } finally {
      cancel();
    }
  }

  #startLane(spec: { id: string; method: Method; url: string }, cursor: string | null): void {
    const { config } = this;
    const settings: ClientSettings & { backoff: RunConfig['backoff'] } = {
      pollMs: config.pollMs,
      holdMs: config.holdMs,
      pingMs: config.pingMs,
      deadAfter: config.deadAfter,
      pongs: config.pongs,
      wire: this.#with.wire,
      backoff: config.backoff,
    };
    const sameClock = config.timeScale === 1 && (config.target.kind === 'embedded' || onThisMachine(spec.url));
    const lane = new Lane({
      ...spec,
      dialect: this.#dialect,
      headers: config.target.kind === 'remote' ? config.target.headers : {},
      cursor,
      settings,
      clock: this.#clock,
      random: this.#random.fork(spec.id),
      journal: this.journal,
      causes: this.#causes,
      enter: this.#with.direct
        ? async (_lane, host, port) => ({ host, port })
        : (name, host, port) => this.#path.enter(name, host, port),
      latencyOf: (event) => {
        const published = this.#times.of(event.id) ?? (sameClock ? event.time : null);
        const opened = this.#firstOpen.get(spec.id);
        const replayed = published !== null && (opened === undefined || published < opened);
        const late = published === null || config.timeScale !== 1 ? null : this.#clock.now() - published;
        return { latency: late === null || replayed ? null : Math.max(0, Math.round(late)), replayed };
      },
    });
    this.#lanes.set(spec.id, lane);
    lane.start();
  }

  #startWorkload(spec: WorkloadSpec): void {
    this.#workload?.stop();
    this.#workload = null;
    const server = this.#server;
    if (!server) return;
    const { channel } = this.config;
    this.#workload = startWorkload(spec, {
      publish: (type, data) => void server.publish(channel, { type, data }),
      end: () => this.#log?.channel(channel).end(),
      signal: (data) => server.signal(channel, data),
      clock: this.#clock,
      random: this.#random.fork(`workload/${spec.name}`),
    });
  }

  #take(o: Observation): void {
    this.#recent.add(o);
    if (o.type === 'state' && o.to === 'open' && o.lane !== null && !this.#firstOpen.has(o.lane)) {
      this.#firstOpen.set(o.lane, this.#clock.now());
    }
    if (o.lane === null) for (const tally of this.#tallies.values()) fold(tally, o);
    else {
      const tally = this.#tallies.get(o.lane);
      if (tally) fold(tally, o);
    }
  }

  /** Once a second: what the server holds. */
  #tick(): void {
    this.#ticker = this.#clock.after(1000 * this.#clock.scale, () => {
      const c = this.#server?.counters();
      const bounds = this.#log?.channel(this.config.channel).bounds();
      if (c && bounds) {
        this.journal.note(null, {
          type: 'server',
          ...c,
          head: formatCursor(bounds.epoch, bounds.newest),
          floor: formatCursor(bounds.epoch, bounds.floor),
          retained: bounds.newest - bounds.floor,
        });
      }
      this.#tick();
    });
  }

  #runFact(specs: RunFact['lanes'], start: string | null, via: string[]): RunFact {
    const { config } = this;
    const { target, workload } = config;
    const remote = target.kind === 'remote';
    return {
      type: 'run',
      version: this.#with.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      seed: config.seed,
      timeScale: config.timeScale,
      target: {
        kind: target.kind,
        name: remote ? target.name : 'Embedded server',
        dialect: this.#dialect.name,
        base: remote ? (target.base === null ? null : redactUrl(target.base)) : this.#server!.url,
      },
      channel: remote ? target.channel : config.channel,
      start,
      lanes: specs.map((s) => ({ ...s, url: redactUrl(s.url) })),
      via,
      workload: remote ? null : { ...workload },
      heartbeatMs: config.heartbeatMs,
      pollMs: config.pollMs,
      holdMs: config.holdMs,
      backoff: config.backoff,
    };
  }

  #laneSnapshot(id: string, lane: Lane): LaneSnapshot {
    const tally = this.#tallies.get(id)!;
    return { id, method: tally.method, url: tally.url, ...lane.snapshot(), tally: structuredClone(tally) };
  }

  #lane(id: string): Lane {
    const lane = this.#lanes.get(id);
    if (lane) return lane;
    throw new Failure({
      code: 'unknown-lane',
      message: `There is no lane "${id}".`,
      hint: `The lanes are ${this.laneIds.join(', ')}.`,
      place: 'lane',
    });
  }

  #ours(done: string): EventServer {
    if (this.#server) return this.#server;
    throw new Failure({
      code: 'not-ours',
      message: `This server is not ours: it cannot be ${done} from here.`,
      hint: 'Choose the embedded server as the target.',
    });
  }

  #note(name: string, value: string): void {
    this.journal.note(null, { type: 'setting', name, value });
  }
}

/** The URL a lane follows: its own, the target's for the method, or what the dialect makes of the base; else none. */
function urlOf(
  target: RunConfig['target'],
  lane: LaneSpec,
  dialect: Dialect,
  base: string,
  channel: string,
): string | null {
  if (target.kind === 'remote') {
    const own = target.urls[lane.method];
    if (own !== undefined && own.trim() !== '') return own.trim();
    if (base.trim() === '') return null;
  }
  return urlFor(dialect, lane.method, base, channel);
}

function fill(template: string, base: string, channel: string): string {
  return template.replace('{base}', base.replace(/\/+$/, '')).replace('{channel}', encodeURIComponent(channel));
}

/** One machine, one clock. */
function onThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
