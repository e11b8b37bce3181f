import type { Socket } from 'node:net';
import type { Cause } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';
import { Failure } from '../../../shared/failure.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import type { EventLog } from '../../log/event-log.ts';
import { Deadline, DeadlineQueue } from './deadlines.ts';
import type { DrainReason, Session } from './session.ts';
import { Channel, type Subscriber } from './channel.ts';
import { IdempotencyCache } from './idempotency.ts';
import type { Broker, Publication, Published, PublishKey, ServerLimits, ServerSettings } from './broker.ts';
import { Counters } from './counters.ts';

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
  readonly channels = new Map<string, Channel>();
  /** Channels without an event when last looked at. */
  #unusedCandidates = new Set<Channel>();
  readonly sessions = new Set<Session>();
  /** While set, requests get retry advice, and every response closes its connection. */
  draining: DrainReason | null = null;
  #log: EventLog;
  #causes: Causes | null;
  #idempotency: IdempotencyCache;
  #publishListeners = new Set<(event: LogEvent, channel: string) => void>();
  #signalListeners = new Set<(data: unknown, channel: string) => void>();

  constructor(options: BrokerOptions) {
    this.#log = options.log;
    this.clock = options.clock;
    this.random = options.random;
    this.address = options.host;
    this.settings = { ...options.settings };
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.retryMs = options.retryMs ?? DEFAULTS.sseRetryMs;
    this.deadlines = new DeadlineQueue(options.clock);
    this.#causes = options.causes ?? null;
    this.#idempotency = new IdempotencyCache(options.clock);
  }

  /** Settings take hold on connections that live. */
  set(change: Partial<ServerSettings>): void {
    const before = { ...this.settings };
    Object.assign(this.settings, change);
    const heartbeatChanged = before.heartbeatMs !== this.settings.heartbeatMs;
    const holdChanged = before.holdMs !== this.settings.holdMs || before.holdCapMs !== this.settings.holdCapMs;
    for (const session of [...this.sessions]) {
      if (session.kind === 'held' ? holdChanged : heartbeatChanged) session.settingsChanged();
    }
  }

  channel(name: string): Channel {
    const known = this.channels.get(name);
    if (known) return known;
    if (!/^[A-Za-z0-9._:~@!$+-]{1,128}$/.test(name) || /^\.+$/.test(name)) {
      throw new Failure({
        code: 'bad-channel',
        place: 'channel',
        message: `${JSON.stringify(name.slice(0, 64))} is not a channel's name.`,
        hint: 'Use up to 128 letters, digits and . _ : ~ @ ! $ + -',
      });
    }
    if (this.channels.size >= this.limits.channels) this.#evictUnused();
    if (this.channels.size >= this.limits.channels) {
      throw new Failure({
        code: 'too-many-channels',
        place: 'channel',
        message: `This server has its ${this.limits.channels} channels already.`,
        hint: 'Use one of them.',
      });
    }
    const channel = new Channel(this.#log.channel(name));
    this.channels.set(name, channel);
    this.#unusedCandidates.add(channel);
    return channel;
  }

  /** Reading a channel creates it: those that are still unused make room for others. */
  #evictUnused(): void {
    for (const channel of this.#unusedCandidates) {
      if (channel.unused) {
        channel.close();
        this.channels.delete(channel.log.name);
        this.#log.forget(channel.log.name);
      } else if (channel.log.bounds().newest === 0) continue;
      this.#unusedCandidates.delete(channel);
    }
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
    for (const channel of this.channels.values()) this.#unusedCandidates.add(channel);
    this.#idempotency.clear();
    this.#log.lose();
  }

  addSession(session: Session): void {
    if (this.sessions.has(session)) return;
    this.sessions.add(session);
    this.#countSession(session, 1);
  }

  removeSession(session: Session): void {
    if (this.sessions.delete(session)) this.#countSession(session, -1);
  }

  /** Ends every session with retry advice, spread so that they do not all reconnect at once. */
  drainAll(reason: DrainReason): void {
    const { advice } = this.settings;
    const spread = advice === 'auto' ? Math.max(1500, this.sessions.size * 2) : advice;
    for (const session of [...this.sessions]) {
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
    const connectedAt = this.connectedAt(socket);
    // jitter by port: random enough, and the same each time for one connection
    const jitter = ((socket.remotePort ?? 0) % 101) / 101;
    return this.clock.now() - connectedAt > this.settings.maxAgeMs * (1 + DEFAULTS.ageJitter * (2 * jitter - 1));
  }

  /** Whether a connection is beyond the limit; set by the server. */
  isOverLimit: (socket: Socket) => boolean = () => false;

  /** When a connection was accepted; set by the server. */
  connectedAt: (socket: Socket) => number = () => Infinity;

  recordCause(socket: Socket, cause: Cause): void {
    if (socket.remotePort === undefined) return;
    this.#causes?.note(socket.remotePort, { cause, by: 'server', at: this.clock.now() });
  }

  linger(socket: Socket): void {
    if (socket.destroyed) return;
    // a WebSocket closes itself once the other end has answered; anything else is ended here
    if (!this.#upgraded.has(socket)) socket.destroySoon();
    this.deadlines.set(new LingerDeadline(socket), this.clock.now() + this.limits.slowConsumerMs);
  }

  /** From now on this connection is no longer HTTP. */
  markUpgraded(socket: Socket): void {
    this.#upgraded.add(socket);
  }

  #upgraded = new WeakSet<Socket>();

  close(): void {
    this.deadlines.close();
    for (const channel of this.channels.values()) channel.close();
  }

  #countSession({ kind }: Session, by: 1 | -1): void {
    if (kind === 'stream') this.counters.streams += by;
    else if (kind === 'held') this.counters.held += by;
    else this.counters.sockets += by;
  }
}

/** The two kinds of keys never collide, whatever is in them. */
function idempotencyKeyOf(channelName: string, key: PublishKey): string {
  if (typeof key === 'string') return `${channelName}\nkey ${key}`;
  return `${channelName}\nref ${key.connection} ${key.ref}`;
}

/** Destroys a closing connection that the peer does not close. */
class LingerDeadline extends Deadline {
  #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  onDeadline(): void {
    this.#socket.destroy();
  }
}
