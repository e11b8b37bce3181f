/** The identifiers that page, command line, files and code share. */

const HTTP = ['http:', 'https:'] as const;

/** What a network sees of a method: requests that wait for their responses, one endless response, or a tunnel. */
type MethodKind = 'poll' | 'stream' | 'socket';

/** The methods, by name. A new one begins with a line here. */
const METHOD_TABLE = {
  'short-polling': { label: 'Short polling', kind: 'poll', schemes: HTTP },
  'long-polling': { label: 'Long polling', kind: 'poll', schemes: HTTP },
  sse: { label: 'SSE', kind: 'stream', schemes: HTTP },
  websocket: { label: 'WebSocket', kind: 'socket', schemes: ['ws:', 'wss:', ...HTTP] },
} as const satisfies Record<string, { label: string; kind: MethodKind; schemes: readonly string[] }>;

export type Method = keyof typeof METHOD_TABLE;
export const METHODS = Object.keys(METHOD_TABLE) as Method[]; // cast: keys are those of the table

/** A value for every method. */
export const perMethod = <T>(of: (method: Method) => T): Record<Method, T> =>
  // cast: each method has its entry
  Object.fromEntries(METHODS.map((method) => [method, of(method)])) as Record<Method, T>;

export const METHOD_LABEL: Record<Method, string> = perMethod((m) => METHOD_TABLE[m].label);
export const METHOD_KIND: Record<Method, MethodKind> = perMethod((m) => METHOD_TABLE[m].kind);
/** What a URL of the method may begin with. */
export const METHOD_SCHEMES: Record<Method, readonly string[]> = perMethod((m) => METHOD_TABLE[m].schemes);

/** One table for all four methods. `failed` is final: the server said not to come back. */
/**
 * What becomes of a client's timers. Of one that sleeps: those that came due fire on waking, or all are shifted by the time
 * slept. `throttled`: it does not sleep, its tab is in the background; they fire once a minute, and the network goes on.
 */
export const SLEEP_TIMERS = ['fire', 'resume', 'throttled'] as const;
export type SleepTimers = (typeof SLEEP_TIMERS)[number];

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
  | 'offline'
  /** An upstream proxy did not let it through. */
  | 'proxy'
  /** There was no token to ask with. */
  | 'no-token'
  /** The client's own total deadline for a connection or poll was over. */
  | 'deadline';

/** What the engine knows from its own path, server or clock. */
export type Cause =
  | 'idle-limit'
  | 'cut'
  | 'client-sleep'
  | 'stood-still'
  | 'offline'
  | 'missed-heartbeats'
  | 'pong-deadline'
  | 'restart'
  | 'kill'
  | 'black-hole'
  | 'close-after'
  | 'half-close'
  | 'refuse'
  | 'slow-consumer'
  | 'target-unreachable'
  | 'kept-connection'
  | 'too-big';

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
  /** A request that may cost something broke off, and is not sent again by itself. */
  | 'not-resent'
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

/** Event types a publisher may not use: the server sends them itself. */
export const RESERVED_TYPES = ['hello', 'gap', 'bye', 'end', 'hb'] as const;
