import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Method } from '../../../shared/catalog.ts';
import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import type { ChannelRequest } from '../../server/http/request.ts';
import type { ServeContext } from '../../server/broker/broker.ts';

/**
 * One method, both halves. The server half answers requests and upgrades of one channel; the client half is one
 * connection (for a poller: one unbroken series of polls) as a stream of signals that ends with an `ended`.
 */
export interface Transport {
  method: Method;
  /** Whether a plain HTTP request on a channel asks for this method. Of several, the last one listed serves it. */
  claims?(request: ChannelRequest): boolean;
  serve?(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void;
  upgrade?(req: IncomingMessage, socket: Duplex, head: Buffer, ctx: ServeContext): void;
  connect(ctx: ConnectContext): AsyncIterable<Signal>;
}
