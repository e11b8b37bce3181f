import type { Socket } from 'node:net';
import type { Cause } from '../../shared/catalog.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { LogEvent } from '../../shared/events.ts';
import { Failure } from '../../shared/failure.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../causes.ts';
import type { EventLog } from '../log/event-log.ts';
import { Alarm, Alarms } from './alarms.ts';
import type { Farewell, Guest } from './guest.ts';
import { Hub, type Ear } from './hub.ts';
import { isOwnName } from './host-name.ts';
import { Idempotency } from './idempotency.ts';
import { checkCors, corsHeaders } from './origin.ts';
import type { House, Publication, Published, PublishKey, ServerLimits, ServerSettings } from './serve-context.ts';
import { Tally } from './tally.ts';
import { Turns } from './turns.ts';

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

export interface HouseOptions {
  log: EventLog;
  clock: Clock;
  random: Random;
  settings: ServerSettings;
  causes?: Causes;
  limits?: Partial<ServerLimits>;
  retryMs?: number;
}

/** What the doors stand in: channels, guests, settings and counts. Knows nothing of ports. */
export class TheHouse implements House {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: ServerSettings;
  readonly limits: ServerLimits;
  readonly retryMs: number;
  readonly alarms: Alarms;
  readonly tally = new Tally();
  readonly turns = new Turns();
  readonly hubs = new Map<string, Hub>();
  /** Those that had no event yet when last looked at. */
  #perhapsUnused = new Set<Hub>();
  readonly guests = new Set<Guest>();
  #leaving: Farewell | null = null;
  headers: Record<string, string> = {};
  #log: EventLog;
  #causes: Causes | null;
  #idempotency: Idempotency;
  #publishListeners = new Set<(event: LogEvent, channel: string) => void>();
  #signalListeners = new Set<(data: unknown, channel: string) => void>();

  constructor(options: HouseOptions) {
    this.#log = options.log;
    this.clock = options.clock;
    this.random = options.random;
    this.settings = { ...options.settings };
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.retryMs = options.retryMs ?? DEFAULTS.sseRetryMs;
    this.alarms = new Alarms(options.clock);
    this.#causes = options.causes ?? null;
    this.#idempotency = new Idempotency(options.clock);
    this.set({ cors: this.settings.cors });
  }

  /** Settings take hold on connections that live. @throws Failure `bad-origin` */
  set(change: Partial<ServerSettings>): void {
    const before = { ...this.settings };
    if (change.cors !== undefined) change = { ...change, cors: checkCors(change.cors) };
    Object.assign(this.settings, change);
    this.#setHeaders();
    const beat = before.heartbeatMs !== this.settings.heartbeatMs;
    const hold = before.holdMs !== this.settings.holdMs || before.holdCapMs !== this.settings.holdCapMs;
    for (const guest of [...this.guests]) {
      if (guest.kind === 'held' ? hold : beat) guest.settingsChanged();
    }
  }

  hub(channel: string): Hub {
    const known = this.hubs.get(channel);
    if (known) return known;
    if (!/^[A-Za-z0-9._:~@!$+-]{1,128}$/.test(channel) || /^\.+$/.test(channel)) {
      throw new Failure({
        code: 'bad-channel',
        place: 'channel',
        message: `${JSON.stringify(channel.slice(0, 64))} is not a channel's name.`,
        hint: 'Use up to 128 letters, digits and . _ : ~ @ ! $ + -',
      });
    }
    if (this.hubs.size >= this.limits.channels) this.#forgetUnused();
    if (this.hubs.size >= this.limits.channels) {
      throw new Failure({
        code: 'too-many-channels',
        place: 'channel',
        message: `This server has its ${this.limits.channels} channels already.`,
        hint: 'Use one of them.',
      });
    }
    const hub = new Hub(this.#log.channel(channel));
    this.hubs.set(channel, hub);
    this.#perhapsUnused.add(hub);
    return hub;
  }

  /** Asking for a channel is no more than a guess at its name: those that are only that make room for others. */
  #forgetUnused(): void {
    for (const hub of this.#perhapsUnused) {
      if (hub.unused) {
        hub.close();
        this.hubs.delete(hub.log.name);
        this.#log.forget(hub.log.name);
      } else if (hub.log.bounds().newest === 0) continue;
      this.#perhapsUnused.delete(hub);
    }
  }

  publish(channel: string, draft: Publication, key?: PublishKey): Published {
    const hub = this.hub(channel);
    const name = key === undefined ? null : keyName(channel, key);
    const known = name === null ? null : this.#idempotency.find(name);
    if (known) {
      this.tally.duplicates++;
      return { event: known, duplicate: true };
    }
    const event = hub.log.append({ type: draft.type, data: draft.data });
    hub.pollAfterMs = draft.terminal === true ? TERMINAL_POLL_MS : null;
    if (name !== null) this.#idempotency.keep(name, event);
    this.tally.published++;
    for (const listener of this.#publishListeners) listener(event, channel);
    return { event, duplicate: false };
  }

  onPublish(listener: (event: LogEvent, channel: string) => void): Cancel {
    this.#publishListeners.add(listener);
    return () => this.#publishListeners.delete(listener);
  }

  signal(channel: string, data: unknown, from: Ear | null): void {
    this.hub(channel).shout({ t: 'sig', ch: channel, data }, from);
    if (from) for (const listener of this.#signalListeners) listener(data, channel);
  }

  onSignal(listener: (data: unknown, channel: string) => void): Cancel {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  }

  loseLog(): void {
    for (const hub of this.hubs.values()) this.#perhapsUnused.add(hub);
    this.#idempotency.clear();
    this.#log.lose();
  }

  enter(guest: Guest): void {
    if (this.guests.has(guest)) return;
    this.guests.add(guest);
    this.#countGuest(guest, 1);
  }

  leave(guest: Guest): void {
    if (this.guests.delete(guest)) this.#countGuest(guest, -1);
  }

  get leaving(): Farewell | null {
    return this.#leaving;
  }

  /** While set, whoever asks is sent away, and answers under way are the last on their connections. */
  set leaving(why: Farewell | null) {
    this.#leaving = why;
    this.#setHeaders();
  }

  /** Everyone is told to go, and when to come back: spread out, so that they do not all come at once. */
  farewellAll(why: Farewell): void {
    const { advice } = this.settings;
    const spread = advice === 'auto' ? Math.max(1500, this.guests.size * 2) : advice;
    for (const guest of [...this.guests]) {
      guest.farewell(why, spread === 'off' ? null : 500 + this.random.next() * spread);
    }
  }

  comeBackIn(reason: Farewell): number | null {
    const { advice } = this.settings;
    if (reason === 'limit') return this.#within(2 * this.retryMs);
    return advice === 'off' ? null : this.#within(advice === 'auto' ? 2 * this.retryMs : advice);
  }

  #within(spread: number): number {
    return Math.round(this.retryMs + spread * this.random.next());
  }

  ageLimit(): number {
    return this.clock.now() + this.settings.maxAgeMs * (1 + DEFAULTS.ageJitter * (2 * this.random.next() - 1));
  }

  tooOld(socket: Socket): boolean {
    const born = this.bornAt(socket);
    // the port is as good a die as any, and falls the same way each time this is asked
    const die = ((socket.remotePort ?? 0) % 101) / 101;
    return this.clock.now() - born > this.settings.maxAgeMs * (1 + DEFAULTS.ageJitter * (2 * die - 1));
  }

  /** Whether a connection came when there was no room left; set by whoever listens. */
  late: (socket: Socket) => boolean = () => false;

  /** When a connection came; set by whoever listens. */
  bornAt: (socket: Socket) => number = () => Infinity;

  /** The address that is listened on; set by whoever listens. */
  address = '127.0.0.1';

  ownName(host: string | undefined): boolean {
    return isOwnName(host, this.address);
  }

  note(socket: Socket, cause: Cause): void {
    if (socket.remotePort === undefined) return;
    this.#causes?.note(socket.remotePort, { cause, by: 'server', at: this.clock.now() });
  }

  linger(socket: Socket): void {
    if (socket.destroyed) return;
    // a WebSocket closes itself once the other end has answered; anything else is ended here
    if (!this.#upgraded.has(socket)) socket.destroySoon();
    this.alarms.set(new Lingering(socket), this.clock.now() + this.limits.slowConsumerMs);
  }

  /** From now on this connection is no longer HTTP. */
  upgraded(socket: Socket): void {
    this.#upgraded.add(socket);
  }

  #upgraded = new WeakSet<Socket>();

  close(): void {
    this.alarms.close();
    for (const hub of this.hubs.values()) hub.close();
  }

  #setHeaders(): void {
    this.headers = {
      Vary: 'Accept, Prefer',
      ...corsHeaders(this.settings.cors),
      ...(this.#leaving ? { Connection: 'close' } : {}),
    };
  }

  #countGuest({ kind }: Guest, by: 1 | -1): void {
    if (kind === 'stream') this.tally.streams += by;
    else if (kind === 'held') this.tally.held += by;
    else this.tally.sockets += by;
  }
}

/** The two kinds of keys never meet, whatever is written in them. */
function keyName(channel: string, key: PublishKey): string {
  if (typeof key === 'string') return `${channel}\nkey ${key}`;
  return `${channel}\nref ${key.connection} ${key.ref}`;
}

/** A connection that has been said goodbye to, and may not stay open for it. */
class Lingering extends Alarm {
  #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  ring(): void {
    this.#socket.destroy();
  }
}
