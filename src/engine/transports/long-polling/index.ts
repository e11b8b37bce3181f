import type { Transport } from '../base/transport.ts';
import { connect } from './client.ts';
import { claims, serve } from './serve.ts';

export const longPolling: Transport = { method: 'long-polling', claims, serve, connect };
