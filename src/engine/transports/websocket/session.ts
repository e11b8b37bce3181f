import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { formatCursor } from '../../../shared/protocol/cursor.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Broker } from '../../server/broker/broker.ts';
import type { DrainReason, Session } from '../../server/broker/session.ts';
import { SessionTimer, type TimedSession } from '../../server/broker/session-timer.ts';
import { StreamWriter, type WritingSession } from '../../server/broker/stream-writer.ts';
import type { Follower } from '../../wire/fanout.ts';
import { parseJsonObject } from '../../wire/json.ts';
import { frame, PING } from '../../wire/ws-encode.ts';
import { MessageHandler, type MessageConnection, type Refused } from './message-handler.ts';
import { json } from './server-messages.ts';

/** One WebSocket of `events.v1`, from its handshake to its close. */
export class WebSocketSession implements Session, MessageConnection, WritingSession, TimedSession {
  readonly kind = 'socket';
  readonly writer: StreamWriter;
  readonly #ws: WebSocket;
  readonly #broker: Broker;
  readonly #timer: SessionTimer;
  readonly #messages: MessageHandler;
  #busy = false;
  #awaiting: 'nothing' | 'subscription' | 'pong' = 'nothing';

  constructor(ws: WebSocket, socket: Socket, broker: Broker) {
    this.#ws = ws;
    this.#broker = broker;
    this.writer = new StreamWriter(socket, this, broker);
    this.#timer = new SessionTimer(this, broker);
    this.#messages = new MessageHandler(broker, this);
    broker.addSession(this);
    ws.on('message', (data, binary) => this.#message(data, binary));
    ws.on('ping', (payload: Buffer) => this.writer.write(frame(0xa, payload)));
    ws.on('pong', () => this.#pong());
    ws.on('error', () => {}); // an oversized or broken frame; ws itself answers 1002, 1007 or 1009
    ws.on('close', () => this.#detach());
    this.#timer.start();
  }

  /** The server is full. */
  refuseOverLimit(): void {
    this.#broker.counters.increment(this.#broker.counters.refused, 'limit');
    this.#close(4429, closeReason(this.#broker.retryDelay('limit')));
  }

  expectSubscription(): void {
    this.#expectWithin('subscription', DEFAULTS.subscribeWithinMs);
  }

  /** The subscription the URL asked for: where it fails, so does the connection. */
  subscribeTo(channelName: string, after: string | null, onGap: 'continue' | 'fail'): void {
    this.#messages.urlChannel = channelName;
    const failed = this.#messages.handle({ t: 'sub', ref: undefined, ch: channelName, after, onGap });
    if (failed instanceof Promise) void failed.then((refused) => this.#refused(refused));
    else this.#refused(failed);
  }

  #refused(refused: Refused | null): void {
    if (refused === null) return;
    if (refused.status === 503) this.#close(1012, closeReason(this.#broker.retryDelay('restart')));
    else this.#close(refused.status === 410 ? 4410 : 4400, refused.code);
  }

  subscribed(): void {
    if (this.#awaiting === 'subscription') this.#expectNothing();
  }

  deliver(bytes: Buffer): void {
    if (this.writer.ready()) this.writer.write(bytes);
  }

  finished(follower: Follower): void {
    const { subscriptions } = this.#messages;
    const ch = subscriptions.nameOf(follower);
    if (ch !== null) {
      subscriptions.remove(ch);
      this.#messages.send({ t: 'end', ch, cursor: formatCursor(follower.epoch, follower.position) });
    }
    if (subscriptions.size === 0) this.#close(1000, 'ended');
  }

  drain(reason: DrainReason, retryMs: number | null): void {
    if (reason !== 'age') this.#broker.recordCause(this.writer.socket, 'restart');
    this.#close(1012, closeReason(retryMs));
  }

  settingsChanged(): void {
    const { heartbeatMs } = this.#broker.settings;
    this.#timer.start();
    if (heartbeatMs === null) this.#pong();
    this.deliver(this.#heartbeatFrame(heartbeatMs));
  }

  heartbeatDue(): void {
    if (!this.writer.ready()) return;
    const { heartbeatMs } = this.#broker.settings;
    this.writer.write(this.#heartbeatFrame(heartbeatMs));
    this.writer.write(PING);
    if (heartbeatMs !== null && this.#awaiting === 'nothing') {
      this.#expectWithin('pong', Math.min(DEFAULTS.pongCapMs, heartbeatMs));
    }
  }

  expectationMissed(): void {
    const missed = this.#awaiting;
    this.#awaiting = 'nothing';
    if (missed === 'subscription') this.#close(4408, 'no subscription within 10 s');
    else if (missed === 'pong') {
      this.#broker.recordEnd(this.writer.socket, 'pong-deadline');
      this.terminate();
    }
  }

  busy(busy: boolean): void {
    this.#busy = busy;
    this.#readOrPause();
  }

  stalled(): void {
    this.#readOrPause(); // nothing is read from a client that does not read, or its acks would pile up
  }

  drained(): void {
    this.#readOrPause();
    this.#messages.subscriptions.resume();
  }

  #readOrPause(): void {
    if (this.writer.closed) return;
    if (this.#busy || !this.writer.ready()) this.#ws.pause();
    else this.#ws.resume();
  }

  terminate(): void {
    this.#detach();
    this.#ws.terminate();
  }

  #heartbeatFrame(heartbeatMs: number | null): Buffer {
    const { subscriptions } = this.#messages;
    const build = (): Buffer => json({ t: 'hb', newest: subscriptions.newest(), heartbeatMs });
    const { only } = subscriptions;
    return only ? only.cached(`ws hb ${heartbeatMs}`, only.log.bounds(), build) : build();
  }

  #message(data: RawData, binary: boolean): void {
    if (this.writer.closed) return;
    // cast: the binaryType is nodebuffer
    const raw = binary ? null : parseJsonObject((data as Buffer).toString());
    if (raw === null) {
      const message = 'A message is one JSON object, as text.';
      this.#messages.send({ t: 'err', status: 400, code: 'bad-message', message });
      return this.#close(4400, 'not a JSON object');
    }
    this.#messages.receive(raw);
  }

  #expectWithin(what: 'subscription' | 'pong', withinMs: number): void {
    this.#awaiting = what;
    this.#timer.expectWithin(withinMs);
  }

  #expectNothing(): void {
    this.#awaiting = 'nothing';
    this.#timer.expectWithin(Infinity);
  }

  #pong(): void {
    if (this.#awaiting === 'pong') this.#expectNothing();
  }

  #close(code: number, reason: string): void {
    if (this.writer.closed) return;
    this.#detach();
    this.#ws.resume();
    this.#ws.close(code, reason);
    this.#broker.linger(this.writer.socket);
  }

  #detach(): void {
    if (this.writer.closed) return;
    this.writer.close();
    this.#timer.stop();
    this.#messages.subscriptions.clear();
    this.#messages.memberships.leaveAll();
    this.#broker.removeSession(this);
  }
}

const closeReason = (retryMs: number | null): string =>
  retryMs === null ? '' : JSON.stringify({ retryMs: Math.round(retryMs) });
