import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { formatCursor, parseCursor, resolveCursor } from '../../shared/cursor.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import { failureData } from '../../shared/failure.ts';
import { Follower, type Fanout, type Format } from '../wire/fanout.ts';
import { frame, PING, textFrame } from '../wire/ws-encode.ts';
import { readMessage, type ClientMessage } from './client-message.ts';
import type { Farewell } from './guest.ts';
import type { Ear, Hub } from './hub.ts';
import { Refusal, statusOf } from './refusal.ts';
import type { House } from './serve-context.ts';
import { Stayer } from './stayer.ts';

const FRAMES: Format = {
  event: ({ cursor, type, time, data }, ch) => json({ t: 'ev', ch, cursor, type, time, data }),
  gap: (gap, ch) => json({ t: 'gap', ch, ...gap }),
};

const json = (message: object): Buffer => textFrame(JSON.stringify(message));

interface Subscription {
  hub: Hub;
  fanout: Fanout;
  follower: Follower;
}

/** One WebSocket of `events.v1`, from its handshake to its close. */
export class WsGuest extends Stayer implements Ear {
  readonly kind = 'socket';
  #ws: WebSocket;
  #subscriptions = new Map<string, Subscription>();
  /** The URL's own channel; null on `/ws`. */
  #implied: string | null = null;
  /** Who said on this connection that they are here, by channel. */
  #present = new Map<Hub, Set<string>>();
  #awaiting: 'nothing' | 'subscription' | 'pong' = 'nothing';

  constructor(ws: WebSocket, socket: Socket, house: House) {
    super(socket, house);
    this.#ws = ws;
    house.enter(this);
    ws.on('message', (data, binary) => this.#message(data, binary));
    ws.on('ping', (payload: Buffer) => this.write(frame(0xa, payload)));
    ws.on('pong', () => this.#pong());
    ws.on('error', () => {}); // an oversized or broken frame; ws itself answers 1002, 1007 or 1009
    ws.on('close', () => this.#gone());
    this.arm();
  }

  /** The server is full. */
  turnAway(): void {
    this.house.tally.count(this.house.tally.refused, 'limit');
    this.#close(4429, retryReason(this.house.comeBackIn('limit')));
  }

  expectSubscription(): void {
    this.#await('subscription', DEFAULTS.subscribeWithinMs);
  }

  /** The subscription the URL asked for: where it fails, so does the connection. */
  follow(channel: string, after: string | null, onGap: 'continue' | 'fail'): void {
    this.#implied = channel;
    const failed = this.#try({ t: 'sub', ref: undefined, ch: channel, after, onGap });
    if (failed) this.#close(failed.status === 410 ? 4410 : 4400, failed.code);
  }

  hear(bytes: Buffer): void {
    if (this.ready()) this.write(bytes);
  }

  finished(follower: Follower): void {
    for (const [ch, subscription] of this.#subscriptions) {
      if (subscription.follower !== follower) continue;
      this.#unfollow(ch);
      this.#say({ t: 'end', ch, cursor: formatCursor(follower.epoch, follower.position) });
    }
    if (this.#subscriptions.size === 0) this.#close(1000, 'ended');
  }

  farewell(why: Farewell, retryMs: number | null): void {
    if (why !== 'age') this.house.note(this.socket, 'restart');
    this.#close(1012, retryReason(retryMs));
  }

  protected beat(): void {
    const { heartbeatMs } = this.house.settings;
    this.write(this.#beatFrame(heartbeatMs));
    this.write(PING);
    if (heartbeatMs !== null && this.#awaiting === 'nothing') {
      this.#await('pong', Math.min(DEFAULTS.pongCapMs, heartbeatMs));
    }
  }

  protected promise(): void {
    if (this.house.settings.heartbeatMs === null && this.#awaiting === 'pong') this.#pong();
    if (this.ready()) this.write(this.#beatFrame(this.house.settings.heartbeatMs));
  }

  override stall(): void {
    super.stall();
    this.#ws.pause(); // a peer that does not read is not listened to either, or its acks would pile up
  }

  protected resume(): void {
    this.#ws.resume();
    for (const { fanout, follower } of [...this.#subscriptions.values()]) fanout.pump(follower);
  }

  protected override overdue(): void {
    const late = this.#awaiting;
    this.#awaiting = 'nothing';
    if (late === 'subscription') this.#close(4408, 'no subscription within 10 s');
    else if (late === 'pong') {
      this.endBecause('pong-deadline', 'pong-deadline');
      this.drop();
    }
  }

  protected drop(): void {
    this.#gone();
    this.#ws.terminate();
  }

  #beatFrame(heartbeatMs: number | null): Buffer {
    const make = (): Buffer => {
      const newest: Record<string, string> = {};
      for (const [ch, { hub }] of this.#subscriptions) {
        const bounds = hub.log.bounds();
        newest[ch] = formatCursor(bounds.epoch, bounds.newest);
      }
      return json({ t: 'hb', newest, heartbeatMs });
    };
    const only = this.#subscriptions.size === 1 ? this.#subscriptions.values().next().value : undefined;
    return only ? only.hub.memo(`ws hb ${heartbeatMs}`, only.hub.log.bounds(), make) : make();
  }

  #message(data: RawData, binary: boolean): void {
    if (this.over) return;
    const raw = binary ? null : parseObject(String(data));
    if (raw === null) {
      this.#say({ t: 'err', status: 400, code: 'bad-message', message: 'A message is one JSON object, as text.' });
      return this.#close(4400, 'not a JSON object');
    }
    let message: ClientMessage;
    try {
      message = readMessage(raw, this.#implied);
    } catch (thrown) {
      this.#refuse(raw['ref'], thrown);
      return;
    }
    this.#try(message);
  }

  /** Carries a message out; what goes wrong is said on the wire, and returned. */
  #try(message: ClientMessage): { status: number; code: string } | null {
    try {
      this.#carryOut(message);
      return null;
    } catch (thrown) {
      return this.#refuse(message.ref, thrown);
    }
  }

  #carryOut(message: ClientMessage): void {
    const { ref, ch } = message;
    switch (message.t) {
      case 'sub':
        return this.#subscribe(message);
      case 'unsub':
        this.#unfollow(ch);
        return this.#say({ t: 'ok', ref, ch });
      case 'pub': {
        // without a key a ref is known on its own connection only: other clients count from 1 as well
        const key = message.key ?? (ref === undefined ? undefined : { connection: this.#id, ref });
        const { event, duplicate } = this.house.publish(ch, { type: message.type, data: message.data }, key);
        return this.#say({ t: 'ack', ref, cursor: event.cursor, duplicate });
      }
      case 'sig':
        return this.house.signal(ch, message.data, this);
      case 'presence':
        return this.#presence(message);
    }
  }

  #subscribe({ ref, ch, after, onGap }: ClientMessage & { t: 'sub' }): void {
    const { house } = this;
    const hub = house.hub(ch);
    const bounds = hub.log.bounds();
    const verdict = resolveCursor(after, bounds, 'now');
    if (verdict.verdict === 'malformed') {
      throw new Refusal(400, {
        code: 'malformed',
        place: 'after',
        message: `"${(after ?? '').slice(0, 64)}" is not a cursor.`,
        hint: 'Send back one you were given, or earliest or now.',
      });
    }
    if (verdict.verdict === 'gap') {
      house.tally.count(house.tally.gaps, verdict.gap.reason);
      if (onGap === 'fail') {
        throw new GapRefusal({ ...verdict.gap });
      }
    }
    this.#unfollow(ch);
    if (this.#subscriptions.size >= house.limits.subscriptions) {
      throw new Refusal(429, {
        code: 'limit',
        place: 'ch',
        message: 'This connection follows as many channels as it may.',
      });
    }
    if (this.#awaiting === 'subscription') this.#await('nothing');
    const at = (seq: number): string => formatCursor(bounds.epoch, seq);
    this.#say({
      t: 'ok',
      ref,
      ch,
      v: 1,
      epoch: bounds.epoch,
      cursor: at(verdict.after),
      floor: at(bounds.floor),
      newest: at(bounds.newest),
      resumed: parseCursor(after ?? '') !== null && verdict.verdict === 'ok',
      heartbeatMs: house.settings.heartbeatMs,
    });
    if (verdict.verdict === 'gap') this.write(FRAMES.gap(verdict.gap, ch));
    const fanout = hub.fanout(FRAMES);
    const follower = new Follower(this, bounds.epoch, verdict.after);
    this.#subscriptions.set(ch, { hub, fanout, follower });
    hub.ears.add(this);
    fanout.add(follower);
  }

  #unfollow(ch: string): void {
    const subscription = this.#subscriptions.get(ch);
    if (!subscription) return;
    subscription.fanout.remove(subscription.follower);
    subscription.hub.ears.delete(this);
    this.#subscriptions.delete(ch);
  }

  #presence(message: ClientMessage & { t: 'presence' }): void {
    const hub = this.house.hub(message.ch);
    if (message.what === 'here') {
      return this.#say({ t: 'presence', ref: message.ref, ch: message.ch, here: [...hub.present.keys()] });
    }
    let mine = this.#present.get(hub);
    if (!mine) this.#present.set(hub, (mine = new Set()));
    if (message.what === 'join') {
      if (mine.has(message.who)) return;
      if (mine.size >= 16) {
        throw new Refusal(429, {
          code: 'limit',
          place: 'join',
          message: 'This connection speaks for 16 people already.',
        });
      }
      mine.add(message.who);
      hub.arrive(message.who);
    } else if (mine.delete(message.who)) hub.depart(message.who);
  }

  #refuse(ref: unknown, thrown: unknown): { status: number; code: string } {
    const status = thrown instanceof GapRefusal ? 410 : statusOf(thrown);
    const { code, message, hint, place } = failureData(thrown);
    const gap = thrown instanceof GapRefusal ? thrown.gap : {};
    this.#say({ t: 'err', ref: isRef(ref) ? ref : undefined, status, code, message, hint, place, ...gap });
    return { status, code };
  }

  #say(message: object): void {
    this.write(json(message));
  }

  #await(what: 'nothing' | 'subscription' | 'pong', withinMs = Infinity): void {
    this.#awaiting = what;
    this.ownDeadline = this.house.clock.now() + withinMs;
    this.arm();
  }

  #pong(): void {
    if (this.#awaiting === 'pong') this.#await('nothing');
  }

  #close(code: number, reason: string): void {
    if (this.over) return;
    this.#gone();
    this.#ws.resume();
    this.#ws.close(code, reason);
    this.house.linger(this.socket);
  }

  #gone(): void {
    if (this.over) return;
    this.over = true;
    for (const ch of [...this.#subscriptions.keys()]) this.#unfollow(ch);
    for (const [hub, names] of this.#present) for (const who of names) hub.depart(who);
    this.#present.clear();
    this.house.alarms.clear(this);
    this.house.leave(this);
  }

  /** No other connection of this server has or had it. */
  readonly #id = ++born;
}

let born = 0;

/** `onGap: fail`: the gap as an error. */
class GapRefusal extends Refusal {
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

const retryReason = (retryMs: number | null): string =>
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
