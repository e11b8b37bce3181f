import type { Transport } from '../transport.ts';
import { connect } from './client.ts';
import { serve } from './serve.ts';

export const shortPolling: Transport = { method: 'short-polling', serve, connect };
