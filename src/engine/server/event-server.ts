import type { ServerView } from '../../shared/api.ts';
import type { Method } from '../../shared/catalog.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { formatCursor } from '../../shared/protocol/cursor.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import { Failure } from '../../shared/failure.ts';
import type { ServerFact } from '../../shared/observation.ts';
import type { ChannelLog } from '../log/event-log.ts';
import type { DrainReason } from './broker/session.ts';
import { Listener } from './http/listener.ts';
import { normalizeCors } from './http/origin.ts';
import { router } from './http/router.ts';
import type { ServerTransport } from './http/serve-context.ts';
import type { Publication, Published, ServerSettings } from './broker/broker.ts';
import { EventBroker, type BrokerOptions } from './broker/event-broker.ts';

export type { Publication, Published, ServerSettings };

export interface EventServerOptions extends BrokerOptions {
  transports: Readonly<Record<Method, ServerTransport>>;
  /** 0 is any free one; it is then kept over restarts. */
  port: number;
}

/** How long clients have to read the close. */
const DRAIN_MS = 3000;
/** A round trip of a slow path; and, where time is scaled, of a real one. */
const DRAIN_GRACE_MS = 250;
const REAL_DRAIN_GRACE_MS = 20;
/** How much of either end of the log a view shows. */
const VIEW_EVENTS = 20;

/**
 * The embedded event server: one log, four transports, one port. It does not own the log; whoever opened it closes it.
 * All times are engine milliseconds.
 */
export class EventServer {
  #broker: EventBroker;
  #listener: Listener;
  #clock: Clock;
  #opened = false;
  #closed = false;
  /** Restart, kill and close do not overlap. */
  #lifecycle: Promise<unknown> = Promise.resolve();
  #reopened: Promise<void> = Promise.resolve();
  /** The wait of a killed server. */
  #outage = new AbortController();

  constructor(options: EventServerOptions) {
    this.#clock = options.clock;
    const settings = { ...options.settings, cors: normalizeCors(options.settings.cors) };
    this.#broker = new EventBroker({ ...options, settings });
    this.#listener = new Listener(
      options.host,
      options.port,
      options.clock,
      router(this.#broker, options.transports, () => ({
        connections: this.#listener.sockets.size,
        bytesOut: this.#listener.bytesOut,
      })),
    );
    this.#listener.maxConnections = this.#broker.limits.connections;
    this.#broker.isOverLimit = (socket) => this.#listener.overLimit.has(socket);
    this.#broker.connectedAt = (socket) => this.#listener.sockets.get(socket) ?? Infinity;
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
    return this.#broker.settings;
  }

  /** Takes hold on connections that live. @throws Failure `bad-origin` */
  set(change: Partial<ServerSettings>): void {
    this.#broker.set(change.cors === undefined ? change : { ...change, cors: normalizeCors(change.cors) });
  }

  /** @throws Failure `bad-channel`, `bad-type`, `bad-data`, `channel-ended` */
  publish(channel: string, draft: Publication, key?: string): Published {
    return this.#broker.publish(channel, draft, key);
  }

  /** Nothing will follow on this channel. */
  end(channel: string): void {
    this.#broker.channel(channel).log.end();
  }

  /** Called for each event, however it was published. */
  onPublish(listener: (event: LogEvent, channel: string) => void): Cancel {
    return this.#broker.onPublish(listener);
  }

  /** An ephemeral message to all WebSocket subscribers; never logged. */
  signal(channel: string, data: unknown): void {
    this.#broker.signal(channel, data, null);
  }

  /** Called for each signal a client sends. */
  onSignal(listener: (data: unknown, channel: string) => void): Cancel {
    return this.#broker.onSignal(listener);
  }

  /** The channel's log, for reading. @throws Failure `bad-channel` */
  log(channel: string): ChannelLog {
    return this.#broker.channel(channel).log;
  }

  counters(channel: string = DEFAULTS.channel): Omit<ServerFact, 'type'> {
    const { counters } = this.#broker;
    const log = this.log(channel);
    const { epoch, floor, newest } = log.bounds();
    return {
      streams: counters.streams,
      sockets: counters.sockets,
      held: counters.held,
      requests: Object.values(counters.requests).reduce((sum, n) => sum + n, 0),
      published: counters.published,
      head: formatCursor(epoch, newest),
      floor: formatCursor(epoch, floor),
      retained: log.size().count,
      bytesOut: this.#listener.bytesOut,
    };
  }

  view(channel: string): ServerView {
    const { counters } = this.#broker;
    const log = this.log(channel);
    const { epoch, floor, newest } = log.bounds();
    const { count, bytes } = log.size();
    const toView = ({ cursor, type, time, data }: LogEvent): ServerView['tail'][number] => ({
      cursor,
      type,
      time,
      data,
    });
    return {
      requests: { ...counters.requests },
      polled: counters.polled,
      held: counters.held,
      streams: counters.streams,
      sockets: counters.sockets,
      head: formatCursor(epoch, newest),
      floor: formatCursor(epoch, floor),
      retained: count,
      retainedBytes: bytes,
      tail: log.read(Math.max(floor, newest - VIEW_EVENTS), VIEW_EVENTS).map(toView),
      oldest: log.read(floor, VIEW_EVENTS).map(toView),
    };
  }

  /** Drains: every session is closed as its protocol does, and the same port opens again. The log is kept. */
  restart(): Promise<void> {
    this.#outage.abort();
    return this.#enqueue(async () => {
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
    return this.#enqueue(async () => {
      // first: closing the port would end idle connections politely
      for (const socket of [...this.#listener.sockets.keys()]) {
        this.#broker.recordCause(socket, 'kill');
        this.#broker.counters.increment(this.#broker.counters.ended, 'kill');
        socket.resetAndDestroy();
      }
      this.#listener.stop();
      await this.#listener.whenEmpty();
      this.#reopened = this.#enqueue(async () => {
        await this.#clock.sleep(downMs, outage.signal).catch(() => {});
        if (!outage.signal.aborted) await this.#reopen(); // else the call that cut it short decides
      });
      this.#reopened.catch(() => {}); // reported by whenUp
    });
  }

  /** Resolves when a killed server listens again. @throws Failure when its port was taken meanwhile */
  whenUp(): Promise<void> {
    return this.#reopened;
  }

  /** Loses the log: a new epoch, seq from 1. Open sessions get a gap. */
  loseLog(): void {
    this.#broker.loseLog();
  }

  /** Drains, and does not come back. */
  close(): Promise<void> {
    this.#closed = true;
    this.#outage.abort();
    return this.#enqueue(async () => {
      await this.#drain('shutdown');
      this.#broker.close();
    });
  }

  async #drain(reason: DrainReason): Promise<void> {
    this.#broker.draining = reason;
    const { sockets } = this.#listener;
    for (const socket of sockets.keys()) this.#broker.recordCause(socket, 'restart');
    this.#broker.drainAll(reason);
    if (reason === 'restart') await this.#drainGracePeriod();
    this.#listener.stop();
    // opened in advance, as browsers do, and never used: Node does not count them as idle
    for (const socket of [...sockets.keys()]) if (socket.bytesRead === 0) socket.destroy();
    const cancel = this.#clock.after(DRAIN_MS, () => {
      for (const socket of [...sockets.keys()]) socket.destroy();
    });
    await this.#listener.whenEmpty();
    cancel();
    this.#broker.draining = null;
  }

  /** Requests in flight and new ones still get a response with retry advice instead of a refused connection. */
  async #drainGracePeriod(): Promise<void> {
    const { sockets } = this.#listener;
    for (const socket of [...sockets.keys()]) if (socket.bytesRead === 0) socket.destroy();
    const graceOver = new AbortController();
    const grace = Math.max(DRAIN_GRACE_MS, REAL_DRAIN_GRACE_MS * this.#clock.scale);
    await Promise.race([this.#listener.whenEmpty(), this.#clock.sleep(grace, graceOver.signal).catch(() => {})]);
    graceOver.abort();
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

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lifecycle.then(work, work);
    this.#lifecycle = result.catch(() => {});
    return result;
  }
}
