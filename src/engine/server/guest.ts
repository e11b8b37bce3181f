import { Alarm } from './alarms.ts';

/** Why the server says goodbye. */
export type Farewell = 'restart' | 'shutdown' | 'age' | 'limit';

/** Someone who stays: an SSE stream, a held poll, a WebSocket. */
export abstract class Guest extends Alarm {
  abstract readonly kind: 'stream' | 'held' | 'socket';
  /** Ends politely, as this kind of connection announces it. `retryMs` is when to come back; null: that is not said. */
  abstract farewell(why: Farewell, retryMs: number | null): void;
  /** Heartbeat or hold changed while it was here. */
  abstract settingsChanged(): void;
}
