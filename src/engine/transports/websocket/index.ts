import type { Transport } from '../base/transport.ts';
import { connect } from './client.ts';
import { upgrade, upgradeMultiplexed } from './serve.ts';

export const websocket: Transport = { method: 'websocket', upgrade, upgradeMultiplexed, connect };
