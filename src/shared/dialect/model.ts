/**
 * How a server speaks, as data: everything about it that is not its address or its secrets. This is the form the engine
 * runs on; files of version 2 are read into it (`read.ts`), files of version 1 are converted (`version-1.ts`).
 */
import type { Method } from '../catalog.ts';

export interface Dialect {
  name: string;
  label: string;
  ids: IdRules;
  methods: Partial<Record<Method, MethodDialect>>;
  /** Where a person's publish goes (`{base}`, `{channel}`), when the endpoint takes one. */
  publish: string | null;
  /** The word that starts at the oldest or newest, where the endpoint has one. */
  start: { earliest: string | null; now: string | null };
}

/** `dense` may prove that nothing was missed, `ordered` order and repeats, `opaque` repeats, `none` nothing. */
export type IdKind = 'dense' | 'ordered' | 'opaque' | 'none';

export interface IdRules {
  kind: IdKind;
  /** What a resume asks with: the last id, the last id + 1, or what the last answer carried. */
  next: 'same' | 'plus-one' | 'answer';
  /** Where the epoch stands: in a hello, in the id (named groups `epoch` and `seq`), or in each event. */
  epoch: { hello: string } | { pattern: string } | { pointer: string } | null;
  /** Where each event names the id before it. */
  previous: ValuePlace | null;
}

/** Where a value stands in a message: a JSON pointer, a header (of the answer or the block), or a field of an event stream. */
export type ValuePlace = { pointer: string } | { header: string } | { field: string };

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The request of an attempt, as templates. */
export interface RequestRules {
  method: string | null;
  query: Record<string, string | null>;
  headers: Record<string, string | null>;
  /** Text, or what is sent as JSON; undefined: none is said. */
  body: Json | undefined;
  /** A cursor `<seconds>:<tag>` that goes as If-Modified-Since and If-None-Match (nchan). */
  validators: string | null;
}

export type StreamFraming = 'sse' | 'ndjson' | 'json-seq' | 'lines';
export type SocketFraming = 'json' | 'json-lines' | 'text' | 'binary' | 'meta' | 'socket.io';
export type PollFraming = 'list' | 'one' | 'ndjson';
/** `events.v1` is what Heartline's own server speaks, by every method. */
export type Framing = StreamFraming | SocketFraming | PollFraming | 'events.v1';

/** What a message must be: every condition holds. */
export type Conditions = Condition[];
export interface Condition {
  on: 'data' | 'event' | 'comment' | 'pointer';
  /** Of a `pointer`. */
  pointer: string;
  test: { equals: string | number | boolean | null } | { exists: boolean } | { pattern: string };
}

/** What a message is awaited as, or expected: conditions, or (`like`) JSON it has at least, or text it is. */
export type Expectation = { conditions: Conditions } | { like: Json };

export type MessageKind =
  'end' | 'beat' | 'pong' | 'hello' | 'rebase' | 'cursor' | 'gap' | 'error' | 'ignore' | 'event';

/** What follows a gap: from before the oldest kept, from the oldest itself, without a cursor, not at all, or the stream goes on. */
export type AfterGap = 'oldest' | 'before-oldest' | 'restart' | 'stop' | 'go-on';

export interface MessageRule {
  /** Empty: any message. */
  when: Conditions;
  is: MessageKind;
  id: ValuePlace | null;
  previous: ValuePlace | null;
  type: ValuePlace | null;
  time: TimePlace | null;
  data: ValuePlace | null;
  /** Of an event: it carries a part of what a model or an agent brings forth. */
  token: boolean;
  /** Of an error: the server's words. */
  text: ValuePlace | null;
  /** Of a hello: the newest there is; of a gap or hello: the oldest. */
  newest: ValuePlace | null;
  oldest: ValuePlace | null;
  /** Of a gap: how many are lost, where the server says so, and why. */
  missed: ValuePlace | null;
  reason: ValuePlace | null;
  then: AfterGap | null;
  /** A list in a message that is no event: its members are judged as messages of their own, after it. */
  each: string | null;
  /** Of a beat: what it is answered with; `{/pointer}` takes a value from the beat. */
  answer: Json | undefined;
}

/** `unit` null: told from the number itself, or a date. */
export type TimePlace = ValuePlace & { unit: TimeUnit | null };
export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

export interface OpenStep {
  send: Json | undefined;
  await: Expectation | null;
  withinMs: number;
}

export interface BeatRules {
  /** Ms, or where a hello says it; null: as the lane is told to ping. */
  every: number | { place: ValuePlace; unit: 's' | 'ms' } | null;
  send: Json;
  expect: Expectation | null;
  withinMs: number | null;
}

/** What follows a status or a close code. `advice`: Retry-After decides; `refresh`: with a fresh token. */
export type AfterEnd = 'retry' | 'advice' | 'refresh' | 'gap' | 'end' | 'stop';

/** Codes from `from` to `to`; the narrowest that fits decides. */
export interface CodeRange {
  from: number;
  to: number;
  then: AfterEnd;
}

export interface MethodDialect {
  /** `{base}/ws/{channel}`; null: only a whole URL will do. */
  url: string | null;
  /** The request without a cursor. */
  first: RequestRules;
  /** Laid over `first` where there is a cursor; `none`: the server cannot replay; null: as the method's standard has it. */
  resume: RequestRules | 'none' | null;
  subprotocols: string[];
  framing: Framing;
  open: OpenStep[];
  /** How a long poll asks to be held. `prefer`: `Prefer: name=seconds` (RFC 7240). */
  hold: { in: 'query' | 'header' | 'prefer'; name: string; unit: 's' | 'ms' } | null;
  /** What the server says about the next request, and the least wait ever. */
  pace: {
    place: ValuePlace | null;
    unit: 's' | 'ms';
    floorMs: number;
    /** It holds only where nothing new came. */
    idle: boolean;
  } | null;
  pages: { link: string | null; order: 'oldest-first' | 'newest-first' } | null;
  /** Where an answer names the cursor to go on from. `validators`: its Last-Modified and ETag (nchan). */
  cursor: { header: string } | { pointer: string } | 'validators' | null;
  /** Where an answer says from which cursor it goes on: another than was asked for is a gap. */
  resumed: { header: string } | null;
  nothingNew: number[];
  /** Pointer to a list in an answer or frame, whose members are the messages. */
  each: string | null;
  /** Pointers of a list answer to `true`: more is waiting; nothing more will ever come. */
  more: string | null;
  ended: string | null;
  /** By which HTTP method a stream is asked for that has a terminal message; null: by any. Its resume has one too. */
  ends: string | null;
  messages: MessageRule[];
  beat: BeatRules | null;
  after: { status: CodeRange[]; close: CodeRange[]; lost: 'retry' | 'stop' | null };
}

export const NO_REQUEST: RequestRules = { method: null, query: {}, headers: {}, body: undefined, validators: null };

/** A rule that takes any message as an event; the other kinds are made from it. */
export const ANY_EVENT: MessageRule = {
  when: [],
  is: 'event',
  id: null,
  previous: null,
  type: null,
  time: null,
  data: null,
  token: false,
  text: null,
  newest: null,
  oldest: null,
  missed: null,
  reason: null,
  then: null,
  each: null,
  answer: undefined,
};

export const newMethodDialect = (framing: Framing): MethodDialect => ({
  url: null,
  first: NO_REQUEST,
  resume: null,
  subprotocols: [],
  framing,
  open: [],
  hold: null,
  pace: null,
  pages: null,
  cursor: null,
  resumed: null,
  nothingNew: [204, 304],
  each: null,
  more: null,
  ended: null,
  ends: null,
  messages: [ANY_EVENT],
  beat: null,
  after: { status: [], close: [], lost: null },
});

/** What a dialect does by a method of which it says nothing: what the standards alone give. */
export const DEFAULT_FRAMING: Record<Method, Framing> = {
  'short-polling': 'one',
  'long-polling': 'one',
  sse: 'sse',
  websocket: 'text',
};

/** How a method speaks in a dialect; where it says nothing, as the standards alone have it. */
export const methodOf = (dialect: Dialect, method: Method): MethodDialect =>
  dialect.methods[method] ?? newMethodDialect(DEFAULT_FRAMING[method]);
