import type { Socket } from 'node:net';
import type { Cause } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import type { LogEvent } from '../../shared/events.ts';
import type { Random } from '../../shared/random.ts';
import type { ChannelLog } from '../log/event-log.ts';
import type { Alarms } from './alarms.ts';
import type { Ask } from './ask.ts';
import type { Farewell, Guest } from './guest.ts';
import type { Ear, Hub } from './hub.ts';
import type { Tally } from './tally.ts';
import type { Turns } from './turns.ts';

export type Advice = 'auto' | 'off' | number;

/** The operator's settings; they may change while connections live. Milliseconds and bytes. */
export interface ServerSettings {
  heartbeatMs: number | null;
  holdMs: number;
  /** Set when a person moves the heartbeat switch: no poll is held longer than this. */
  holdCapMs: number | null;
  maxAgeMs: number;
  /**
   * Whom the server lets go it tells when to come back, each another moment: `auto` spreads them by how many they are,
   * a number over so many milliseconds. `off` tells nobody anything.
   */
  advice: Advice;
  /** `off`, `*`, or the one origin whose pages may read and publish. */
  cors: string;
}

/** What one server gives out, whatever people ask. */
export interface ServerLimits {
  /** Open connections; whoever comes later is told that the server is full. */
  connections: number;
  /** Channels with events, followers or people in them; one that was only asked for makes room for another. */
  channels: number;
  /** Bytes of a published body. */
  publishBody: number;
  /** Bytes of a WebSocket message, and frames it may be cut into. */
  wsPayload: number;
  wsFragments: number;
  /** Channels one WebSocket may follow. */
  subscriptions: number;
  /** How long a reader may take nothing before it is let go. Milliseconds. */
  slowConsumerMs: number;
}

/** What is published, and whether it is a state that will not change soon (pollers may then slow down). */
export interface Publication {
  type: string;
  data: string;
  terminal?: boolean;
}

/** What a publisher calls its event: a key known to all, or a number known on one connection only. */
export type PublishKey = string | { connection: number; ref: string | number };

/** What a publisher is told of its event. */
export type Receipt = Pick<LogEvent, 'cursor' | 'seq' | 'type' | 'time'>;

export interface Published {
  event: Receipt;
  duplicate: boolean;
}

/** What all requests of one server share. */
export interface House {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Readonly<ServerSettings>;
  readonly limits: Readonly<ServerLimits>;
  /** What `retry:` says on a good day. */
  readonly retryMs: number;
  readonly alarms: Alarms;
  readonly tally: Tally;
  readonly turns: Turns;
  /** Why everyone is being sent away right now; null while nobody is. */
  readonly leaving: Farewell | null;
  /** @throws Failure `bad-channel`, `too-many-channels` */
  hub(channel: string): Hub;
  publish(channel: string, draft: Publication, key?: PublishKey): Published;
  /** Tells everyone who follows the channel by WebSocket, but `from`. Never logged. */
  signal(channel: string, data: unknown, from: Ear | null): void;
  enter(guest: Guest): void;
  leave(guest: Guest): void;
  /** A connection opened earlier than this has reached its age. */
  tooOld(socket: Socket): boolean;
  /** When a connection that opens now has to go; ±10 % so that they do not all go at once. */
  ageLimit(): number;
  /** Says, before it is done, that the server itself ends this connection. */
  note(socket: Socket, cause: Cause): void;
  /** Ends a connection once it has taken what was written, or when it does not. */
  linger(socket: Socket): void;
  /** When someone who was turned away should try again: some time after the usual, and not all at once. */
  /** When to ask again, for whoever comes while there is no room, or nobody in; null: nothing is said of it. */
  comeBackIn(reason: Farewell): number | null;
  /** Whether a Host, as a request names it, is one of this server's own names. */
  ownName(host: string | undefined): boolean;
  /** Sent with every answer over HTTP. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a server half is given for one request on one channel. */
export interface ServeContext {
  channel: ChannelLog;
  settings: Readonly<ServerSettings>;
  clock: Clock;
  random: Random;
  /** The channel's live side: who follows it, who waits for it. */
  hub: Hub;
  house: House;
  /** What was asked for, taken apart. */
  ask: Ask;
  /** The server is at its limit, and this connection came too late. */
  full: boolean;
}
