import type { DropFact, EventFact, GapFact, HeartbeatFact, Observation, ResumeFact } from '../../shared/observation.ts';

/** A period a stream was open; `to` is null while it still is. */
export interface OpenPeriod {
  at: number;
  to: number | null;
}

/** One request of a polling lane and what became of it. */
export interface Poll {
  at: number;
  id: number;
  to: number | null;
  status: number | null;
  bytes: number;
  empty: boolean;
  /** Events it brought. */
  events: number;
  /** Ended without an answer, by a drop or by sleep. */
  abortedBy: 'drop' | 'sleep' | 'stop' | null;
}

/** From losing the connection (or falling asleep) to having resumed. */
export interface Recovery {
  at: number;
  from: number;
  /** When a connection stood (or a question was asked) again; the resume is known from what came then. */
  reconnectedAt: number;
  resume: Observation & ResumeFact;
  sleptMs: number | null;
}

/** An event as it entered the log; or, of a log that is not ours, as it was first seen by any lane. */
export interface PublishMark {
  at: number;
  cursor: string | null;
  event: string;
  bytes: number;
  /** The lane that saw it first; null when the publishing itself was seen. */
  seenBy: string | null;
}

export type EventMark = Observation & EventFact;
export type HeartbeatMark = Observation & HeartbeatFact;
export type DropMark = Observation & DropFact;
export type GapMark = Observation & GapFact;
