import type { Cause } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { Definition, StepValues, Values } from '../../../shared/path/definition.ts';
import type { Random } from '../../../shared/random.ts';
import type { Direction, Fault, CloseMode } from '../tcp/faults/fault.ts';
import type { Field, RequestHead, ResponseHead } from './message.ts';

/** One behaviour of an HTTP intermediary: it acts on requests and answers instead of bytes, and never meets a socket. */
export interface Policy extends Fault {
  readonly http: PolicyHooks;
}

export function isPolicy(fault: Fault): fault is Policy {
  return 'http' in fault;
}

/**
 * `waiting`: no answer yet. `answering`: its head has come from the origin. `tunnel`: after 101 the bytes are no longer
 * HTTP.
 */
export type ExchangePhase = 'waiting' | 'answering' | 'tunnel' | 'over';

/** A close frame with a code, then FIN. */
export type CloseFrame = 'close-1000' | 'close-1001' | 'close-1009' | 'close-1011';

/** How an exchange ends before its time. */
export interface ExchangeEnding {
  /**
   * What the client sees. `clean`: the end of the body, and the connection is kept. Without its head having been sent,
   * it never is. `close-1001` and the like: in a tunnel, a close frame with this code, then FIN.
   */
  client: CloseMode | 'clean' | CloseFrame;
  /** What the origin sees; `none` leaves its connection as it is. */
  server: CloseMode | 'none';
  /** What was held back goes to the client first. Otherwise it is thrown away, its head excepted. */
  flush?: boolean;
  /** After a clean end, FIN. */
  close?: boolean;
  /** Not even a held head is sent. */
  withoutHead?: boolean;
  /** The policy that ended it; absent where the origin itself ended, which the path only passes on. */
  why?: Attribution;
}

/** Which policy acted, the cause, and what happened: `60 s without a byte`. */
export interface Attribution {
  by: string;
  cause: Cause;
  detail: string;
}

/** An answer of the intermediary's own. */
export interface SyntheticResponse {
  status: number;
  reason?: string;
  fields?: Field[];
  /** One byte a character. A short page says the status when there is none. */
  body?: string;
  /** Close the client's connection behind it. Default: keep it, as far as the client lets us. */
  close?: boolean;
  /** What becomes of a request already under way at the origin. */
  server: CloseMode | 'none';
  /** For the journal; without it the answer is no event. */
  fired?: { by?: string; cause: Cause; detail: string };
}

/** An error of the intermediary’s own as the client reads it. */
export interface ErrorPage {
  reason: string;
  /** One byte a character; empty for none. Without it a short page says the status. */
  body?: string;
  type?: string;
}

/** One request and what became of it, as policies see it. */
export interface Exchange {
  readonly lane: string | null;
  readonly clock: Clock;
  /** This exchange's own stream. */
  readonly random: Random;
  readonly phase: ExchangePhase;
  /** Its fields may be changed by the `request` hook. */
  readonly request: RequestHead;
  /** The protocol the client asks to switch to. Set to null, the origin gets a plain request. */
  upgrade: string | null;
  /** Its fields may be changed by the `response` hook. */
  readonly response: ResponseHead | null;
  /** Engine time at which the head of the request was complete. */
  readonly startedAt: number;
  /** Engine time at which it was last sent to the origin. */
  readonly requestSentAt: number;
  readonly headSent: boolean;
  /** The client has sent all of it, its body included. */
  readonly requestComplete: boolean;
  readonly requestHasBody: boolean;
  /** What exchanges with the same origin share, by any key. */
  readonly store: Map<string, unknown>;
  /** Answers instead of the origin. Does nothing once the head of an answer has been sent. */
  respond(response: SyntheticResponse): void;
  end(ending: ExchangeEnding): void;
  /** Bytes of the intermediary’s own in a tunnel, between two of the origin’s. */
  sendToClient(bytes: Uint8Array): void;
  /** The answer will come from here: the origin is not asked. */
  openResponse(): ResponseSink;
  /** Whatever the origin says from now on does not reach the client. */
  discardResponse(): void;
  /** Asks the origin once more, if a policy wants that. False: no policy does, or it is too late. */
  retryUpstream(why: RequestFailure): boolean;
  /** How many requests a step has met, this one included. @param params the step’s own, by which it is known */
  count(params: object): number;
  /** Called when the exchange is over, or at once when it already is. */
  onceOver(fn: () => void): void;
}

/** Takes a response that comes from elsewhere than the origin. */
export interface ResponseSink {
  head(head: ResponseHead): void;
  payload(bytes: Buffer): void;
  complete(): void;
  upstreamClosed(how: UpstreamFailure, detail: string): void;
}

/** A filter on the response body on its way to the client. It hands bytes on through the `emit` it was made with. */
export interface BodyFilter {
  /** The head waits for the first bytes emitted; an empty `emit` lets it go alone. */
  readonly holdsHead: boolean;
  push(bytes: Uint8Array): void;
  /** The body is complete: everything goes on, now. */
  end(): void;
  /** Nothing more is wanted; timers stop. */
  drop(): void;
}

export type Emit = (bytes: Uint8Array) => void;

/** Observes an exchange while it runs. */
export interface ExchangeWatcher {
  /** Bytes came in from the client (`up`) or from the origin (`down`). */
  byte?(dir: Direction): void;
  /** Bytes in a tunnel, before they go on; they do not where the exchange is ended now. */
  tunnel?(dir: Direction, bytes: Uint8Array): void;
  phase?(): void;
  stop: Cancel;
}

/** How the upstream connection failed: FIN, RST, no connection at all, or bytes that are no answer. */
export type UpstreamFailure = 'fin' | 'rst' | 'unreachable' | 'malformed';

/** Why a request has no answer: the origin was silent, its connection broke, or it never had the request. */
export type RequestFailure = 'silent' | 'died' | 'unreachable';

/** How requests go to the origin. */
export interface UpstreamOptions {
  version: '1.0' | '1.1';
  /** A connection may serve several. */
  reuse: boolean;
}

/** Methods that are not idempotent (RFC 9110, 9.2.2). */
export const NON_IDEMPOTENT = ['POST', 'PATCH', 'LOCK'];

/** When the origin learns that a client has gone. */
export type AbortPropagation = 'at-once' | 'on-write' | 'never';

/** The implementation of a definition. */
export type PolicyImpl<D extends Definition> = PolicyHooks<Values<D>>;

export interface PolicyHooks<P = StepValues> {
  /** Before the request goes to the origin. Nothing is sent before a promise is kept. */
  request?(x: Exchange, params: P): void | Promise<void>;
  /** Before the head of the answer goes to the client. */
  response?(x: Exchange, params: P): void;
  bodyFilter?(x: Exchange, params: P, emit: Emit): BodyFilter | null;
  watch?(x: Exchange, params: P): ExchangeWatcher | void;
  /** Whether a request that got no answer is sent again; `tries` is how often it was sent. */
  shouldRetry?(x: Exchange, params: P, tries: number, why: RequestFailure): boolean;
  /** The answer has gone through, complete. */
  responseComplete?(x: Exchange, params: P): void;
  /** A kept connection was closed as a request came on it. True when the policy has handled it; else it is asked again. */
  keptConnectionClosed?(x: Exchange, params: P): boolean;
  /** True when the policy has handled it. */
  upstreamClosed?(x: Exchange, how: UpstreamFailure, params: P): boolean;
  /** How an error looks that the intermediary makes of an origin’s failing; `words` is what the status is called. */
  errorPage?(params: P, status: number, failing: RequestFailure, words: string): ErrorPage;
  /** `null`: no opinion. */
  clientAbort?(x: Exchange, how: 'fin' | 'rst', params: P): { when: AbortPropagation; as: 'fin' | 'rst' } | null;
  /**
   * How long a connection is kept after an answer, of whom it was: ms, 0 for not at all, null for no opinion.
   * @param x the exchange whose answer it is; absent where only the limit is asked for
   */
  keepAliveMs?(params: P, after: 'origin' | 'proxy', x?: Exchange): number | null;
  /** The exchange is over and its connection kept; `close` ends it as long as no other request comes on it. */
  idle?(x: Exchange, params: P, close: (why: Omit<Attribution, 'by'>) => void): Cancel | void;
  /** How requests go to the origin. */
  upstreamOptions?(params: P): UpstreamOptions;
}
