import type {
  DropFact,
  EventFact,
  GapFact,
  HeartbeatFact,
  Observation,
  ResumeFact,
} from '../../../shared/observation.ts';

/** A stretch of time a stream stood open. `to` is null while it does. */
export interface Band {
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
  cut: 'drop' | 'sleep' | 'stop' | null;
}

/** From losing the connection (or falling asleep) to having resumed. */
export interface Bridge {
  at: number;
  from: number;
  /** When a connection stood (or a question was asked) again; the resume is known from what came then. */
  back: number;
  resume: Observation & ResumeFact;
  slept: number | null;
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
export type BeatMark = Observation & HeartbeatFact;
export type DropMark = Observation & DropFact;
export type GapMark = Observation & GapFact;
