import { Deadline } from './deadlines.ts';
import type { Broker } from './broker.ts';
import type { DrainReason } from './session.ts';

/** The session a timer runs for. */
export interface TimedSession {
  /** The heartbeat is due. */
  heartbeatDue(): void;
  /** What the protocol expected until `expectUntil` has not come. */
  expectationMissed?(): void;
  drain(reason: DrainReason, retryMs: number | null): void;
}

/**
 * The times of a stream or WebSocket: its heartbeat, its maximum age, and what its protocol waits for, such as a pong.
 * One deadline, the nearest, serves all three.
 */
export class SessionTimer {
  readonly #session: TimedSession;
  readonly #broker: Broker;
  readonly #deadline = new Deadline(this);
  #lastHeartbeatAt: number;
  #expiresAt: number;
  #expectedAt = Infinity;
  #stopped = false;

  constructor(session: TimedSession, broker: Broker) {
    this.#session = session;
    this.#broker = broker;
    this.#lastHeartbeatAt = broker.clock.now();
    this.#expiresAt = broker.ageDeadline();
  }

  /** Starts, or takes hold of a changed heartbeat period. */
  start(): void {
    if (this.#stopped) return;
    this.#broker.deadlines.set(this.#deadline, Math.min(this.#heartbeatAt, this.#expiresAt, this.#expectedAt));
  }

  /** For good. */
  stop(): void {
    this.#stopped = true;
    this.#broker.deadlines.clear(this.#deadline);
  }

  /** Something of the protocol has to come within so many ms; Infinity: no longer. */
  expectWithin(ms: number): void {
    this.#expectedAt = this.#broker.clock.now() + ms;
    this.start();
  }

  onDeadline(now: number): void {
    if (now >= this.#expectedAt) {
      this.#expectedAt = Infinity;
      this.#session.expectationMissed?.();
    }
    if (now >= this.#expiresAt && !this.#stopped) {
      const { counters, retryMs, random } = this.#broker;
      this.#expiresAt = Infinity;
      counters.increment(counters.ended, 'age');
      return this.#session.drain('age', retryMs * random.next());
    }
    if (now >= this.#heartbeatAt && !this.#stopped) {
      this.#lastHeartbeatAt = now;
      this.#session.heartbeatDue();
    }
    this.start();
  }

  get #heartbeatAt(): number {
    const { heartbeatMs } = this.#broker.settings;
    return heartbeatMs === null ? Infinity : this.#lastHeartbeatAt + Math.max(heartbeatMs, 10);
  }
}
