import type { LogEvent } from '../../../shared/protocol/events.ts';
import { Failure } from '../../../shared/failure.ts';
import type { Append, Receipt } from '../event-log.ts';
import { hash } from 'node:crypto';
import { channelEnded } from '../options.ts';
import { byteSize } from '../retention-window.ts';
import type { Ask, Reply, RedisConnection } from './connection.ts';
import { newEvent, signalText } from './message.ts';
import { SCRIPTS, type Script } from './scripts.ts';

/** So many events are read at once. */
const PAGE = 1000;
/** A server that was not seen for so long is gone. Real milliseconds. */
const GONE_MS = 6000;
const IDEMPOTENCY_MS = 120_000;
const REPEATABLE: Ask = { repeatable: true };

/** One look at a channel. */
export interface Page {
  epoch: string;
  newest: number;
  floor: number;
  ended: boolean;
  events: { event: LogEvent; ageMs: number }[];
  more: boolean;
}

export interface Appended {
  event: LogEvent;
  duplicate: boolean;
}

/** What is kept, in the store's own terms: real milliseconds. */
export interface Keep {
  count: number;
  ageMs: number;
  bytes: number;
}

/** The log as it stands in Redis: names of keys, arguments of scripts, shapes of replies. */
export class RedisStore {
  readonly #redis: RedisConnection;
  readonly #server: string;
  readonly #newEpoch: () => string;
  #keep: string;

  /** @param server names this process among those that share the log */
  constructor(redis: RedisConnection, server: string, keep: Keep, newEpoch: () => string) {
    this.#redis = redis;
    this.#server = server;
    this.#keep = keepText(keep);
    this.#newEpoch = newEpoch;
  }

  /** The Pub/Sub name of a channel, of all of them (null), and of this server alone. */
  topic(channel: string | null): string {
    return channel === null ? this.#root : `${this.#root} ${channel}`;
  }

  get inbox(): string {
    return `${this.#root}  ${this.#server}`;
  }

  /** @returns the epoch @throws Failure `bad-log`, `log-shared` (exit 3) */
  async enter(): Promise<string> {
    const reply = strings(
      await this.#run(SCRIPTS.enter, [this.#key('life'), this.#key('servers')], this.#args(this.#server, GONE_MS)),
    );
    const [verdict, first, others] = reply;
    if (verdict === 'keep') throw this.#otherRetention(first ?? '', Number(others));
    if (verdict === 'format') {
      throw new Failure({
        code: 'bad-log',
        place: '--log',
        message: `The log in the Redis at ${this.#redis.address.shown} was written by another version (format ${first}).`,
        hint: 'Choose another prefix: redis://…?prefix=NAME.',
        exit: 3,
      });
    }
    return first!;
  }

  async keep(keep: Keep): Promise<void> {
    this.#keep = keepText(keep);
    await this.#run(SCRIPTS.keep, [this.#key('life')], this.#args());
  }

  /** @param origin comes back in the message that tells of it @throws Failure `channel-ended`, `log-…` */
  async append(channel: string, draft: Append, time: number, origin: string, key: string | null): Promise<Appended> {
    const { type, data } = draft;
    const keys = this.#channelKeys(channel);
    if (key !== null) keys.push(this.#key(`key:${channel}:${hash('sha256', key, 'base64url')}`));
    const args = this.#args(
      channel,
      type,
      data,
      time,
      byteSize(type, data),
      draft.terminal === true ? 1 : 0,
      origin,
      IDEMPOTENCY_MS,
    );
    const reply = strings(await this.#run(SCRIPTS.append, keys, args, { repeatable: key !== null }));
    const [verdict, epoch, seq] = reply;
    if (verdict === 'ended') throw channelEnded(channel);
    if (verdict === 'again') {
      return { event: newEvent(epoch!, Number(seq), reply[4]!, Number(reply[3]), '', false), duplicate: true };
    }
    return { event: newEvent(epoch!, Number(seq), type, time, data, draft.terminal === true), duplicate: false };
  }

  /** What follows a position, or all that is kept where that is of another epoch. */
  async read(channel: string, epoch: string, after: number): Promise<Page> {
    const reply = await this.#run(SCRIPTS.read, this.#channelKeys(channel), this.#args(channel, epoch, after, PAGE));
    const [life, newest, floor, ended, now, rows] = list(reply);
    const events = list(rows).map((row) => {
      const [id, fields] = list(row);
      const field = strings(fields ?? []);
      const seq = Number(String(id).slice(2));
      // always in this order, each after its name
      const [, type = '', , data = '', , time, , at, , terminal] = field;
      return {
        event: newEvent(String(life), seq, type, Number(time), data, terminal === '1'),
        ageMs: Math.max(0, Number(now) - Number(at)),
      };
    });
    return {
      epoch: String(life),
      newest: Number(newest),
      floor: Number(floor),
      ended: ended === '1',
      events,
      more: events.length === PAGE,
    };
  }

  async end(channel: string): Promise<void> {
    await this.#run(SCRIPTS.end, this.#channelKeys(channel), this.#args(channel));
  }

  async lose(): Promise<void> {
    await this.#run(SCRIPTS.lose, [this.#key('life'), this.#key('channels')], this.#args());
  }

  /** The tail of a channel is gone though the epoch is the same: nobody may take it for whole. */
  async turn(epoch: string): Promise<void> {
    await this.#run(SCRIPTS.turn, [this.#key('life')], this.#args(epoch));
  }

  /** A sign of life; the heads of these channels, as `epoch seq` or ''. */
  async beat(channels: readonly string[], note: string): Promise<{ epoch: string; servers: number; heads: string[] }> {
    const keys = [this.#key('life'), this.#key('servers'), ...channels.map((name) => this.#key(`head:${name}`))];
    const [epoch, servers, heads] = list(await this.#run(SCRIPTS.beat, keys, this.#args(this.#server, GONE_MS, note)));
    return { epoch: String(epoch), servers: Number(servers), heads: strings(heads ?? []) };
  }

  async signal(channel: string, data: string): Promise<void> {
    await this.#redis.command('PUBLISH', this.topic(channel), signalText(this.#server, data));
  }

  async join(channel: string, member: string): Promise<void> {
    await this.#presence(SCRIPTS.join, channel, member);
  }

  async leave(channel: string, member: string): Promise<void> {
    await this.#presence(SCRIPTS.leave, channel, member);
  }

  /** Who is there, by server. */
  async members(channel: string): Promise<{ server: string; member: string }[]> {
    const fields = strings(await this.#redis.command('HKEYS', this.#key(`here:${channel}`)));
    return fields.map((field) => {
      const at = field.indexOf(' ');
      return { server: field.slice(0, at), member: field.slice(at + 1) };
    });
  }

  /** This server goes. */
  async quit(): Promise<void> {
    await this.#redis.command('ZREM', this.#key('servers'), this.#server);
  }

  async #presence(script: Script, channel: string, member: string): Promise<void> {
    const keys = [this.#key(`here:${channel}`), this.#key(`in:${this.#server}`)];
    await this.#run(script, keys, [this.#root, channel, this.#server, member]);
  }

  get #root(): string {
    const { prefix, database } = this.#redis.address;
    return `{${prefix}}@${database}`; // Pub/Sub knows no databases
  }

  #key(name: string): string {
    return `{${this.#redis.address.prefix}}:${name}`;
  }

  #channelKeys(channel: string): string[] {
    const of = (what: string): string => this.#key(`${what}:${channel}`);
    return [this.#key('life'), of('head'), of('log'), of('sizes'), this.#key('channels')];
  }

  #args(...args: (string | number)[]): string[] {
    return [this.#newEpoch(), this.#root, this.#keep, ...args.map(String)];
  }

  #run(script: Script, keys: readonly string[], args: readonly string[], ask = REPEATABLE): Promise<Reply> {
    return this.#redis.run(script, keys, args, ask);
  }

  #otherRetention(kept: string, others: number): Failure {
    const [count, ageMs, bytes] = kept.split(' ').map(Number);
    const [ourCount, ourAge, ourBytes] = this.#keep.split(' ').map(Number);
    const what =
      count !== ourCount
        ? `keeps ${count} events a channel, this one ${ourCount}`
        : ageMs !== ourAge
          ? `keeps events for ${ageMs} ms, this one for ${ourAge} ms`
          : `keeps ${bytes} bytes a channel, this one ${ourBytes}`;
    return new Failure({
      code: 'log-shared',
      place: '--log',
      message: `Another server with this prefix (${others} in all) ${what}: they would not agree on what there is.`,
      hint:
        count !== ourCount
          ? `Start it with --retain ${count}, choose another prefix, or stop the others first (they count for ${GONE_MS / 1000} s after a crash).`
          : 'Start it as the others, or choose another prefix.',
      exit: 3,
    });
  }
}

const keepText = ({ count, ageMs, bytes }: Keep): string => `${count} ${Math.round(ageMs)} ${bytes}`;

const list = (reply: Reply | undefined): Reply[] => (Array.isArray(reply) ? reply : []);
const strings = (reply: Reply): string[] => list(reply).map(String);

export const receiptOf = ({ cursor, seq, type, time }: LogEvent): Receipt => ({ cursor, seq, type, time });
