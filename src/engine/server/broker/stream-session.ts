import type { Socket } from 'node:net';
import type { Cause } from '../../../shared/catalog.ts';
import type { EventSink, Follower } from '../../wire/fanout.ts';
import { backlog } from './backlog.ts';
import { Session, type DrainReason } from './session.ts';
import type { Broker } from './broker.ts';

/**
 * What a stream and a WebSocket share: a raw socket that is written to, a heartbeat, a maximum age, and the limit for
 * a slow consumer. One deadline, the nearest, serves all three.
 */
export abstract class StreamSession extends Session implements EventSink {
  readonly socket: Socket;
  protected readonly broker: Broker;
  protected stalled = false;
  /** The close has been sent, or the connection is gone. */
  protected closed = false;
  #heartbeatAt = Infinity;
  #lastHeartbeatAt: number;
  #expiresAt: number;
  #stallAt = Infinity;
  /** A deadline of the protocol, such as that of a pong. */
  protected protocolDeadline = Infinity;
  #backlog = 0;

  constructor(socket: Socket, broker: Broker) {
    super();
    this.socket = socket;
    this.broker = broker;
    this.#lastHeartbeatAt = broker.clock.now();
    this.#expiresAt = broker.ageDeadline();
  }

  /** Sends a heartbeat; not called while stalled. */
  protected abstract sendHeartbeat(): void;
  /** Reads on after a stall. */
  protected abstract resume(): void;
  /** The heartbeat period changed: tells the client. */
  protected abstract announceHeartbeat(): void;
  /** Ends without a close: the client does not read. */
  protected abstract terminate(): void;
  /** Called when `ownDeadline` has passed; it is Infinity again by then. */
  protected onProtocolDeadline(): void {}
  abstract finished(follower: Follower): void;

  ready(): boolean {
    return !this.stalled && !this.closed && this.socket.writable;
  }

  /** Writes, and stalls when the socket is full. */
  protected write(bytes: Buffer | string): void {
    if (!this.socket.writable) return;
    if (!this.socket.write(bytes) && !this.stalled) this.stall();
  }

  stall(): void {
    this.stalled = true;
    this.#backlog = backlog(this.socket);
    this.#stallAt = this.broker.clock.now() + this.broker.limits.slowConsumerMs;
    this.armDeadline();
    this.socket.once('drain', () => {
      this.stalled = false;
      if (this.closed) return;
      this.#stallAt = Infinity;
      this.armDeadline();
      this.resume();
    });
  }

  armDeadline(): void {
    if (this.closed) return;
    const periodMs = this.broker.settings.heartbeatMs;
    this.#heartbeatAt = periodMs === null ? Infinity : this.#lastHeartbeatAt + Math.max(periodMs, 10);
    this.broker.deadlines.set(this, Math.min(this.#heartbeatAt, this.#expiresAt, this.#stallAt, this.protocolDeadline));
  }

  settingsChanged(): void {
    this.armDeadline();
    this.announceHeartbeat();
  }

  onDeadline(now: number): void {
    if (now >= this.#stallAt) {
      const unsent = backlog(this.socket);
      if (unsent >= this.#backlog) return this.#endSlowConsumer();
      this.#backlog = unsent;
      this.#stallAt = now + this.broker.limits.slowConsumerMs;
    }
    if (now >= this.protocolDeadline) {
      this.protocolDeadline = Infinity;
      this.onProtocolDeadline();
      if (this.closed) return;
    }
    if (now >= this.#expiresAt) {
      this.#expiresAt = Infinity;
      this.broker.counters.increment(this.broker.counters.ended, 'age');
      return this.drain('age', this.broker.retryMs * this.broker.random.next());
    }
    if (now >= this.#heartbeatAt) {
      this.#lastHeartbeatAt = now;
      if (this.ready()) this.sendHeartbeat();
    }
    this.armDeadline();
  }

  /** The server itself ends the connection: counted, and recorded as its cause. */
  protected recordEnd(reason: string, cause: Cause): void {
    this.broker.counters.increment(this.broker.counters.ended, reason);
    this.broker.recordCause(this.socket, cause);
  }

  #endSlowConsumer(): void {
    this.recordEnd('slow-consumer', 'slow-consumer');
    this.terminate();
  }

  abstract override drain(reason: DrainReason, retryMs: number | null): void;
}
