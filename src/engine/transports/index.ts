import type { Method } from '../../shared/catalog.ts';
import { longPolling } from './long-polling/index.ts';
import { shortPolling } from './short-polling/index.ts';
import { sse } from './sse/index.ts';
import type { Transport } from './base/transport.ts';
import { websocket } from './websocket/index.ts';

/** The methods. Adding one is one folder and one name here. */
export const TRANSPORTS: Record<Method, Transport> = {
  'short-polling': shortPolling,
  'long-polling': longPolling,
  sse,
  websocket,
};
