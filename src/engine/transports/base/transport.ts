import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import type { ServerTransport } from '../../server/http/serve-context.ts';

/**
 * One method, both halves. The server half answers requests and upgrades of one channel; the client half is one
 * connection (for a poller: one unbroken series of polls) as a stream of signals that ends with an `ended`.
 */
export interface Transport extends ServerTransport {
  connect(ctx: ConnectContext): AsyncIterable<Signal>;
}
