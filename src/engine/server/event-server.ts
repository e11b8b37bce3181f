import type { ServerView } from '../../shared/api.ts';
import type { Method } from '../../shared/catalog.ts';
import type { Cancel } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { ServerFact } from '../../shared/observation.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import type { ChannelLog } from '../log/event-log.ts';
import type { Publication, Published, ServerSettings } from './broker/broker.ts';
import { Connections } from './broker/connections.ts';
import { EventBroker, type BrokerOptions } from './broker/event-broker.ts';
import { Listener } from './http/listener.ts';
import { normalizeCors } from './http/origin.ts';
import { router } from './http/router.ts';
import type { ServerTransport } from './http/serve-context.ts';
import { Lifecycle } from './lifecycle.ts';
import { serverCounters, serverView } from './server-view.ts';

export type { Publication, Published, ServerSettings };

export interface EventServerOptions extends BrokerOptions {
  transports: Readonly<Record<Method, ServerTransport>>;
  /** 0 is any free one; it is then kept over restarts. */
  port: number;
}

/**
 * The embedded event server: one log, four transports, one port. It does not own the log; whoever opened it closes it.
 * All times are engine milliseconds.
 */
export class EventServer {
  readonly #broker: EventBroker;
  readonly #listener: Listener;
  readonly #lifecycle: Lifecycle;
  #opened = false;

  /** @throws Failure `bad-origin` */
  constructor(options: EventServerOptions) {
    const settings = { ...options.settings, cors: normalizeCors(options.settings.cors) };
    const connections = new Connections(options.clock);
    this.#broker = new EventBroker({ ...options, settings }, connections);
    connections.limit = this.#broker.limits.connections;
    const handlers = router(this.#broker, options.transports);
    this.#listener = new Listener(options.host, options.port, connections, options.clock.scale, handlers);
    this.#lifecycle = new Lifecycle(this.#broker, this.#listener);
  }

  /** @throws Failure `port-in-use`, `cannot-listen` (exit 3) */
  async listen(): Promise<{ url: string; port: number }> {
    await this.#listener.open();
    this.#opened = true;
    return { url: this.#listener.url, port: this.#listener.port };
  }

  /** Where it is, or will be again after a restart; null before the first `listen`. */
  get url(): string | null {
    return this.#opened ? this.#listener.url : null;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Whether it takes connections right now. */
  get running(): boolean {
    return this.#listener.listening;
  }

  get settings(): Readonly<ServerSettings> {
    return this.#broker.settings;
  }

  /** Takes hold on connections that live. @throws Failure `bad-origin` */
  set(change: Partial<ServerSettings>): void {
    this.#broker.set(change.cors === undefined ? change : { ...change, cors: normalizeCors(change.cors) });
  }

  /** @throws Failure `bad-channel`, `bad-type`, `bad-data`, `channel-ended`; a shared log rejects with `log-…` too */
  publish(channel: string, draft: Publication, key?: string): Published | Promise<Published> {
    return this.#broker.publish(channel, draft, key);
  }

  /** Nothing will follow on this channel. */
  end(channel: string): void | Promise<void> {
    return this.#broker.channel(channel).log.end();
  }

  /** Called for each event, however it was published. */
  onPublish(listener: (event: LogEvent, channel: string) => void): Cancel {
    return this.#broker.onPublish(listener);
  }

  /** An ephemeral message to all WebSocket subscribers; never logged. */
  signal(channel: string, data: unknown): void {
    this.#broker.signal(channel, data, null);
  }

  /** Called for each signal a client sends. */
  onSignal(listener: (data: unknown, channel: string) => void): Cancel {
    return this.#broker.onSignal(listener);
  }

  /** The channel's log, for reading. @throws Failure `bad-channel` */
  log(channel: string): ChannelLog {
    return this.#broker.channel(channel).log;
  }

  counters(channel: string = DEFAULTS.channel): Omit<ServerFact, 'type'> {
    return serverCounters(this.#broker, this.log(channel));
  }

  view(channel: string): ServerView {
    return serverView(this.#broker, this.log(channel));
  }

  /** Drains: every session is closed as its protocol does, and the same port opens again. The log is kept. */
  restart(): Promise<void> {
    return this.#lifecycle.restart();
  }

  /**
   * Every connection is reset and the port is closed; resolves then. After `downMs` it opens again: see `whenUp`.
   * Another kill, a restart or a close meanwhile cuts that short and takes its place.
   */
  kill(downMs: number): Promise<void> {
    return this.#lifecycle.kill(downMs);
  }

  /** Resolves when a killed server listens again. @throws Failure when its port was taken meanwhile */
  whenUp(): Promise<void> {
    return this.#lifecycle.whenUp();
  }

  /** Loses the log: a new epoch, seq from 1. Open sessions get a gap. */
  loseLog(): void | Promise<void> {
    return this.#broker.loseLog();
  }

  /** From now on its health says that it leaves, so that a load balancer sends it nobody new. Clients are not told yet. */
  announceLeaving(): void {
    this.#broker.leaving = true;
  }

  /** Drains, and does not come back. */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }
}
