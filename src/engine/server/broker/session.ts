import { Deadline } from './deadlines.ts';

/** Why the server ends a session. */
export type DrainReason = 'restart' | 'shutdown' | 'age' | 'limit';

/** One open subscription of a client: an SSE stream, a held poll or a WebSocket. */
export abstract class Session extends Deadline {
  abstract readonly kind: 'stream' | 'held' | 'socket';
  /** Ends with the close this protocol has. `retryMs` is the reconnect advice; null: none is given. */
  abstract drain(reason: DrainReason, retryMs: number | null): void;
  /** Heartbeat or hold changed while it is open. */
  abstract settingsChanged(): void;
}
