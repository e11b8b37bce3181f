import { createClient } from '@redis/client';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { Failure, messageOf } from '../../../shared/failure.ts';
import type { RedisAddress } from './address.ts';
import { isPassing, redisFailure } from './failures.ts';
import { whatAnswers } from './probe.ts';
import { SCRIPTS, type Script } from './scripts.ts';

/** Real milliseconds. */
const CONNECT_MS = 5000;
const ANSWER_MS = 5000;
/** How long a command waits for a Redis that is away before it is given up. */
const PATIENCE_MS = 4000;
const RETRY_MS = 100;
const STUCK_MS = 10_000;

/** A reply of Redis. */
export type Reply = string | number | null | Reply[];

type Client = ReturnType<typeof newClient>;

export interface ConnectionEvents {
  /** Pub/Sub is there (again): what was told meanwhile did not arrive. */
  listening(): void;
  /** Whether the log can be had, and what is wrong. */
  state(problem: Failure | null): void;
}

/** How a command is asked. */
export interface Ask {
  /** Asking twice does no harm, so it is asked again when the connection died under it. */
  repeatable: boolean;
}

/**
 * Two connections to one Redis: commands, and Pub/Sub. They come back by themselves. The client library keeps nothing
 * for later, so that a command is either answered, not sent, or known to be in doubt.
 */
export class RedisConnection {
  readonly address: RedisAddress;
  readonly #clock: Clock;
  readonly #events: ConnectionEvents;
  #commands: Client;
  #listener: Client;
  #subscriptions = new Map<string, (message: string) => void>();
  #waiting = new Set<() => void>();
  #started = false;
  #closed = false;
  #problem: Failure | null = null;
  #dialledAt: number;

  constructor(address: RedisAddress, clock: Clock, events: ConnectionEvents) {
    this.address = address;
    this.#clock = clock;
    this.#events = events;
    this.#dialledAt = clock.now();
    this.#commands = this.#create();
    this.#listener = this.#create();
  }

  /** @throws Failure (exit 3) that says what is wrong */
  async open(): Promise<void> {
    try {
      await this.#deadline(
        CONNECT_MS,
        (async () => {
          await this.#commands.connect();
          await this.#checkVersion();
          await Promise.all(this.#loadScripts(this.#commands));
          await this.#listener.connect();
        })(),
      );
    } catch (error) {
      this.close();
      const failure = redisFailure(error, this.address.shown);
      throw (failure.code === 'log-slow' ? await whatAnswers(this.address, this.#clock) : null) ?? failure;
    }
    this.#started = true;
  }

  /**
   * Runs a script. While Redis is away it waits a little.
   * @throws Failure; `log-unknown` where it was sent, is not repeatable, and nobody knows what became of it
   */
  async run(script: Script, keys: readonly string[], args: readonly string[], ask: Ask): Promise<Reply> {
    const until = this.#clock.now() + PATIENCE_MS * this.#clock.scale;
    for (;;) {
      const client = this.#commands;
      let failure: Failure;
      let sent = false;
      if (client.isReady) {
        sent = true;
        try {
          const reply = await this.#deadline(ANSWER_MS, this.#evaluate(client, script, keys, args));
          if (this.#problem) this.#tell(null);
          return reply;
        } catch (error) {
          failure = this.#failureOf(error);
          if (isPassing(failure) && client === this.#commands) this.#tell(failure);
          if (failure.code === 'log-slow') this.#restartCommands(client);
          // the address may lead to another master by now
          if (failure.code === 'log-read-only') this.#restart();
          const answered = failure.code !== 'log-slow' && failure.code !== 'log-unreachable';
          if (!answered && !ask.repeatable) throw this.#unknown(failure);
          if (!isPassing(failure)) throw failure;
        }
      } else failure = this.#problem ?? this.#failureOf(new Error('the connection is down'));
      if (this.#closed || this.#clock.now() >= until) {
        this.#restartIfStuck();
        throw failure;
      }
      await (sent ? this.#clock.sleep(RETRY_MS * this.#clock.scale) : this.#ready(until));
    }
  }

  /** One command that no script does. Never waits. */
  async command(...args: string[]): Promise<Reply> {
    return this.#deadline(ANSWER_MS, this.#commands.sendCommand<Reply>(args));
  }

  /** Messages of a Pub/Sub channel, from when this resolves; again after each reconnect. */
  async subscribe(name: string, listener: (message: string) => void): Promise<void> {
    this.#subscriptions.set(name, listener);
    if (this.#listener.isReady) await this.#deadline(ANSWER_MS, this.#listener.subscribe(name, listener));
  }

  async unsubscribe(name: string): Promise<void> {
    this.#subscriptions.delete(name);
    if (this.#listener.isReady) await this.#listener.unsubscribe(name);
  }

  /** Pub/Sub is dead though its connection stands: it is dialled anew. */
  relisten(): void {
    const before = this.#listener;
    this.#listener = this.#create();
    before.destroy();
    this.#listener.connect().catch(() => {});
  }

  close(): void {
    this.#closed = true;
    for (const client of [this.#commands, this.#listener]) client.destroy();
    for (const wake of [...this.#waiting]) wake();
  }

  #create(): Client {
    const client = newClient(this.address, () => (this.#started && !this.#closed ? RETRY_MS : false));
    client.on('error', (error: unknown) => {
      if (this.#closed || !this.#started) return;
      if (client === this.#commands) this.#tell(redisFailure(error, this.address.shown));
    });
    client.on('ready', () => {
      if (client === this.#commands) {
        if (this.#started) for (const loading of this.#loadScripts(client)) loading.catch(() => {});
        for (const wake of [...this.#waiting]) wake();
      } else if (client === this.#listener) void this.#listen(client);
    });
    return client;
  }

  #tell(problem: Failure | null): void {
    this.#problem = problem;
    this.#events.state(problem);
  }

  /** The library subscribes again by itself only what it knows: a client made anew knows nothing. */
  async #listen(client: Client): Promise<void> {
    try {
      for (const [name, listener] of this.#subscriptions) {
        if (client !== this.#listener) return;
        await client.unsubscribe(name).catch(() => {});
        await client.subscribe(name, listener);
      }
      if (client === this.#listener) this.#events.listening();
    } catch {
      if (client === this.#listener && !this.#closed) this.relisten();
    }
  }

  #restart(): void {
    this.#restartCommands(this.#commands);
    this.relisten();
  }

  /** A handshake that is never answered would be waited for by the library for ever. */
  #restartIfStuck(): void {
    const client = this.#commands;
    if (client.isReady || this.#clock.now() - this.#dialledAt < STUCK_MS * this.#clock.scale) return;
    this.#restartCommands(client);
  }

  #restartCommands(client: Client): void {
    if (client !== this.#commands || this.#closed) return;
    this.#dialledAt = this.#clock.now();
    this.#commands = this.#create();
    client.destroy();
    this.#commands.connect().catch(() => {});
  }

  async #evaluate(
    client: Client,
    { sha, text }: Script,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<Reply> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await client.sendCommand<Reply>(['EVALSHA', sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.sendCommand<Reply>(['EVAL', text, ...rest]);
    }
  }

  /** Known before they are used: a script that has to be sent a second time would be overtaken by what came later. */
  #loadScripts(client: Client): Promise<unknown>[] {
    return Object.values(SCRIPTS).map(({ text }) => client.sendCommand(['SCRIPT', 'LOAD', text]));
  }

  async #checkVersion(): Promise<void> {
    const info = await this.#commands.sendCommand<string>(['INFO', 'server']);
    const version = /redis_version:(\d+)\.(\S+)/.exec(info);
    const { shown } = this.address;
    if (!version || Number(version[1]) < 6) {
      throw new Failure({
        code: 'bad-log',
        place: '--log',
        message: `The Redis at ${shown} is ${version ? `version ${version[1]}.${version[2]}` : 'of no known version'}.`,
        hint: 'A log needs Redis 6.0 or newer.',
        exit: 3,
      });
    }
    const memory = await this.#commands.sendCommand<string>(['INFO', 'memory']);
    const policy = /maxmemory_policy:(allkeys-\S+)/.exec(memory)?.[1];
    if (policy !== undefined && !/maxmemory:0\b/.test(memory)) {
      throw new Failure({
        code: 'bad-log',
        place: '--log',
        message: `The Redis at ${shown} throws away what it likes when it is full (maxmemory-policy ${policy}).`,
        hint: 'Set its maxmemory-policy to noeviction, or use another Redis for the log.',
        exit: 3,
      });
    }
  }

  #failureOf(error: unknown): Failure {
    // it was taken down because of another command
    if (this.#problem && /Disconnects client/.test(messageOf(error))) return this.#problem;
    return redisFailure(error, this.address.shown);
  }

  #unknown(failure: Failure): Failure {
    return new Failure({
      code: 'log-unknown',
      place: '--log',
      message: `${failure.message} Whether the event was taken is not known.`,
      hint: 'Publish it again with an Idempotency-Key, which makes that harmless.',
      exit: 3,
    });
  }

  /** Resolves when commands can be sent, and at the latest then. */
  #ready(until: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const cancel = this.#clock.after(Math.max(0, until - this.#clock.now()), done);
      this.#waiting.add(done);
    });
  }

  #deadline<T>(ms: number, work: Promise<T>): Promise<T> {
    let cancel: Cancel = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(ms * this.#clock.scale, () => reject(new Error('timeout')));
    });
    work.catch(() => {}); // it may fail after it was given up
    return Promise.race([work, late]).finally(() => cancel());
  }
}

function newClient(address: RedisAddress, retryIn: () => number | false) {
  const { host, port, tls, username, password, database } = address;
  return createClient({
    RESP: 2,
    socket: {
      host,
      port,
      connectTimeout: CONNECT_MS,
      reconnectStrategy: retryIn,
      ...(tls ? { tls: true as const, servername: host } : {}),
    },
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    database,
    disableOfflineQueue: true,
    disableClientInfo: true,
  });
}
