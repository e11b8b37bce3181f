import type { Transport } from '../base/transport.ts';
import { connect } from './client.ts';
import { claims, serve } from './serve.ts';

export const shortPolling: Transport = { method: 'short-polling', claims, serve, connect };
