import type { Connect } from '../../client/connection/signal.ts';
import type { ServerTransport } from '../../server/http/serve-context.ts';

/** One method, both halves: the server's answers requests and upgrades of one channel, the client's makes one connection. */
export interface Transport extends ServerTransport {
  connect: Connect;
}
