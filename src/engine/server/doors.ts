import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Method } from '../../shared/catalog.ts';
import { serve as longPolling } from '../transports/long-polling/serve.ts';
import { serve as shortPolling } from '../transports/short-polling/serve.ts';
import { serve as sse } from '../transports/sse/serve.ts';
import type { Ask } from './ask.ts';
import type { ServeContext } from './serve-context.ts';

/** One way to read a channel over plain HTTP. */
export interface Door {
  method: Method;
  /** Whether a request asks for this way. */
  claims(ask: Ask): boolean;
  serve(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void;
}

/** The first that claims a request answers it. WebSocket comes in by its upgrade. */
export const DOORS: readonly Door[] = [
  { method: 'sse', claims: (ask) => ask.eventStream, serve: sse },
  { method: 'long-polling', claims: (ask) => ask.wait !== null, serve: longPolling },
  { method: 'short-polling', claims: () => true, serve: shortPolling },
];
