/** What a lane may do in its own way: each setting defined once, for the form, the scenario's key and the refusals. */
import type { Method } from './catalog.ts';
import type { LaneClient } from './run-config.ts';

export type LaneSettingKind =
  | { kind: 'duration'; min: number; default: number | null; words?: Readonly<Record<string, string>> }
  | { kind: 'choice'; options: Readonly<Record<string, string>> }
  | { kind: 'switch'; on: string; off: string }
  | { kind: 'text'; example: string }
  /** Texts, with commas between them. */
  | { kind: 'list'; example: string };

export interface LaneSettingInfo {
  label: string;
  /** What it does, in a sentence. */
  what: string;
  /** The methods that have a use for it; it is refused for the others. */
  methods: readonly Method[];
  /** As a scenario's lane has it; null where it follows from another key. */
  key: string | null;
  /** When a change acts on a lane that runs. */
  acts: 'at-once' | 'next-request' | 'next-connection';
  value: LaneSettingKind;
}

const ALL: readonly Method[] = ['short-polling', 'long-polling', 'sse', 'websocket'];

/** In the order in which people are shown them. */
export const LANE_SETTINGS: Readonly<Record<keyof LaneClient, LaneSettingInfo>> = {
  pollMs: {
    label: 'Poll every',
    what: 'How long the lane rests between two polls; after empty answers up to twice as long.',
    methods: ['short-polling'],
    key: 'poll',
    acts: 'next-request',
    value: { kind: 'duration', min: 10, default: 2000 },
  },
  pollFloorMs: {
    label: 'No sooner than',
    what: 'The least time between two long polls, unless more is waiting.',
    methods: ['long-polling'],
    key: 'poll',
    acts: 'next-request',
    value: { kind: 'duration', min: 10, default: null },
  },
  holdMs: {
    label: 'Hold',
    what: 'How long the server is asked to hold a poll for news.',
    methods: ['long-polling'],
    key: 'hold',
    acts: 'next-request',
    value: { kind: 'duration', min: 10, default: 25_000 },
  },
  pingMs: {
    label: 'Ping every',
    what: 'Pings of the client’s own; a pong that does not come in time ends the connection.',
    methods: ['websocket'],
    key: 'ping',
    acts: 'next-connection',
    value: { kind: 'duration', min: 10, default: null, words: { off: 'off' } },
  },
  deadAfter: {
    label: 'Dead after',
    what: 'How long a stream may be silent before the lane gives it up. Auto: 2.5 of the heartbeats it was promised.',
    methods: ['sse', 'websocket'],
    key: 'deadAfter',
    acts: 'next-connection',
    value: { kind: 'duration', min: 10, default: 40_000, words: { auto: 'auto', off: 'never' } },
  },
  pongs: {
    label: 'Pongs',
    what: 'Whether the server’s pings are answered.',
    methods: ['websocket'],
    key: 'pongs',
    acts: 'at-once',
    value: { kind: 'switch', on: 'answered', off: 'muted' },
  },
  backoff: {
    label: 'Back-off',
    what: 'How long the lane waits before it dials again: at random up to the cap, half of it at random, or not at all.',
    methods: ALL,
    key: 'backoff',
    acts: 'at-once',
    value: { kind: 'choice', options: { 'full-jitter': 'full jitter', equal: 'equal jitter', none: 'none' } },
  },
  retry: {
    label: 'After a refusal',
    what: 'What an event stream does after a status but 200: it is over, as in a browser, or comes back.',
    methods: ['sse'],
    key: 'retry',
    acts: 'at-once',
    value: { kind: 'choice', options: { eventsource: 'over, as an EventSource', resilient: 'comes back' } },
  },
  acceptEncoding: {
    label: 'Accepts codings',
    what: 'The Accept-Encoding of its requests, or off for the bytes as they are.',
    methods: ['short-polling', 'long-polling', 'sse'],
    key: 'acceptEncoding',
    acts: 'next-request',
    value: { kind: 'text', example: 'gzip, deflate' },
  },
  deadlineMs: {
    label: 'At most',
    what: 'The longest that one connection, or one poll, may take in all; the client ends it then.',
    methods: ALL,
    key: 'deadline',
    acts: 'next-connection',
    value: { kind: 'duration', min: 1, default: null },
  },
  retryOn: {
    label: 'Comes back after',
    what: 'Statuses and close codes after which the lane comes back, or does what stands after the equals sign.',
    methods: ALL,
    key: 'retryOn',
    acts: 'at-once',
    value: { kind: 'list', example: '503, 5xx=advice, 1008=stop' },
  },
};

/** Their names, in that order. */
// cast: the keys are those of the table
export const LANE_SETTING_NAMES = Object.keys(LANE_SETTINGS) as (keyof LaneClient)[];

/** The settings that a method has a use for. */
export const laneSettingsOf = (method: Method): (keyof LaneClient)[] =>
  LANE_SETTING_NAMES.filter((name) => LANE_SETTINGS[name].methods.includes(method));

/** The settings that the method has no use for. */
export const uselessSettings = (method: Method, client: LaneClient): (keyof LaneClient)[] =>
  LANE_SETTING_NAMES.filter((name) => client[name] !== undefined && !LANE_SETTINGS[name].methods.includes(method));

const NAMES: Record<Method, string> = {
  'short-polling': 'short polling',
  'long-polling': 'long polling',
  sse: 'SSE',
  websocket: 'WebSocket',
};

/**
 * `"Poll every" changes nothing for SSE: it is for short polling.`
 * @param as what the person who gave it calls it: the form's label, or the key of a scenario's lane
 */
export function uselessSentence(name: keyof LaneClient, method: Method, as: 'label' | 'key' = 'label'): string {
  const { label, key, methods } = LANE_SETTINGS[name];
  const called = as === 'key' ? (key ?? label) : label;
  const meant = as === 'key' ? ALL.filter((m) => LANE_SETTING_NAMES.some((n) => isFor(n, m, key))) : methods;
  return `"${called}" changes nothing for ${NAMES[method]}: it is for ${meant.map((m) => NAMES[m]).join(' and ')}.`;
}

const isFor = (name: keyof LaneClient, method: Method, key: string | null): boolean =>
  LANE_SETTINGS[name].key === key && LANE_SETTINGS[name].methods.includes(method);
