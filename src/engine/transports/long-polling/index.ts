import type { Transport } from '../transport.ts';
import { connect } from './client.ts';
import { serve } from './serve.ts';

export const longPolling: Transport = { method: 'long-polling', serve, connect };
