import type { Clock } from '../../../shared/clock.ts';
import type { Cause, EndedBy, Evidence, Phase } from '../../../shared/catalog.ts';
import type { Dialect } from '../../../shared/dialect/model.ts';
import type { Random } from '../../../shared/random.ts';
import type { EndpointClient } from '../endpoint/endpoint-client.ts';
import type { ClientNetwork } from '../net/network.ts';

/** What a client half yields. Facts about one connection, in the order they happened. */
export type Signal =
  | { kind: 'open' }
  | { kind: 'phase'; phase: Phase; until: number | null }
  | { kind: 'request'; id: number; method: string; url: string; cursor?: string; etag?: string }
  | { kind: 'response'; id: number; status: number; bytes: number; took: number; empty: boolean }
  | {
      kind: 'event';
      id: string | null;
      type: string;
      /** Unix ms of the publisher's clock, where the endpoint tells. */
      time: number | null;
      data: string;
      bytes: number;
      /** The id that it names as the one before it. */
      previous?: string;
      /** The epoch that it names beside its id. */
      epoch?: string;
      /** It belongs to a history that was asked for without a cursor. */
      replayed?: true;
      /** It carries a part of what a model or an agent brings forth. */
      token?: true;
    }
  /** From here on ids count anew; what this replaces is not missed. */
  | { kind: 'rebase'; id: string | null }
  /** A message came that no rule of the dialect takes. */
  | { kind: 'unmatched' }
  | { kind: 'heartbeat'; beat: 'comment' | 'ping' | 'pong' | 'message'; dir: 'in' | 'out'; rtt?: number }
  /** The server promised a beat every so often (`hello`); null: it will send none. */
  | { kind: 'promise'; heartbeatMs: number | null }
  /** Nothing newer exists than what was received. */
  | { kind: 'caught-up'; cursor: string | null }
  /** The cursor to resume from changed without an event (an SSE `id`, a poll's `cursor`). */
  | {
      kind: 'cursor';
      cursor: string | null;
      /** It is no event's id, and from now on ids do not move the cursor. */
      apart?: true;
    }
  | {
      kind: 'gap';
      from: string | null;
      /** What is asked next. */
      to: string | null;
      missed: number | null;
      reason: string;
      /** The id before the oldest that is still there; absent: `to`. */
      base?: string | null;
    }
  /** The epoch that the server's numbers belong to, where it names it outside of them. `quiet`: a gap says so, and follows. */
  | { kind: 'epoch'; epoch: string; quiet?: true }
  | { kind: 'hint'; retryMs: number }
  /** The connection has proved itself: back-off starts afresh. A stream proves itself by age, which the lane counts. */
  | { kind: 'steady' }
  | { kind: 'notice'; level: 'info' | 'warn' | 'error'; code: string; message: string; hint?: string }
  | {
      kind: 'wire';
      dir: 'in' | 'out';
      what: 'request' | 'response' | 'frame' | 'field' | 'comment' | 'control';
      text: string;
      bytes: number;
    }
  | EndedSignal;

/** The last signal of a connection. */
export interface EndedSignal {
  kind: 'ended';
  evidence: Evidence;
  by: EndedBy;
  /** Announced by the protocol (bye, end, drain; 1000, 1001 and 1012 where they are ours): no drop. */
  announced: boolean;
  /** Final: the server said not to come back. */
  final: boolean;
  /** Server advice: not before so many ms. */
  retryMs: number | null;
  /** What the client's own clock knows: `missed-heartbeats`, `pong-deadline`. */
  cause?: Cause;
  /** What the other side said of it. */
  reason?: string;
  /** A sentence with what else was seen. */
  detail?: string;
  /** The server refused or was not understood, and coming back would change nothing. Only with `final`. */
  why?: 'ended' | 'refused-by-server' | 'bad-input' | 'not-resent';
  /** The token that was sent is refused: the next attempt asks for another. */
  refresh?: true;
  /** The terminal message of a dialect: the lane stops, having had all. */
  terminal?: true;
  /** The stream is over without its terminal message. */
  truncated?: true;
  /** The client itself ended it, to come back at once from another cursor. */
  atOnce?: true;
  /** Which rule decided what follows: `dialect after.status 5xx: retry`. */
  rule?: string;
  /** What the lane's notice of a refusal is called, and the way out it names; null: a notice has told all already. */
  notice?: { code?: string; hint?: string } | null;
}

export interface ClientSettings {
  pollMs: number;
  /** The least time between two long polls, where a person gave one, unless more is waiting. */
  pollFloorMs?: number | null;
  holdMs: number;
  pingMs: number | null;
  deadAfter: 'auto' | 'off' | number;
  pongs: boolean;
  /** What an event stream does after a status: as an EventSource it is over, a resilient one comes back as pollers do. */
  retry?: 'eventsource' | 'resilient';
  /** What it accepts of codings: a list, or `off`; absent: as Chromium. */
  acceptEncoding?: string;
  /** From a request to the head of its answer, ms; absent: the default. */
  headMs?: number;
  /** The longest that a connection or a poll may take in all, ms; absent: no such limit. */
  deadlineMs?: number;
  /** Whether an idle connection is kept for the next poll; absent: yes. */
  keepAlive?: boolean;
  /** Capture what stands on the wire. */
  wire: boolean;
}

/** What one connection is made with. `settings` may change while it lives. */
export interface ConnectContext {
  url: string;
  endpoint: EndpointClient;
  dialect: Dialect;
  /** Resume after this; null at the endpoint's own start. */
  cursor: string | null;
  /** The epoch that the server named last, outside of its ids. */
  epoch: string | null;
  /** The lane has been here before: this cursor is where it got to, not where it was told to start. */
  resume: boolean;
  clock: Clock;
  random: Random;
  network: ClientNetwork;
  settings: Readonly<ClientSettings>;
  /** What a method keeps from one connection of the lane to the next, such as the last ETag. */
  memory: Map<string, string>;
  /** Whether the lane has had an event of this id. */
  isRepeat?(id: string, data: string): boolean;
  /** Aborted when the lane is stopped. */
  signal: AbortSignal;
}

/**
 * Makes one connection by one method (for a poller: one unbroken series of polls), as a stream of signals that ends with
 * an `ended`. A transport's client half.
 */
export type Connect = (ctx: ConnectContext) => AsyncIterable<Signal>;
