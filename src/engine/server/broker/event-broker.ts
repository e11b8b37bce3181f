import type { Socket } from 'node:net';
import type { Cause } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import type { EventLog, Receipt } from '../../log/event-log.ts';
import type { Broker, Publication, Published, PublishKey, ServerLimits, ServerSettings } from './broker.ts';
import type { Channel, Subscriber } from './channel.ts';
import { Channels } from './channels.ts';
import type { Connections } from './connections.ts';
import { Counters } from './counters.ts';
import { Deadline, DeadlineQueue } from './deadlines.ts';
import { IdempotencyCache, idempotencyKeyOf } from './idempotency.ts';
import type { DrainReason, Session } from './session.ts';

const DEFAULT_LIMITS: ServerLimits = {
  connections: DEFAULTS.limits.connections,
  channels: 10_000,
  publishBody: DEFAULTS.limits.publishBody,
  wsPayload: DEFAULTS.limits.wsServerPayload,
  wsFragments: DEFAULTS.limits.wsFragments,
  subscriptions: 100,
  slowConsumerMs: DEFAULTS.slowConsumerMs,
};

export interface BrokerOptions {
  /** The address listened on. */
  host: string;
  log: EventLog;
  clock: Clock;
  random: Random;
  settings: ServerSettings;
  causes?: Causes;
  limits?: Partial<ServerLimits>;
  retryMs?: number;
}

/** Channels, sessions, settings and counters. Knows nothing of ports. */
export class EventBroker implements Broker {
  readonly clock: Clock;
  readonly random: Random;
  readonly address: string;
  readonly settings: ServerSettings;
  readonly limits: ServerLimits;
  readonly retryMs: number;
  readonly deadlines: DeadlineQueue;
  readonly counters = new Counters();
  readonly channels: Channels;
  readonly connections: Connections;
  /** While set, requests get retry advice, and every response closes its connection. */
  draining: DrainReason | null = null;
  /** Announced to whoever asks for its health, and not to its clients yet. */
  leaving = false;
  readonly #sessions = new Set<Session>();
  readonly #causes: Causes | null;
  readonly #idempotency: IdempotencyCache;
  /** Publishes by key that a shared log has not answered yet. */
  readonly #underway = new Map<string, Promise<Published>>();
  readonly #publishListeners = new Set<(event: LogEvent, channel: string) => void>();
  readonly #signalListeners = new Set<(data: unknown, channel: string) => void>();

  constructor(options: BrokerOptions, connections: Connections) {
    this.clock = options.clock;
    this.random = options.random;
    this.address = options.host;
    this.settings = { ...options.settings };
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.retryMs = options.retryMs ?? DEFAULTS.sseRetryMs;
    this.deadlines = new DeadlineQueue(options.clock);
    this.channels = new Channels(options.log, this.limits.channels, options.clock);
    this.connections = connections;
    this.#causes = options.causes ?? null;
    this.#idempotency = new IdempotencyCache(options.clock);
  }

  /** Settings take hold on connections that live. */
  set(change: Partial<ServerSettings>): void {
    const before = { ...this.settings };
    Object.assign(this.settings, change);
    const heartbeatChanged = before.heartbeatMs !== this.settings.heartbeatMs;
    const holdChanged = before.holdMs !== this.settings.holdMs || before.holdCapMs !== this.settings.holdCapMs;
    for (const session of [...this.#sessions]) {
      if (session.kind === 'held' ? holdChanged : heartbeatChanged) session.settingsChanged();
    }
  }

  channel(name: string): Channel {
    return this.channels.get(name);
  }

  publish(channelName: string, draft: Publication, key?: PublishKey): Published | Promise<Published> {
    const { log } = this.channel(channelName);
    // a key that everybody knows may have been used on another process
    if (typeof key === 'string' && log.appendOnce)
      return this.#publishOnce(log.name, log.appendOnce(draft, key), draft);
    const fullKey = key === undefined ? null : idempotencyKeyOf(channelName, key);
    const known = fullKey === null ? null : (this.#idempotency.find(fullKey) ?? this.#underway.get(fullKey));
    if (known) {
      this.counters.duplicates++;
      return known instanceof Promise
        ? known.then(({ event }) => ({ event, duplicate: true }))
        : { event: known, duplicate: true };
    }
    const appended = log.append(draft);
    if (!(appended instanceof Promise)) return this.#published(channelName, appended, fullKey);
    const published = appended.then((event) => this.#published(channelName, event, fullKey));
    if (fullKey === null) return published;
    this.#underway.set(fullKey, published);
    return published.finally(() => this.#underway.delete(fullKey));
  }

  async #publishOnce(
    channelName: string,
    appended: Promise<{ event: Receipt; duplicate: boolean }>,
    { data }: Publication,
  ): Promise<Published> {
    const { event, duplicate } = await appended;
    if (!duplicate) return this.#published(channelName, { ...event, data }, null);
    this.counters.duplicates++;
    return { event, duplicate };
  }

  #published(channelName: string, event: LogEvent, key: string | null): Published {
    if (key !== null) this.#idempotency.store(key, event);
    this.counters.published++;
    for (const listener of this.#publishListeners) listener(event, channelName);
    return { event, duplicate: false };
  }

  onPublish(listener: (event: LogEvent, channel: string) => void): Cancel {
    this.#publishListeners.add(listener);
    return () => this.#publishListeners.delete(listener);
  }

  signal(channelName: string, data: unknown, from: Subscriber | null): void {
    this.channel(channelName).signal(data, from);
    if (from) for (const listener of this.#signalListeners) listener(data, channelName);
  }

  onSignal(listener: (data: unknown, channel: string) => void): Cancel {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  loseLog(): void | Promise<void> {
    this.#idempotency.clear();
    return this.channels.lose();
  }

  addSession(session: Session): void {
    if (this.#sessions.has(session)) return;
    this.#sessions.add(session);
    this.counters.countSession(session.kind, 1);
  }

  removeSession(session: Session): void {
    if (this.#sessions.delete(session)) this.counters.countSession(session.kind, -1);
  }

  /** Ends every session with retry advice, spread so that they do not all reconnect at once. */
  drainAll(reason: DrainReason): void {
    const { advice } = this.settings;
    const spread = advice === 'auto' ? Math.max(1500, this.#sessions.size * 2) : advice;
    for (const session of [...this.#sessions]) {
      session.drain(reason, spread === 'off' ? null : 500 + this.random.next() * spread);
    }
  }

  retryDelay(reason: DrainReason): number | null {
    const { advice } = this.settings;
    if (reason === 'limit' || reason === 'log') return this.#jittered(2 * this.retryMs);
    return advice === 'off' ? null : this.#jittered(advice === 'auto' ? 2 * this.retryMs : advice);
  }

  #jittered(spread: number): number {
    return Math.round(this.retryMs + spread * this.random.next());
  }

  ageDeadline(): number {
    return this.clock.now() + this.settings.maxAgeMs * (1 + DEFAULTS.ageJitter * (2 * this.random.next() - 1));
  }

  isPastMaxAge(socket: Socket): boolean {
    // jitter by port: random enough, and the same each time for one connection
    const jitter = ((socket.remotePort ?? 0) % 101) / 101;
    return this.connections.ageOf(socket) > this.settings.maxAgeMs * (1 + DEFAULTS.ageJitter * (2 * jitter - 1));
  }

  recordCause(socket: Socket, cause: Cause): void {
    if (socket.remotePort === undefined) return;
    this.#causes?.note(socket.remotePort, { cause, by: 'server', at: this.clock.now() });
  }

  recordEnd(socket: Socket, cause: Cause): void {
    this.counters.increment(this.counters.ended, cause);
    this.recordCause(socket, cause);
  }

  linger(socket: Socket): void {
    if (socket.destroyed) return;
    // a WebSocket closes itself once the other end has answered; anything else is ended here
    if (!this.connections.isUpgraded(socket)) socket.destroySoon();
    const deadline = new Deadline({ onDeadline: () => void socket.destroy() });
    this.deadlines.set(deadline, this.clock.now() + this.limits.slowConsumerMs);
  }

  close(): void {
    this.deadlines.close();
    this.channels.close();
  }
}
