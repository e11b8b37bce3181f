/**
 * The protocol of an endpoint, as data: where the cursor is asked for, where id, type and time live, what "nothing new"
 * looks like, whether ids are dense. Ours is `heartline`; others are files of the same shape.
 */
import type { Method } from '../catalog.ts';

/** Where the client puts the cursor it resumes from. */
export type CursorPlacement =
  | { in: 'query'; name: string }
  | { in: 'header'; name: string }
  /** `Last-Modified`/`ETag` of the last answer go back as `If-Modified-Since`/`If-None-Match` (nchan). */
  | { in: 'validators' }
  | { in: 'none' };

/** Where something lives in an answer: a response header, an SSE field, a JSON pointer into the message, or nowhere. */
export type ValueLocation = { header: string } | { pointer: string } | { field: string } | null;

export interface PollDialect {
  ask: CursorPlacement;
  /** `list`: the body is JSON with many events at a pointer; `one`: the body is one message. */
  body: { kind: 'list'; events: string } | { kind: 'one' };
  id: ValueLocation;
  type: ValueLocation;
  time: ValueLocation;
  data: ValueLocation;
  /** Where the answer names the cursor to go on from, when not the last event's id. */
  cursor: ValueLocation;
  /** Statuses that mean "nothing new" (besides an empty list). */
  nothingNew: number[];
  /** A query parameter or header by which a long poll asks how long to be held; seconds. */
  wait: { in: 'query' | 'prefer'; name: string } | null;
  /** JSON pointers of hints in a list answer: `pollAfterMs`, `more`, `ended`. */
  pollAfterMs?: string;
  more?: string;
  ended?: string;
}

export interface SseDialect {
  /** Where the cursor goes, at a start and on a resume; `none`: the server cannot go on from one. */
  ask: CursorPlacement;
  /** Where it goes on a resume, where that is another place. */
  resume?: CursorPlacement;
  time: ValueLocation;
  /** Event names that are no events: our `hello`, `gap`, `bye`, `end`. */
  control: boolean;
  /** Statuses after which the client comes back; an EventSource gives up for good on anything but 200. */
  retryOn?: number[];
}

export interface WebSocketDialect {
  ask: CursorPlacement;
  subprotocols: string[];
  /** `events.v1` is ours; `meta` is a header block, an empty line, then the data (nchan); `json` uses the pointers; `text` has no id. */
  framing: 'events.v1' | 'meta' | 'json' | 'text';
  id: ValueLocation;
  type: ValueLocation;
  time: ValueLocation;
  data: ValueLocation;
  /** A text sent as an application heartbeat, and what it is answered with. */
  beat?: { send: string; expect: string } | null;
}

export interface Dialect {
  name: string;
  label: string;
  /** True when ids are `<epoch>.<seq>` with dense seq, so that continuity can be proved. */
  dense: boolean;
  /** How each method's URL follows from a base and a channel: `{base}/poll/{channel}`. */
  urls: Partial<Record<Method, string>>;
  /** Where a person's publish goes, when the endpoint takes one. */
  publish: string | null;
  /** The word that starts at the oldest or newest, where the endpoint has one. */
  start: { earliest: string | null; now: string | null };
  poll: PollDialect;
  sse: SseDialect;
  websocket: WebSocketDialect;
}
