/** The words. One spelling for page, command line, files and code. */

export const METHODS = ['short-polling', 'long-polling', 'sse', 'websocket'] as const;
export type Method = (typeof METHODS)[number];

export const METHOD_LABEL: Record<Method, string> = {
  'short-polling': 'Short polling',
  'long-polling': 'Long polling',
  sse: 'SSE',
  websocket: 'WebSocket',
};

/** One table for all four methods. `failed` is final: the server said not to come back. */
export const STATES = ['idle', 'connecting', 'open', 'dropped', 'waiting', 'asleep', 'stopped', 'failed'] as const;
export type State = (typeof STATES)[number];

/** Where a polling lane is while `open`. */
export type Phase = 'requesting' | 'held' | 'resting';

/** What the client saw on the raw socket; `status:N` and `close:N` carry the number received. */
export type Evidence =
  | 'fin'
  | 'rst'
  | 'clean-end'
  | `status:${number}`
  | `close:${number}`
  | 'silence'
  | 'refused'
  | 'dns'
  | 'tls'
  | 'connect-timeout'
  | 'no-answer'
  | 'protocol'
  | 'offline';

/** What the engine knows from its own path, server or clock. */
export type Cause =
  | 'idle-limit'
  | 'cut'
  | 'client-sleep'
  | 'offline'
  | 'missed-heartbeats'
  | 'pong-deadline'
  | 'restart'
  | 'kill'
  | 'black-hole'
  | 'close-after'
  | 'refuse'
  | 'slow-consumer'
  | 'target-unreachable';

export type EndedBy = 'client' | 'server' | 'path' | 'unknown';

/** Why a state changed. Free of prose: the page words it. */
export type StateReason =
  | 'start'
  | 'connected'
  | 'dropped'
  | 'back-off'
  | 'server-advice'
  | 'announced-end'
  | 'retry-now'
  | 'sleep'
  | 'wake'
  | 'user'
  | 'ended'
  | 'refused-by-server'
  | 'bad-input'
  | 'phase'
  | 'online'
  | 'offline';

export const WORKLOADS = [
  'none',
  'notifications',
  'payment',
  'build-log',
  'job-progress',
  'chat',
  'ticks',
  'quiet',
  'custom',
] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

export const WORKLOAD_LABEL: Record<WorkloadName, string> = {
  none: 'None (publish by hand)',
  notifications: 'Notifications',
  payment: 'Payment status',
  'build-log': 'CI build log',
  'job-progress': 'Job progress',
  chat: 'Chat',
  ticks: 'Trading ticks',
  quiet: 'Quiet channel',
  custom: 'Custom',
};

/** Event types a publisher may not use: the doors speak them. */
export const RESERVED_TYPES = ['hello', 'gap', 'bye', 'end', 'hb'] as const;
