import type { Socket } from 'node:net';
import type { Cause } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { Broker, Publication, Published, PublishKey, ServerLimits, ServerSettings } from './broker.ts';
import type { Channel, Subscriber } from './channel.ts';
import { Channels } from './channels.ts';
import type { Connections } from './connections.ts';
import { Counters } from './counters.ts';
import { Deadline, DeadlineQueue } from './deadlines.ts';
import { IdempotencyCache, idempotencyKeyOf } from './idempotency.ts';
import type { DrainReason, Session } from './session.ts';

/** How long a poller is advised to rest once a state is terminal. */
const TERMINAL_POLL_MS = 10_000;

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
  readonly #sessions = new Set<Session>();
  readonly #causes: Causes | null;
  readonly #idempotency: IdempotencyCache;
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

  publish(channelName: string, draft: Publication, key?: PublishKey): Published {
    const channel = this.channel(channelName);
    const fullKey = key === undefined ? null : idempotencyKeyOf(channelName, key);
    const known = fullKey === null ? null : this.#idempotency.find(fullKey);
    if (known) {
      this.counters.duplicates++;
      return { event: known, duplicate: true };
    }
    const event = channel.log.append({ type: draft.type, data: draft.data });
    channel.pollAfterMs = draft.terminal === true ? TERMINAL_POLL_MS : null;
    if (fullKey !== null) this.#idempotency.store(fullKey, event);
    this.counters.published++;
    for (const listener of this.#publishListeners) listener(event, channelName);
    return { event, duplicate: false };
  }

  onPublish(listener: (event: LogEvent, channel: string) => void): Cancel {
    this.#publishListeners.add(listener);
    return () => this.#publishListeners.delete(listener);
  }

  signal(channelName: string, data: unknown, from: Subscriber | null): void {
    this.channel(channelName).broadcast({ t: 'sig', ch: channelName, data }, from);
    if (from) for (const listener of this.#signalListeners) listener(data, channelName);
  }

  onSignal(listener: (data: unknown, channel: string) => void): Cancel {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  loseLog(): void {
    this.#idempotency.clear();
    this.channels.lose();
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
    if (reason === 'limit') return this.#jittered(2 * this.retryMs);
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
