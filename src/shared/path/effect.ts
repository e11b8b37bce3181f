import { METHOD_KIND, type Evidence, type Method } from '../catalog.ts';

/*
 * What one step of a path does to the lanes of a method, as data: a definition's `explain` returns a list of these, and
 * `explain.ts` puts the lists of a whole path together. Times are milliseconds. Nothing here is prose: the page, the drop
 * card and the doctor each have words of their own for it.
 */

export type Direction = 'up' | 'down';

/** What makes an end come. */
export type Trigger =
  /** As the client connects or asks: at once, or after so long without an answer. */
  | { on: 'open'; ms: number }
  /** No bytes for so long; `resetBy` says whose bytes count. */
  | { on: 'silence'; ms: number; resetBy: 'any' | Direction }
  /** However much is sent. A request is counted from its head, a connection from its first packet. */
  | { on: 'age'; ms: number; of: 'request' | 'connection' }
  /** The first bytes that the server writes once the request is this old. */
  | { on: 'write'; ms: number };

/** Its connection or request ends, or nothing more comes through. */
export interface End {
  kind: 'end';
  when: Trigger;
  /** What the client sees: `status:504`, `fin`, `silence` … Null: what the origin says to a plain GET, never 101. */
  sees: Evidence | null;
  /** The same for a stream of which the path has kept back even the head so far. */
  seesHeld?: Evidence;
  /** After `silence`: what a client gets that sends. */
  sending?: 'rst' | 'nothing';
  /** How much sooner (negative) or later than its time it comes: least and most. */
  offsetMs?: readonly [number, number];
}

/** Events come late although the stream lives. */
export interface Hold {
  kind: 'hold';
  /** What they wait for: the end of the stream, a block of bytes, the next event; a moment, which is hardly noticed. */
  until: 'end' | 'block' | 'next' | 'moment' | 'nothing';
  /** The head of the stream waits as well: until the same, or until its first event. */
  head: 'until-first-byte' | 'as-body' | 'at-once';
  bytes?: number;
  ms?: number;
  /** Bytes of its own come with the first that it holds, so that a head that waits for some goes. */
  leads?: true;
  /** A field of the response that turns it off. */
  unless?: ResponseField;
  /** Only where the client accepts gzip, as browsers do. */
  gzipOnly?: true;
}

export interface ResponseField {
  name: string;
  value: string;
}

/** Bytes take longer, or only the end that follows them: `ms` each, or so many bytes a second. */
export interface Slowdown {
  kind: 'slow';
  dir: 'both' | Direction;
  of?: 'end';
  ms?: number;
  bytesPerSecond?: number;
}

/** A request without an answer is sent again so many times, and each time waits anew. */
export interface Repeats {
  kind: 'repeats';
  times: number;
}

/** How an intermediary shows the end of its own connection to the origin; a waiting request's comes first. */
export interface Relay {
  kind: 'relay';
  waiting: Evidence | null;
  fin: Evidence | null;
  rst: Evidence | null;
}

/** A poll may get an answer this old. */
export interface Stale {
  kind: 'stale';
  ms: number;
  /** A field of the response that prevents it; null where it does not count. */
  unless: ResponseField | null;
}

/** Requests of several lanes for one URL wait for each other; one that is alone does not. */
export interface Queues {
  kind: 'queues';
}

/** It acts, but when and how depends on more than silence, age and method: on what is asked or sent, or on the origin. */
export interface Unpredicted {
  kind: 'unpredicted';
}

export type Effect = End | Hold | Slowdown | Repeats | Relay | Stale | Queues | Unpredicted;

export const UNPREDICTED: Unpredicted = { kind: 'unpredicted' };

/** An end whose outcome is called as policies and faults call it; none where that is `none`, or its time is 0. */
export function endBy(when: Trigger, outcome: string, more: Partial<End> = {}): End[] {
  const sees = evidenceOf(outcome);
  if (sees === null || (when.ms <= 0 && when.on !== 'open')) return [];
  const sending = sees === 'silence' && { sending: outcome === 'silence' ? ('rst' as const) : ('nothing' as const) };
  return [{ kind: 'end', when, sees, ...sending, ...more }];
}

/** As the client sees it; null for `none`. */
export function evidenceOf(outcome: string): Evidence | null {
  if (/^\d{3}$/.test(outcome)) return `status:${Number(outcome)}`;
  switch (outcome) {
    case 'fin':
    case 'aborted':
    case 'lost':
      return 'fin';
    case 'rst':
    case 'refused':
      return outcome;
    case 'clean':
    case 'clean-close':
      return 'clean-end';
    case 'close-1000':
      return 'close:1000';
    case 'close-1001':
      return 'close:1001';
    case 'silence':
    case 'black-hole':
    case 'hang':
      return 'silence';
    default:
      return null;
  }
}

/** What a policy says of a method: of a request that waits for its answer, of a stream, of a WebSocket. */
export const outcomeFor = (method: Method, { poll, stream, ws }: Record<'poll' | 'stream' | 'ws', string>): string =>
  ({ poll, stream, socket: ws })[METHOD_KIND[method]];

/** A field of the response by which a server asks not to be held back. */
export const NO_BUFFERING: ResponseField = { name: 'X-Accel-Buffering', value: 'no' };

/** By which it asks that its body is left as it is (RFC 9111, 5.2.2.6). */
export const NO_TRANSFORM: ResponseField = { name: 'Cache-Control', value: 'no-transform' };
