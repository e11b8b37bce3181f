import type { Method, State } from './catalog.ts';
import type { DoctorCode } from './doctor/codes.ts';
import type { Verdict } from './doctor/report.ts';

/** Milliseconds. */
export interface Quantiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** One lane of a run, counted. `null` is unknown and never 0: a lane that never opened has no counts. */
export interface LaneSummary {
  method: Method;
  url: string;
  received: number | null;
  unique: number;
  /** Null too where events without ids came after a reconnect. */
  duplicates: number | null;
  missed: number | null;
  replayed: number;
  requests: number;
  emptyResponses: number;
  notModified: number;
  bytesIn: number;
  bytesOut: number;
  bytesPerEvent: number | null;
  drops: number;
  /** Planned ends, announced by the protocol: no drops. */
  ended: number;
  reconnects: number;
  latency: Quantiles | null;
  timeToDetect: Quantiles | null;
  /** From a drop to open again. */
  timeToReopen: Quantiles | null;
  /** From a drop to the first event after it, or to the word that there is none. */
  timeToRecover: Quantiles | null;
  /** Whether the last stream ended without its terminal message; null where there is none to wait for, or it has not ended. */
  truncated?: boolean | null;
  /** Of a stream of a model or an agent; null: no token has come. Absent in recordings of earlier versions. */
  tokens?: TokenSummary | null;
  heldOpenMs: number;
  /** The longest silence on a connection that stood open. */
  longestSilenceMs: number;
  states: Partial<Record<State, number>>;
  /** What the lane concludes from what it has seen; absent in recordings of earlier versions. */
  findings?: LaneFinding[];
  /** It took any certificate; absent: it did not. */
  insecure?: true;
}

/** The parts that a model or an agent brought forth, as the dialect tells them (`token: true`). */
export interface TokenSummary {
  /** Repeats are not among them. */
  count: number;
  /** From a request that resumes nothing to its first token. */
  timeToFirst: Quantiles | null;
  /** From one token to the next on the same connection; null before the second. */
  gaps: Quantiles | null;
  /** How many came less than 1 ms after the one before. */
  clumped: number | null;
  /** Tokens that came twice; null where they have no ids. */
  repeated: number | null;
  /** Events of the stream that never came; null where that cannot be known. */
  missed: number | null;
  /** The last request that asked from a cursor; null: none did. */
  resumedBy: { method: string; cursor: string } | null;
}

/** A conclusion of a lane, in the Doctor's words. */
export interface LaneFinding {
  code: DoctorCode;
  verdict: Verdict;
  /** Ms. */
  value?: number;
  text: string;
  /** 0 to 1; 1 only where the cause is known. */
  confidence: number;
}
