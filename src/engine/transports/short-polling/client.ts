import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import { connectPolling } from '../polling/connect.ts';
import { shortPolling } from './core.ts';

export const connect = (ctx: ConnectContext): AsyncIterable<Signal> =>
  connectPolling('short-polling', shortPolling, ctx);
