import type { ServerView } from '../../shared/api.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { formatCursor } from '../../shared/cursor.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { LogEvent } from '../../shared/events.ts';
import { Failure } from '../../shared/failure.ts';
import type { ServerFact } from '../../shared/observation.ts';
import type { ChannelLog } from '../log/event-log.ts';
import type { Farewell } from './guest.ts';
import { Listener } from './listener.ts';
import { router } from './router.ts';
import type { Publication, Published, ServerSettings } from './serve-context.ts';
import { TheHouse, type HouseOptions } from './the-house.ts';

export type { Publication, Published, ServerSettings };

export interface EventServerOptions extends HouseOptions {
  host: string;
  /** 0 is any free one; it is then kept over restarts. */
  port: number;
}

/** How long readers have to take their farewell. */
const DRAIN_MS = 3000;
/** A round trip of a slow path; and, where time is scaled, of a real one. */
const HEAR_OUT_MS = 250;
const REAL_HEAR_OUT_MS = 20;
/** How much of either end of the log a view shows. */
const VIEW_EVENTS = 20;

/**
 * The embedded event server: one log, four doors, one port. It does not own the log; whoever opened it closes it.
 * All times are engine milliseconds.
 */
export class EventServer {
  #house: TheHouse;
  #listener: Listener;
  #clock: Clock;
  #opened = false;
  #closed = false;
  /** Restart, kill and close do not overlap. */
  #turn: Promise<unknown> = Promise.resolve();
  #up: Promise<void> = Promise.resolve();
  /** The wait of a killed server. */
  #outage = new AbortController();

  constructor(options: EventServerOptions) {
    this.#clock = options.clock;
    this.#house = new TheHouse(options);
    this.#listener = new Listener(
      options.host,
      options.port,
      options.clock,
      router(this.#house, () => ({ connections: this.#listener.sockets.size, bytesOut: this.#listener.bytesOut })),
    );
    this.#listener.limit = this.#house.limits.connections;
    this.#house.address = options.host;
    this.#house.late = (socket) => this.#listener.late.has(socket);
    this.#house.bornAt = (socket) => this.#listener.sockets.get(socket) ?? Infinity;
  }

  /** @throws Failure `port-in-use`, `cannot-listen` (exit 3) */
  async listen(): Promise<{ url: string; port: number }> {
    await this.#listener.open();
    this.#opened = true;
    return { url: this.#listener.url, port: this.#listener.port };
  }

  /** Where it is, or will be again after a restart; null before the first `listen`. */
  get url(): string | null {
    return this.#opened ? this.#listener.url : null;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Whether it takes connections right now. */
  get running(): boolean {
    return this.#listener.listening;
  }

  get settings(): Readonly<ServerSettings> {
    return this.#house.settings;
  }

  /** Takes hold on connections that live. @throws Failure `bad-origin` */
  set(change: Partial<ServerSettings>): void {
    this.#house.set(change);
  }

  /** @throws Failure `bad-channel`, `bad-type`, `bad-data`, `channel-ended` */
  publish(channel: string, draft: Publication, key?: string): Published {
    return this.#house.publish(channel, draft, key);
  }

  /** Nothing will follow on this channel. */
  end(channel: string): void {
    this.#house.hub(channel).log.end();
  }

  /** Called for each event, however it was published. */
  onPublish(listener: (event: LogEvent, channel: string) => void): Cancel {
    return this.#house.onPublish(listener);
  }

  /** Something ephemeral to everyone who follows by WebSocket; never logged. */
  signal(channel: string, data: unknown): void {
    this.#house.signal(channel, data, null);
  }

  /** Called for each signal a client sends. */
  onSignal(listener: (data: unknown, channel: string) => void): Cancel {
    return this.#house.onSignal(listener);
  }

  /** The channel's log, for reading. @throws Failure `bad-channel` */
  log(channel: string): ChannelLog {
    return this.#house.hub(channel).log;
  }

  counters(channel: string = DEFAULTS.channel): Omit<ServerFact, 'type'> {
    const { tally } = this.#house;
    const log = this.log(channel);
    const { epoch, floor, newest } = log.bounds();
    return {
      streams: tally.streams,
      sockets: tally.sockets,
      held: tally.held,
      requests: Object.values(tally.requests).reduce((sum, n) => sum + n, 0),
      published: tally.published,
      head: formatCursor(epoch, newest),
      floor: formatCursor(epoch, floor),
      retained: log.size().count,
      bytesOut: this.#listener.bytesOut,
    };
  }

  view(channel: string): ServerView {
    const { tally } = this.#house;
    const log = this.log(channel);
    const { epoch, floor, newest } = log.bounds();
    const { count, bytes } = log.size();
    const show = ({ cursor, type, time, data }: LogEvent): ServerView['tail'][number] => ({ cursor, type, time, data });
    return {
      requests: { ...tally.requests },
      polled: tally.polled,
      held: tally.held,
      streams: tally.streams,
      sockets: tally.sockets,
      head: formatCursor(epoch, newest),
      floor: formatCursor(epoch, floor),
      retained: count,
      retainedBytes: bytes,
      tail: log.read(Math.max(floor, newest - VIEW_EVENTS), VIEW_EVENTS).map(show),
      oldest: log.read(floor, VIEW_EVENTS).map(show),
    };
  }

  /** Drain: everyone is told, each in its method's words, and the same port opens again. The log lives. */
  restart(): Promise<void> {
    this.#outage.abort();
    return this.#next(async () => {
      await this.#drain('restart');
      await this.#reopen();
    });
  }

  /**
   * Every connection is reset and the port is closed; resolves then. After `downMs` it opens again: see `whenUp`.
   * Another kill, a restart or a close meanwhile cuts that short and takes its place.
   */
  kill(downMs: number): Promise<void> {
    this.#outage.abort();
    const outage = new AbortController();
    this.#outage = outage;
    return this.#next(async () => {
      // first: closing the port would end idle connections politely
      for (const socket of [...this.#listener.sockets.keys()]) {
        this.#house.note(socket, 'kill');
        this.#house.tally.count(this.#house.tally.ended, 'kill');
        socket.resetAndDestroy();
      }
      this.#listener.stop();
      await this.#listener.empty();
      this.#up = this.#next(async () => {
        await this.#clock.sleep(downMs, outage.signal).catch(() => {});
        if (!outage.signal.aborted) await this.#reopen(); // else whoever cut it short decides
      });
      this.#up.catch(() => {}); // whoever waits for it hears it
    });
  }

  /** Resolves when a killed server listens again. @throws Failure when its port was taken meanwhile */
  whenUp(): Promise<void> {
    return this.#up;
  }

  /** Another life of the log: a new epoch, seq from 1. Live readers are told of the gap. */
  loseLog(): void {
    this.#house.loseLog();
  }

  /** Drains, and does not come back. */
  close(): Promise<void> {
    this.#closed = true;
    this.#outage.abort();
    return this.#next(async () => {
      await this.#drain('shutdown');
      this.#house.close();
    });
  }

  async #drain(why: Farewell): Promise<void> {
    this.#house.leaving = why;
    const { sockets } = this.#listener;
    for (const socket of sockets.keys()) this.#house.note(socket, 'restart');
    this.#house.farewellAll(why);
    if (why === 'restart') await this.#hearOut();
    this.#listener.stop();
    // opened in advance, as browsers do, and never used: Node does not count them as idle
    for (const socket of [...sockets.keys()]) if (socket.bytesRead === 0) socket.destroy();
    const cancel = this.#clock.after(DRAIN_MS, () => {
      for (const socket of [...sockets.keys()]) socket.destroy();
    });
    await this.#listener.empty();
    cancel();
    this.#house.leaving = null;
  }

  /** Questions that are on their way, and who comes just now, are told when to come back instead of being shut out. */
  async #hearOut(): Promise<void> {
    const { sockets } = this.#listener;
    for (const socket of [...sockets.keys()]) if (socket.bytesRead === 0) socket.destroy();
    const over = new AbortController();
    const grace = Math.max(HEAR_OUT_MS, REAL_HEAR_OUT_MS * this.#clock.scale);
    await Promise.race([this.#listener.empty(), this.#clock.sleep(grace, over.signal).catch(() => {})]);
    over.abort();
  }

  /** The port was ours a moment ago; somebody else's short-lived connection may sit on it. */
  async #reopen(): Promise<void> {
    for (let attempt = 1; !this.#closed; attempt++) {
      try {
        return await this.#listener.open();
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'port-in-use' || attempt >= 20) throw error;
        await this.#clock.sleep(100 * this.#clock.scale);
      }
    }
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}
