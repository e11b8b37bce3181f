import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { formatCursor, parseCursor } from '../../../shared/protocol/cursor.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { failureData } from '../../../shared/failure.ts';
import { Follower, type Fanout, type Format } from '../../wire/fanout.ts';
import { frame, PING, textFrame } from '../../wire/ws-encode.ts';
import { parseClientMessage, type ClientMessage } from './client-message.ts';
import type { DrainReason } from '../../server/broker/session.ts';
import type { Subscriber, Channel } from '../../server/broker/channel.ts';
import { HttpError, statusOf } from '../../server/http/http-error.ts';
import { resolveAfter } from '../../server/http/request.ts';
import type { Broker } from '../../server/broker/broker.ts';
import { StreamSession } from '../../server/broker/stream-session.ts';

const FRAMES: Format = {
  event: ({ cursor, type, time, data }, ch) => json({ t: 'ev', ch, cursor, type, time, data }),
  gap: (gap, ch) => json({ t: 'gap', ch, ...gap }),
};

const json = (message: object): Buffer => textFrame(JSON.stringify(message));

interface Subscription {
  channel: Channel;
  fanout: Fanout;
  follower: Follower;
}

/** One WebSocket of `events.v1`, from its handshake to its close. */
export class WebSocketSession extends StreamSession implements Subscriber {
  readonly kind = 'socket';
  #ws: WebSocket;
  #subscriptions = new Map<string, Subscription>();
  /** The URL's own channel; null on `/ws`. */
  #urlChannel: string | null = null;
  /** Members that joined on this connection, by channel. */
  #memberships = new Map<Channel, Set<string>>();
  #awaiting: 'nothing' | 'subscription' | 'pong' = 'nothing';

  constructor(ws: WebSocket, socket: Socket, broker: Broker) {
    super(socket, broker);
    this.#ws = ws;
    broker.addSession(this);
    ws.on('message', (data, binary) => this.#message(data, binary));
    ws.on('ping', (payload: Buffer) => this.write(frame(0xa, payload)));
    ws.on('pong', () => this.#pong());
    ws.on('error', () => {}); // an oversized or broken frame; ws itself answers 1002, 1007 or 1009
    ws.on('close', () => this.#detach());
    this.armDeadline();
  }

  /** The server is full. */
  refuseOverLimit(): void {
    this.broker.counters.increment(this.broker.counters.refused, 'limit');
    this.#close(4429, closeReason(this.broker.retryDelay('limit')));
  }

  expectSubscription(): void {
    this.#expectWithin('subscription', DEFAULTS.subscribeWithinMs);
  }

  /** The subscription the URL asked for: where it fails, so does the connection. */
  subscribeTo(channelName: string, after: string | null, onGap: 'continue' | 'fail'): void {
    this.#urlChannel = channelName;
    const failed = this.#tryHandle({ t: 'sub', ref: undefined, ch: channelName, after, onGap });
    if (failed) this.#close(failed.status === 410 ? 4410 : 4400, failed.code);
  }

  deliver(bytes: Buffer): void {
    if (this.ready()) this.write(bytes);
  }

  finished(follower: Follower): void {
    for (const [ch, subscription] of this.#subscriptions) {
      if (subscription.follower !== follower) continue;
      this.#unsubscribe(ch);
      this.#send({ t: 'end', ch, cursor: formatCursor(follower.epoch, follower.position) });
    }
    if (this.#subscriptions.size === 0) this.#close(1000, 'ended');
  }

  drain(reason: DrainReason, retryMs: number | null): void {
    if (reason !== 'age') this.broker.recordCause(this.socket, 'restart');
    this.#close(1012, closeReason(retryMs));
  }

  protected sendHeartbeat(): void {
    const { heartbeatMs } = this.broker.settings;
    this.write(this.#heartbeatFrame(heartbeatMs));
    this.write(PING);
    if (heartbeatMs !== null && this.#awaiting === 'nothing') {
      this.#expectWithin('pong', Math.min(DEFAULTS.pongCapMs, heartbeatMs));
    }
  }

  protected announceHeartbeat(): void {
    if (this.broker.settings.heartbeatMs === null && this.#awaiting === 'pong') this.#pong();
    if (this.ready()) this.write(this.#heartbeatFrame(this.broker.settings.heartbeatMs));
  }

  override stall(): void {
    super.stall();
    this.#ws.pause(); // nothing is read from a client that does not read, or its acks would pile up
  }

  protected resume(): void {
    this.#ws.resume();
    for (const { fanout, follower } of [...this.#subscriptions.values()]) fanout.pump(follower);
  }

  protected override onProtocolDeadline(): void {
    const missed = this.#awaiting;
    this.#awaiting = 'nothing';
    if (missed === 'subscription') this.#close(4408, 'no subscription within 10 s');
    else if (missed === 'pong') {
      this.recordEnd('pong-deadline', 'pong-deadline');
      this.terminate();
    }
  }

  protected terminate(): void {
    this.#detach();
    this.#ws.terminate();
  }

  #heartbeatFrame(heartbeatMs: number | null): Buffer {
    const build = (): Buffer => {
      const newest: Record<string, string> = {};
      for (const [ch, { channel }] of this.#subscriptions) {
        const bounds = channel.log.bounds();
        newest[ch] = formatCursor(bounds.epoch, bounds.newest);
      }
      return json({ t: 'hb', newest, heartbeatMs });
    };
    const only = this.#subscriptions.size === 1 ? this.#subscriptions.values().next().value : undefined;
    return only ? only.channel.cached(`ws hb ${heartbeatMs}`, only.channel.log.bounds(), build) : build();
  }

  #message(data: RawData, binary: boolean): void {
    if (this.closed) return;
    const raw = binary ? null : parseObject(String(data));
    if (raw === null) {
      this.#send({ t: 'err', status: 400, code: 'bad-message', message: 'A message is one JSON object, as text.' });
      return this.#close(4400, 'not a JSON object');
    }
    let message: ClientMessage;
    try {
      message = parseClientMessage(raw, this.#urlChannel);
    } catch (thrown) {
      this.#sendError(raw['ref'], thrown);
      return;
    }
    this.#tryHandle(message);
  }

  /** Handles a message; an error is sent to the client, and returned. */
  #tryHandle(message: ClientMessage): { status: number; code: string } | null {
    try {
      this.#handle(message);
      return null;
    } catch (thrown) {
      return this.#sendError(message.ref, thrown);
    }
  }

  #handle(message: ClientMessage): void {
    const { ref, ch } = message;
    switch (message.t) {
      case 'sub':
        return this.#subscribe(message);
      case 'unsub':
        this.#unsubscribe(ch);
        return this.#send({ t: 'ok', ref, ch });
      case 'pub': {
        // without a key a ref is known on its own connection only: other clients count from 1 as well
        const key = message.key ?? (ref === undefined ? undefined : { connection: this.#id, ref });
        const { event, duplicate } = this.broker.publish(ch, { type: message.type, data: message.data }, key);
        return this.#send({ t: 'ack', ref, cursor: event.cursor, duplicate });
      }
      case 'sig':
        return this.broker.signal(ch, message.data, this);
      case 'presence':
        return this.#presence(message);
    }
  }

  #subscribe({ ref, ch, after, onGap }: ClientMessage & { t: 'sub' }): void {
    const { broker } = this;
    const channel = broker.channel(ch);
    const bounds = channel.log.bounds();
    const verdict = resolveAfter(after, bounds, 'now');
    if (verdict.verdict === 'gap') {
      broker.counters.increment(broker.counters.gaps, verdict.gap.reason);
      if (onGap === 'fail') {
        throw new GapError({ ...verdict.gap });
      }
    }
    this.#unsubscribe(ch);
    if (this.#subscriptions.size >= broker.limits.subscriptions) {
      throw new HttpError(429, {
        code: 'limit',
        place: 'ch',
        message: 'This connection follows as many channels as it may.',
      });
    }
    if (this.#awaiting === 'subscription') this.#expectWithin('nothing');
    const cursorAt = (seq: number): string => formatCursor(bounds.epoch, seq);
    this.#send({
      t: 'ok',
      ref,
      ch,
      v: 1,
      epoch: bounds.epoch,
      cursor: cursorAt(verdict.after),
      floor: cursorAt(bounds.floor),
      newest: cursorAt(bounds.newest),
      resumed: parseCursor(after ?? '') !== null && verdict.verdict === 'ok',
      heartbeatMs: broker.settings.heartbeatMs,
    });
    if (verdict.verdict === 'gap') this.write(FRAMES.gap(verdict.gap, ch));
    const fanout = channel.fanout(FRAMES);
    const follower = new Follower(this, bounds.epoch, verdict.after);
    this.#subscriptions.set(ch, { channel: channel, fanout, follower });
    channel.subscribers.add(this);
    fanout.add(follower);
  }

  #unsubscribe(ch: string): void {
    const subscription = this.#subscriptions.get(ch);
    if (!subscription) return;
    subscription.fanout.remove(subscription.follower);
    subscription.channel.subscribers.delete(this);
    this.#subscriptions.delete(ch);
  }

  #presence(message: ClientMessage & { t: 'presence' }): void {
    const channel = this.broker.channel(message.ch);
    if (message.what === 'here') {
      return this.#send({ t: 'presence', ref: message.ref, ch: message.ch, here: [...channel.members.keys()] });
    }
    let joined = this.#memberships.get(channel);
    if (!joined) this.#memberships.set(channel, (joined = new Set()));
    if (message.what === 'join') {
      if (joined.has(message.who)) return;
      if (joined.size >= 16) {
        throw new HttpError(429, {
          code: 'limit',
          place: 'join',
          message: 'This connection speaks for 16 people already.',
        });
      }
      joined.add(message.who);
      channel.join(message.who);
    } else if (joined.delete(message.who)) channel.leave(message.who);
  }

  #sendError(ref: unknown, thrown: unknown): { status: number; code: string } {
    const status = thrown instanceof GapError ? 410 : statusOf(thrown);
    const { code, message, hint, place } = failureData(thrown);
    const gap = thrown instanceof GapError ? thrown.gap : {};
    this.#send({ t: 'err', ref: isRef(ref) ? ref : undefined, status, code, message, hint, place, ...gap });
    return { status, code };
  }

  #send(message: object): void {
    this.write(json(message));
  }

  #expectWithin(what: 'nothing' | 'subscription' | 'pong', withinMs = Infinity): void {
    this.#awaiting = what;
    this.protocolDeadline = this.broker.clock.now() + withinMs;
    this.armDeadline();
  }

  #pong(): void {
    if (this.#awaiting === 'pong') this.#expectWithin('nothing');
  }

  #close(code: number, reason: string): void {
    if (this.closed) return;
    this.#detach();
    this.#ws.resume();
    this.#ws.close(code, reason);
    this.broker.linger(this.socket);
  }

  #detach(): void {
    if (this.closed) return;
    this.closed = true;
    for (const ch of [...this.#subscriptions.keys()]) this.#unsubscribe(ch);
    for (const [channel, names] of this.#memberships) for (const member of names) channel.leave(member);
    this.#memberships.clear();
    this.broker.deadlines.clear(this);
    this.broker.removeSession(this);
  }

  /** No other connection of this server has or had it. */
  readonly #id = ++connectionCount;
}

let connectionCount = 0;

/** `onGap: fail`: the gap as an error. */
class GapError extends HttpError {
  readonly gap: object;

  constructor(gap: object) {
    super(410, {
      code: 'gap',
      message: 'The log does not go back to that cursor.',
      hint: 'Subscribe again with `resume`.',
    });
    this.gap = gap;
  }
}

const isRef = (ref: unknown): ref is string | number => typeof ref === 'string' || typeof ref === 'number';

const closeReason = (retryMs: number | null): string =>
  retryMs === null ? '' : JSON.stringify({ retryMs: Math.round(retryMs) });

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
