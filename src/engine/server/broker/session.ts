/** Why the server ends a session. */
export type DrainReason = 'restart' | 'shutdown' | 'age' | 'limit' | 'log';

/** One open subscription of a client: an SSE stream, a held poll or a WebSocket. */
export interface Session {
  readonly kind: 'stream' | 'held' | 'socket';
  /** Ends with the close this protocol has. `retryMs` is the reconnect advice; null: none is given. */
  drain(reason: DrainReason, retryMs: number | null): void;
  /** Heartbeat or hold changed while it is open. */
  settingsChanged(): void;
}
