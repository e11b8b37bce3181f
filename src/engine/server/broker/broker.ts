import type { Socket } from 'node:net';
import type { Cause } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Random } from '../../../shared/random.ts';
import type { Append, Receipt } from '../../log/event-log.ts';
import type { DeadlineQueue } from './deadlines.ts';
import type { DrainReason, Session } from './session.ts';
import type { Subscriber, Channel } from './channel.ts';
import type { Counters } from './counters.ts';

export type Advice = 'auto' | 'off' | number;

/** The operator's settings; they may change while connections live. Milliseconds and bytes. */
export interface ServerSettings {
  heartbeatMs: number | null;
  holdMs: number;
  /** Set when a person moves the heartbeat switch: no poll is held longer than this. */
  holdCapMs: number | null;
  maxAgeMs: number;
  /**
   * Reconnect advice to the clients of a draining server, spread so that they do not all come at once: `auto` by their
   * count, a number over so many milliseconds, `off` gives none.
   */
  advice: Advice;
  /** `off`, `*`, or the one origin whose pages may read and publish. */
  cors: string;
}

/** Hard limits of one server. */
export interface ServerLimits {
  /** Open connections; further ones are answered 429. */
  connections: number;
  /** Channels with events, subscribers or members; one that is unused is evicted for another. */
  channels: number;
  /** Bytes of a published body. */
  publishBody: number;
  /** Bytes of a WebSocket message, and frames it may be cut into. */
  wsPayload: number;
  wsFragments: number;
  /** Channels one WebSocket may follow. */
  subscriptions: number;
  /** How long a client may read nothing before its connection is closed. Milliseconds. */
  slowConsumerMs: number;
}

/** What is published, and whether it is a state that will not change soon (pollers may then slow down). */
export type Publication = Append;

/** What a publisher calls its event: a key known to all, or a number known on one connection only. */
export type PublishKey = string | { connection: number; ref: string | number };

export interface Published {
  event: Receipt;
  duplicate: boolean;
}

/** What all sessions and requests of one server share. */
export interface Broker {
  readonly clock: Clock;
  readonly random: Random;
  /** The address listened on. */
  readonly address: string;
  readonly settings: Readonly<ServerSettings>;
  readonly limits: Readonly<ServerLimits>;
  /** The `retry:` of a stream in normal operation. */
  readonly retryMs: number;
  readonly deadlines: DeadlineQueue;
  readonly counters: Counters;
  /** Why all sessions are being ended; null while they are not. */
  readonly draining: DrainReason | null;
  /** @throws Failure `bad-channel`, `too-many-channels` */
  channel(name: string): Channel;
  /** A promise where the log is shared with other processes. @throws Failure */
  publish(channelName: string, draft: Publication, key?: PublishKey): Published | Promise<Published>;
  /** Sends to all WebSocket subscribers of the channel but `from`. Never logged. */
  signal(channelName: string, data: unknown, from: Subscriber | null): void;
  addSession(session: Session): void;
  removeSession(session: Session): void;
  /** Whether this connection has reached its maximum age. */
  isPastMaxAge(socket: Socket): boolean;
  /** When a connection opened now reaches its maximum age; ±10 %, so that they do not all end at once. */
  ageDeadline(): number;
  /** Records, before it happens, that the server itself ends this connection. */
  recordCause(socket: Socket, cause: Cause): void;
  /** The same, and counts it by that cause. */
  recordEnd(socket: Socket, cause: Cause): void;
  /** Closes a connection after what was written has been sent, or after a timeout. */
  linger(socket: Socket): void;
  /** Retry advice for a client that is refused by a full or draining server, jittered; null: none is given. */
  retryDelay(reason: DrainReason): number | null;
}
