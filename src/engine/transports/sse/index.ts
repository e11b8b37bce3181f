import type { Transport } from '../base/transport.ts';
import { connect } from './client.ts';
import { claims, serve } from './serve.ts';

export const sse: Transport = { method: 'sse', claims, serve, connect };
