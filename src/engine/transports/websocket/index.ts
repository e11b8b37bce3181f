import type { Transport } from '../base/transport.ts';
import { connect } from './client.ts';
import { upgrade } from './serve.ts';

export const websocket: Transport = { method: 'websocket', upgrade, connect };
