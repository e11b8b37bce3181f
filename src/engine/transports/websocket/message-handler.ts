import { formatCursor, parseCursor } from '../../../shared/protocol/cursor.ts';
import { failureData } from '../../../shared/failure.ts';
import type { Broker, Published } from '../../server/broker/broker.ts';
import type { Channel, Subscriber } from '../../server/broker/channel.ts';
import { HttpError, statusOf } from '../../server/http/http-error.ts';
import { resolveAfter } from '../../server/http/request.ts';
import type { EventSink } from '../../wire/fanout.ts';
import { isRef, parseClientMessage, type ClientMessage } from './client-message.ts';
import { Memberships } from './memberships.ts';
import { FRAMES, GapError, json } from './server-messages.ts';
import { Subscriptions } from './subscriptions.ts';

/** The connection that messages are handled for. */
export interface MessageConnection extends Subscriber {
  readonly writer: EventSink & { write(bytes: Buffer): void; readonly closed: boolean };
  /** It follows a channel now. */
  subscribed(): void;
  /** Much is under way that a shared log has not answered: nothing more is read until it has. */
  busy(busy: boolean): void;
}

/** What a client asked for, and could not have. */
export interface Refused {
  status: number;
  code: string;
}

/** So many messages may wait for a shared log. */
const MAX_UNDERWAY = 32;

/** Carries out what a client of `events.v1` asks for on one WebSocket. An error is answered, and returned. */
export class MessageHandler {
  readonly subscriptions: Subscriptions;
  readonly memberships = new Memberships();
  /** The URL's own channel, for messages that name none; null on `/ws`. */
  urlChannel: string | null = null;
  readonly #broker: Broker;
  readonly #connection: MessageConnection;
  /** No other connection of this server has or had it. */
  readonly #connectionNumber = ++connectionCount;

  #previous: Promise<unknown> | null = null;
  #underway = 0;

  constructor(broker: Broker, connection: MessageConnection) {
    this.#broker = broker;
    this.#connection = connection;
    this.subscriptions = new Subscriptions(connection, connection.writer);
  }

  receive(raw: Record<string, unknown>): void {
    let message: ClientMessage;
    try {
      message = parseClientMessage(raw, this.urlChannel);
    } catch (thrown) {
      this.#sendError(raw['ref'], thrown);
      return;
    }
    void this.handle(message);
  }

  /** At once, unless a shared log has to be asked first: then in the order they came. */
  handle(message: ClientMessage): Refused | null | Promise<Refused | null> {
    if (this.#previous !== null) return this.#inOrder(this.#previous.then(() => this.#attempt(message)));
    const refused = this.#attempt(message);
    return refused instanceof Promise ? this.#inOrder(refused) : refused;
  }

  #attempt(message: ClientMessage): Refused | null | Promise<Refused | null> {
    if (this.#connection.writer.closed) return null;
    try {
      const work = this.#handle(message);
      if (!work) return null;
      return work.then(
        () => null,
        (thrown: unknown) => this.#sendError(message.ref, thrown),
      );
    } catch (thrown) {
      return this.#sendError(message.ref, thrown);
    }
  }

  /** What comes later waits for this. */
  #inOrder<T>(work: Promise<T>): Promise<T> {
    this.#previous = work;
    this.#track(work);
    return work.finally(() => {
      if (this.#previous === work) this.#previous = null;
    });
  }

  #track(work: Promise<unknown>): void {
    if (++this.#underway === MAX_UNDERWAY) this.#connection.busy(true);
    void work.finally(() => {
      if (this.#underway-- === MAX_UNDERWAY) this.#connection.busy(false);
    });
  }

  send(message: object): void {
    this.#connection.writer.write(json(message));
  }

  #handle(message: ClientMessage): void | Promise<void> {
    const { ref, ch } = message;
    switch (message.t) {
      case 'sub':
        return this.#refreshed(this.#broker.channel(ch), message.after, () => this.#subscribe(message));
      case 'unsub':
        this.subscriptions.remove(ch);
        return this.send({ t: 'ok', ref, ch });
      case 'pub': {
        // without a key a ref is known on its own connection only: other clients count from 1 as well
        const key = message.key ?? (ref === undefined ? undefined : { connection: this.#connectionNumber, ref });
        const published = this.#broker.publish(ch, { type: message.type, data: message.data }, key);
        const ack = ({ event, duplicate }: Published): void =>
          this.send({ t: 'ack', ref, cursor: event.cursor, duplicate });
        if (!(published instanceof Promise)) return ack(published);
        // the log keeps their order: the next one need not wait for this one's receipt
        return this.#track(published.then(ack, (thrown: unknown) => void this.#sendError(ref, thrown)));
      }
      case 'sig':
        return this.#broker.signal(ch, message.data, this.#connection);
      case 'presence':
        return this.#refreshed(this.#broker.channel(ch), null, () => this.#presence(message));
    }
  }

  /** Once this process knows what the log holds. */
  #refreshed(channel: Channel, after: string | null, work: () => void): void | Promise<void> {
    const refreshing = channel.log.refresh(after);
    if (refreshing === null) return work();
    return refreshing.then(() => {
      if (!this.#connection.writer.closed) work();
    });
  }

  #subscribe({ ref, ch, after, onGap }: ClientMessage & { t: 'sub' }): void {
    const { counters, limits, settings } = this.#broker;
    const channel = this.#broker.channel(ch);
    const bounds = channel.log.bounds();
    const verdict = resolveAfter(after, bounds, 'now');
    if (verdict.verdict === 'gap') {
      counters.increment(counters.gaps, verdict.gap.reason);
      if (onGap === 'fail') throw new GapError(verdict.gap);
    }
    this.subscriptions.remove(ch);
    if (this.subscriptions.size >= limits.subscriptions) {
      throw new HttpError(429, {
        code: 'limit',
        place: 'ch',
        message: 'This connection follows as many channels as it may.',
      });
    }
    this.#connection.subscribed();
    const cursorAt = (seq: number): string => formatCursor(bounds.epoch, seq);
    this.send({
      t: 'ok',
      ref,
      ch,
      v: 1,
      epoch: bounds.epoch,
      cursor: cursorAt(verdict.after),
      floor: cursorAt(bounds.floor),
      newest: cursorAt(bounds.newest),
      resumed: parseCursor(after ?? '') !== null && verdict.verdict === 'ok',
      heartbeatMs: settings.heartbeatMs,
    });
    if (verdict.verdict === 'gap') this.#connection.writer.write(FRAMES.gap(verdict.gap, ch));
    this.subscriptions.add(channel, verdict.after);
  }

  #presence(message: ClientMessage & { t: 'presence' }): void {
    const channel = this.#broker.channel(message.ch);
    if (message.what === 'here') {
      this.send({ t: 'presence', ref: message.ref, ch: message.ch, here: channel.members });
    } else if (message.what === 'join') this.memberships.join(channel, message.who);
    else this.memberships.leave(channel, message.who);
  }

  #sendError(ref: unknown, thrown: unknown): Refused {
    const status = statusOf(thrown);
    const { code, message, hint, place } = failureData(thrown);
    const gap = thrown instanceof GapError ? thrown.gap : {};
    this.send({ t: 'err', ref: isRef(ref) ? ref : undefined, status, code, message, hint, place, ...gap });
    return { status, code };
  }
}

let connectionCount = 0;
