import type { Socket } from 'node:net';
import type { Cause } from '../../shared/catalog.ts';
import type { Outlet, Follower } from '../wire/fanout.ts';
import { backlog } from './backlog.ts';
import { Guest, type Farewell } from './guest.ts';
import type { House } from './serve-context.ts';

/**
 * What a stream and a WebSocket share: a raw socket that is written to, a beat, an age, and the patience the server
 * has with a reader that takes nothing. One alarm serves all three.
 */
export abstract class Stayer extends Guest implements Outlet {
  readonly socket: Socket;
  protected readonly house: House;
  protected stalled = false;
  /** It has said goodbye, or its connection is gone. */
  protected over = false;
  #beatAt = Infinity;
  #lastBeatAt: number;
  #ageAt: number;
  #stallAt = Infinity;
  /** A deadline of the method's own. */
  protected ownDeadline = Infinity;
  #backlog = 0;

  constructor(socket: Socket, house: House) {
    super();
    this.socket = socket;
    this.house = house;
    this.#lastBeatAt = house.clock.now();
    this.#ageAt = house.ageLimit();
  }

  /** Sends a heartbeat; not called while stalled. */
  protected abstract beat(): void;
  /** Reads on after a stall. */
  protected abstract resume(): void;
  /** The heartbeat's promise changed: says so to the other end. */
  protected abstract promise(): void;
  /** Ends without a word: the other end would not hear it. */
  protected abstract drop(): void;
  /** Called when `ownDeadline` has passed; it is Infinity again by then. */
  protected overdue(): void {}
  abstract finished(follower: Follower): void;

  ready(): boolean {
    return !this.stalled && !this.over && this.socket.writable;
  }

  /** Writes, and stalls when the socket is full. */
  protected write(bytes: Buffer | string): void {
    if (!this.socket.writable) return;
    if (!this.socket.write(bytes) && !this.stalled) this.stall();
  }

  stall(): void {
    this.stalled = true;
    this.#backlog = backlog(this.socket);
    this.#stallAt = this.house.clock.now() + this.house.limits.slowConsumerMs;
    this.arm();
    this.socket.once('drain', () => {
      this.stalled = false;
      if (this.over) return;
      this.#stallAt = Infinity;
      this.arm();
      this.resume();
    });
  }

  arm(): void {
    if (this.over) return;
    const every = this.house.settings.heartbeatMs;
    this.#beatAt = every === null ? Infinity : this.#lastBeatAt + Math.max(every, 10);
    this.house.alarms.set(this, Math.min(this.#beatAt, this.#ageAt, this.#stallAt, this.ownDeadline));
  }

  settingsChanged(): void {
    this.arm();
    this.promise();
  }

  ring(now: number): void {
    if (now >= this.#stallAt) {
      const left = backlog(this.socket);
      if (left >= this.#backlog) return this.#tooSlow();
      this.#backlog = left;
      this.#stallAt = now + this.house.limits.slowConsumerMs;
    }
    if (now >= this.ownDeadline) {
      this.ownDeadline = Infinity;
      this.overdue();
      if (this.over) return;
    }
    if (now >= this.#ageAt) {
      this.#ageAt = Infinity;
      this.house.tally.count(this.house.tally.ended, 'age');
      return this.farewell('age', this.house.retryMs * this.house.random.next());
    }
    if (now >= this.#beatAt) {
      this.#lastBeatAt = now;
      if (this.ready()) this.beat();
    }
    this.arm();
  }

  /** Ends on the server's own account: counted, and noted for whoever asks why. */
  protected endBecause(reason: string, cause: Cause): void {
    this.house.tally.count(this.house.tally.ended, reason);
    this.house.note(this.socket, cause);
  }

  #tooSlow(): void {
    this.endBecause('slow-consumer', 'slow-consumer');
    this.drop();
  }

  abstract override farewell(why: Farewell, retryMs: number | null): void;
}
