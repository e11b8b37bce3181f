/** What the Doctor looks for. Codes are promises: scripts and CI jobs read them. */
import type { Method } from '../catalog.ts';

type Unit = 'ms' | 'bytes' | 'events' | 'share' | 's' | 'n' | 'status';

export interface CodeDefinition {
  /** As a list of checks shows it. */
  label: string;
  /** What `value` counts; null: the code has no value. */
  unit: Unit | null;
  /** The methods it can be asked of. */
  methods: readonly Method[];
  /** Why it matters to whoever follows the endpoint. */
  why: string;
}

const STREAMS = ['sse', 'websocket'] as const;
const POLLS = ['short-polling', 'long-polling'] as const;
const HTTP = ['short-polling', 'long-polling', 'sse'] as const;
const ALL = ['short-polling', 'long-polling', 'sse', 'websocket'] as const;

const define = <K extends string>(table: Record<K, CodeDefinition>): Record<K, CodeDefinition> => table;

export const CODE_TABLE = define({
  speaks: {
    label: 'What is spoken',
    unit: null,
    methods: ALL,
    why: 'Without a method and a dialect that fit, nothing else can be said of this endpoint.',
  },
  'content-type': {
    label: 'Content type',
    unit: 'status',
    methods: HTTP,
    why: 'An EventSource gives up for good on anything but text/event-stream, and a page is no list of events.',
  },
  redirect: {
    label: 'Redirects',
    unit: 'status',
    methods: ALL,
    why: 'Each reconnect pays for the redirect again, headers do not follow to another origin, and a WebSocket in a browser follows none.',
  },
  auth: {
    label: 'Lets this client in',
    unit: 'status',
    methods: ALL,
    why: 'A client that is not let in sees no event, and one that keeps asking may be banned.',
  },
  'h2-only': {
    label: 'Speaks HTTP/1.1',
    unit: null,
    methods: ALL,
    why: 'WebSocket and many clients speak HTTP/1.1; where only HTTP/2 is answered, they get nothing.',
  },
  'upgrade-blocked': {
    label: 'Upgrade survives',
    unit: 'status',
    methods: ['websocket'],
    why: 'Without 101 Switching Protocols there is no WebSocket, whatever server and client can do.',
  },
  cors: {
    label: 'Cross-origin reading',
    unit: 'status',
    methods: HTTP,
    why: 'A browser hides the answer from a page of another origin unless the server allows that origin.',
  },
  'head-late': {
    label: 'Head of the answer',
    unit: 'ms',
    methods: ['short-polling', 'sse'],
    why: 'Until the head has come a client shows “connecting”, and its timeouts run.',
  },
  buffered: {
    label: 'Arrives when sent',
    unit: 'ms',
    methods: STREAMS,
    why: 'What is meant to be live comes late and in clumps, and small streams show nothing at all.',
  },
  compressed: {
    label: 'Compression',
    unit: 'ms',
    methods: ['sse'],
    why: 'A compressor that is not flushed after each event keeps events back until a block is full.',
  },
  cached: {
    label: 'Caches',
    unit: 's',
    methods: HTTP,
    why: 'A client that is given somebody else’s answer sees old events, or none of its own.',
  },
  'idle-limit': {
    label: 'Idle limit of the path',
    unit: 'ms',
    methods: STREAMS,
    why: 'A client on a quiet channel is dropped again and again, and reconnects for nothing.',
  },
  lifetime: {
    label: 'Lifetime',
    unit: 'ms',
    methods: STREAMS,
    why: 'However busy a connection is, it ends at this age: clients must come back without losing events.',
  },
  'hold-limit': {
    label: 'How long a poll may be held',
    unit: 'ms',
    methods: ['long-polling'],
    why: 'A held poll that is answered with an error by somebody else looks like an outage to the client.',
  },
  heartbeat: {
    label: 'Heartbeats',
    unit: 'ms',
    methods: STREAMS,
    why: 'A beat keeps the path open and lets a client notice a dead connection.',
  },
  zombie: {
    label: 'Dead connections are told',
    unit: 'ms',
    methods: STREAMS,
    why: 'A connection that is dead and not told looks open, and its events are missed in silence.',
  },
  resume: {
    label: 'Cursor honoured',
    unit: 'events',
    methods: ALL,
    why: 'What is lost or repeated after a reconnect is what users see as missing or doubled.',
  },
  'no-replay': {
    label: 'Can resume',
    unit: null,
    methods: ALL,
    why: 'Without ids a client cannot say where it was: what came while it was away is lost.',
  },
  'poll-cost': {
    label: 'What polling costs',
    unit: 'share',
    methods: ['short-polling'],
    why: 'Answers that bring nothing new are paid for by server, network and battery.',
  },
  'answers-at-once': {
    label: 'Holds a long poll',
    unit: 'ms',
    methods: ['long-polling'],
    why: 'A long poll that is not held makes its client ask without end.',
  },
  'keep-alive': {
    label: 'Kept connections',
    unit: 'ms',
    methods: POLLS,
    why: 'A request that meets a kept connection just as it is closed fails, at random, without a word in any log.',
  },
  'repeats-requests': {
    label: 'One request, once',
    unit: 'n',
    methods: ALL,
    why: 'What reaches the origin twice is done twice.',
  },
  'six-connections': {
    label: 'Streams per page',
    unit: 'n',
    methods: ['sse', 'long-polling'],
    why: 'Over HTTP/1.1 a browser opens six connections to an origin: a seventh stream, in whatever tab, waits for ever.',
  },
  'close-words': {
    label: 'What an end says',
    unit: null,
    methods: STREAMS,
    why: 'A client that is not told why a connection ended cannot tell a restart from an outage.',
  },
  advice: {
    label: 'When to come back',
    unit: null,
    methods: ALL,
    why: 'Without advice all clients come back at once, just as the server starts.',
  },
  truncates: {
    label: 'Ends with its last message',
    unit: 'share',
    methods: ['sse'],
    why: 'An answer that broke off looks complete to whoever does not wait for its terminal message.',
  },
  'ping-unanswered': {
    label: 'Pings are answered',
    unit: 'ms',
    methods: ['websocket'],
    why: 'Ping and Pong are how either side finds out that the other is gone.',
  },
  'message-limit': {
    label: 'Large messages',
    unit: 'bytes',
    methods: ['websocket'],
    why: 'A message above the limit ends the connection, mostly with 1009.',
  },
});

export type DoctorCode = keyof typeof CODE_TABLE;
// cast: keys are those of the table
export const DOCTOR_CODES = Object.keys(CODE_TABLE) as DoctorCode[];
