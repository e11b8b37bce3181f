import type { Clock } from '../../shared/clock.ts';
import { Failure } from '../../shared/failure.ts';
import type { EventBroker } from './broker/event-broker.ts';
import type { DrainReason } from './broker/session.ts';
import type { Listener } from './http/listener.ts';

/** How long clients have to read the close. */
const DRAIN_MS = 3000;
/** A round trip of a slow path; and, where time is scaled, of a real one. */
const DRAIN_GRACE_MS = 250;
const REAL_DRAIN_GRACE_MS = 20;
const REOPEN_ATTEMPTS = 20;
const REOPEN_INTERVAL_MS = 100;

/** How a server's port opens, drains, is killed and opens again. These do not overlap: each waits for the one before. */
export class Lifecycle {
  readonly #broker: EventBroker;
  readonly #listener: Listener;
  readonly #clock: Clock;
  #closed = false;
  #previous: Promise<unknown> = Promise.resolve();
  #reopened: Promise<void> = Promise.resolve();
  /** The wait of a killed server. */
  #outage = new AbortController();

  constructor(broker: EventBroker, listener: Listener) {
    this.#broker = broker;
    this.#listener = listener;
    this.#clock = broker.clock;
  }

  restart(): Promise<void> {
    this.#outage.abort();
    return this.#enqueue(async () => {
      await this.#drain('restart');
      await this.#reopen();
    });
  }

  kill(downMs: number): Promise<void> {
    this.#outage.abort();
    const outage = new AbortController();
    this.#outage = outage;
    const { connections } = this.#broker;
    return this.#enqueue(async () => {
      // first: closing the port would end idle connections politely
      for (const socket of connections.list()) {
        this.#broker.recordEnd(socket, 'kill');
        socket.resetAndDestroy();
      }
      this.#listener.stop();
      await connections.whenEmpty();
      this.#reopened = this.#enqueue(async () => {
        await this.#clock.sleep(downMs, outage.signal).catch(() => {});
        if (!outage.signal.aborted) await this.#reopen(); // else the call that cut it short decides
      });
      this.#reopened.catch(() => {}); // reported by whenUp
    });
  }

  whenUp(): Promise<void> {
    return this.#reopened;
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#outage.abort();
    return this.#enqueue(async () => {
      await this.#drain('shutdown');
      this.#broker.close();
    });
  }

  async #drain(reason: DrainReason): Promise<void> {
    const { connections } = this.#broker;
    this.#broker.draining = reason;
    for (const socket of connections.list()) this.#broker.recordCause(socket, 'restart');
    this.#broker.drainAll(reason);
    if (reason === 'restart') await this.#drainGracePeriod();
    this.#listener.stop();
    this.#destroyUnused();
    const cancel = this.#clock.after(DRAIN_MS, () => {
      for (const socket of connections.list()) socket.destroy();
    });
    await connections.whenEmpty();
    cancel();
    this.#broker.draining = null;
  }

  /** Requests in flight and new ones still get a response with retry advice instead of a refused connection. */
  async #drainGracePeriod(): Promise<void> {
    this.#destroyUnused();
    const graceOver = new AbortController();
    const grace = Math.max(DRAIN_GRACE_MS, REAL_DRAIN_GRACE_MS * this.#clock.scale);
    await Promise.race([
      this.#broker.connections.whenEmpty(),
      this.#clock.sleep(grace, graceOver.signal).catch(() => {}),
    ]);
    graceOver.abort();
  }

  /** Connections opened in advance, as browsers do, and never used: Node does not count them as idle. */
  #destroyUnused(): void {
    for (const socket of this.#broker.connections.list()) if (socket.bytesRead === 0) socket.destroy();
  }

  /** The port was ours a moment ago; somebody else's short-lived connection may sit on it. */
  async #reopen(): Promise<void> {
    for (let attempt = 1; !this.#closed; attempt++) {
      try {
        return await this.#listener.open();
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'port-in-use' || attempt >= REOPEN_ATTEMPTS) throw error;
        await this.#clock.sleep(REOPEN_INTERVAL_MS * this.#clock.scale);
      }
    }
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#previous.then(work, work);
    this.#previous = result.catch(() => {});
    return result;
  }
}
