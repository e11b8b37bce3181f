import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { Failure } from '../../../shared/failure.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';
import type { Append, LogHealth, Retention } from '../event-log.ts';
import { newEpoch } from '../epoch.ts';
import type { LogOptions } from '../options.ts';
import type { RedisAddress } from './address.ts';
import { RedisConnection } from './connection.ts';
import { parseMessage, type Message } from './message.ts';
import { RedisStore, type Appended, type Keep } from './store.ts';

/** Real milliseconds. */
const BEAT_MS = 1000;
/** Pub/Sub that has not brought our own beat for so long is dead, whatever its socket says. */
const DEAF_MS = 4000;
/** So many heads are looked at in one beat; all get their turn. */
const HEADS_A_BEAT = 200;
const MAX_UNHEARD = 60;

/** A channel as the server knows it. */
interface Told {
  readonly name: string;
  readonly loaded: boolean;
  told(message: Message): void;
  lookAgain(): void;
  compare(head: string): 'same' | 'behind';
}

/** This process among those that share a log: its connections, its sign of life, and what it is told. */
export class RedisServer {
  readonly id: string;
  readonly clock: Clock;
  readonly store: RedisStore;
  retention: Retention;
  /** That of channels nobody has looked at yet. */
  epoch = '';
  readonly #redis: RedisConnection;
  readonly #channels = new Map<string, Told>();
  readonly #inFlight = new Map<string, (event: LogEvent) => void>();
  #appends = 0;
  #servers = 1;
  #problem: Failure | null = null;
  /** Engine time at which the last beat that came back was sent. */
  #heardAt: number;
  #relistenedAt = -Infinity;
  #beats = 0;
  #sentAt = new Map<string, number>();
  #stopBeat: Cancel = () => {};
  #firstHead = 0;
  #closed = false;

  constructor(address: RedisAddress, options: LogOptions) {
    const { clock, random, retention } = options;
    this.clock = clock;
    this.retention = retention;
    const draw = (): string => newEpoch(random);
    this.id = draw() + draw();
    this.#heardAt = clock.now();
    this.#redis = new RedisConnection(address, clock, {
      listening: () => this.#lookEverywhere(),
      state: (problem) => {
        const back = this.#problem !== null && problem === null;
        this.#problem = problem;
        if (back) this.#lookEverywhere();
      },
    });
    this.store = new RedisStore(this.#redis, this.id, this.#keep(retention), draw);
  }

  /** @throws Failure (exit 3) */
  async open(): Promise<void> {
    await this.#redis.open();
    try {
      this.epoch = await this.store.enter();
      await this.#redis.subscribe(this.store.topic(null), () => this.#lookEverywhere());
      await this.#redis.subscribe(this.store.inbox, (text) => this.#heard(text.slice(1)));
    } catch (error) {
      this.#redis.close();
      throw error;
    }
    this.#armBeat();
  }

  /** As far as is known. */
  get reachable(): boolean {
    return this.#problem === null;
  }

  setRetention(retention: Retention): Promise<void> {
    this.retention = retention;
    return this.store.keep(this.#keep(retention));
  }

  async subscribe(name: string, channel: Told): Promise<void> {
    this.#channels.set(name, channel);
    await this.#redis.subscribe(this.store.topic(name), (text) => {
      const message = parseMessage(text);
      if (message) channel.told(message);
    });
  }

  unsubscribe(name: string): void {
    this.#channels.delete(name);
    this.#redis.unsubscribe(this.store.topic(name)).catch(() => {});
  }

  /** Resolves with the reply, or with the message that tells of it where that is sooner. */
  async append(channel: string, draft: Append, key: string | null): Promise<Appended> {
    const origin = `${this.id}.${++this.#appends}`;
    const time = Math.round(this.clock.unixTime());
    const told = new Promise<Appended>((resolve) =>
      this.#inFlight.set(origin, (event) => resolve({ event, duplicate: false })),
    );
    try {
      return await Promise.race([told, this.store.append(channel, draft, time, origin, key)]);
    } finally {
      this.#inFlight.delete(origin);
    }
  }

  /** An append of ours was told of. */
  told(origin: string, event: LogEvent): void {
    this.#inFlight.get(origin)?.(event);
  }

  health(): LogHealth {
    return {
      kind: 'redis',
      ok: this.#problem === null,
      ...(this.#problem === null ? {} : { problem: this.#problem.message }),
      behindMs: this.#behindMs(),
      servers: this.#servers,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopBeat();
    await this.store.quit().catch(() => {});
    this.#redis.close();
  }

  /** Beats come once a second: younger than two of them is not behind. Real milliseconds. */
  #behindMs(): number {
    const silence = (this.clock.now() - this.#heardAt) / this.clock.scale;
    return silence < 2 * BEAT_MS ? 0 : Math.round(silence);
  }

  #keep({ count, ageMs, bytes }: Retention): Keep {
    return { count, ageMs: ageMs / this.clock.scale, bytes };
  }

  #armBeat(): void {
    this.#stopBeat = this.clock.after(BEAT_MS * this.clock.scale, () => {
      void this.#beat().finally(() => {
        if (!this.#closed) this.#armBeat();
      });
    });
  }

  async #beat(): Promise<void> {
    const names = this.#someChannels();
    const note = String(++this.#beats);
    this.#sentAt.set(note, this.clock.now());
    if (this.#sentAt.size > MAX_UNHEARD) this.#sentAt.delete(this.#sentAt.keys().next().value!);
    try {
      const { epoch, servers, heads } = await this.store.beat(names, note);
      this.#servers = servers;
      if (epoch !== this.epoch) this.#lookEverywhere(epoch);
      names.forEach((name, i) => {
        const channel = this.#channels.get(name);
        if (channel?.compare(heads[i] ?? '') === 'behind') channel.lookAgain();
      });
    } catch {
      // the connection tells what is wrong
    }
    const now = this.clock.now();
    if (this.#problem === null && now - Math.max(this.#heardAt, this.#relistenedAt) > DEAF_MS * this.clock.scale) {
      this.#relistenedAt = now;
      this.#redis.relisten();
    }
  }

  #heard(note: string): void {
    const sentAt = this.#sentAt.get(note);
    if (sentAt === undefined) return;
    this.#heardAt = sentAt;
    for (const earlier of this.#sentAt.keys()) {
      this.#sentAt.delete(earlier);
      if (earlier === note) return;
    }
  }

  #someChannels(): string[] {
    const names = [...this.#channels.values()].filter((channel) => channel.loaded).map(({ name }) => name);
    if (names.length <= HEADS_A_BEAT) return names;
    const from = this.#firstHead % names.length;
    this.#firstHead = from + HEADS_A_BEAT;
    return names.slice(from, from + HEADS_A_BEAT);
  }

  #lookEverywhere(epoch?: string): void {
    if (epoch !== undefined) this.epoch = epoch;
    for (const channel of this.#channels.values()) channel.lookAgain();
  }
}
