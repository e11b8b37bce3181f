import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Method } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Failure } from '../../../shared/failure.ts';
import type { Random } from '../../../shared/random.ts';
import type { ChannelLog } from '../../log/event-log.ts';
import type { Broker, ServerSettings } from '../broker/broker.ts';
import type { Channel } from '../broker/channel.ts';
import type { RequestPipelines } from './pipelining.ts';
import type { ChannelRequest } from './request.ts';

/** What a server half is given for one request on one channel. */
export interface ServeContext {
  log: ChannelLog;
  settings: Readonly<ServerSettings>;
  clock: Clock;
  random: Random;
  /** The channel's live side: subscribers and held polls. */
  channel: Channel;
  broker: Broker;
  /** The parsed request. */
  request: ChannelRequest;
  /** The connection is beyond the limit of the server. */
  overLimit: boolean;
  /** Why a shared log cannot say what it holds: nothing may be said of the cursor then. */
  unavailable: Failure | null;
  pipelines: RequestPipelines;
}

/** How one method is served. */
export interface ServerTransport {
  method: Method;
  /** Whether a plain HTTP request on a channel asks for this method. Of several, the last one listed serves it. */
  claims?(request: ChannelRequest): boolean;
  serve?(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void;
  /** An upgrade on a channel. */
  upgrade?(req: IncomingMessage, socket: Socket, head: Buffer, ctx: ServeContext): void;
  /** An upgrade on `/ws`: one connection for several channels. */
  upgradeMultiplexed?(req: IncomingMessage, socket: Socket, head: Buffer, broker: Broker, overLimit: boolean): void;
}
