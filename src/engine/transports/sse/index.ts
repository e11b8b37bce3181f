import type { Transport } from '../transport.ts';
import { connect } from './client.ts';
import { serve } from './serve.ts';

export const sse: Transport = { method: 'sse', serve, connect };
