import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import { connectPolling } from '../polling/connect.ts';
import { longPolling } from './core.ts';

export const connect = (ctx: ConnectContext): AsyncIterable<Signal> =>
  connectPolling('long-polling', longPolling(ctx.dialect), ctx);
