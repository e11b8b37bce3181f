import type { Method } from '../../../shared/catalog.ts';
import type { DropFact, GapFact, Observation, ResumeFact } from '../../../shared/observation.ts';

export type Drop = Observation & DropFact;
export type Resume = Observation & ResumeFact;

/** One time away: how it ended, and how the lane came back. `null` fields are not known, or not yet. */
export interface LedgerEntry {
  at: number;
  lane: string;
  method: Method;
  drop: Drop | null;
  /** Milliseconds asleep, when that is what ended it. */
  slept: number | null;
  /** Attempts to come back that failed before one stood. */
  failedTries: number;
  resume: Resume | null;
  /** The connection lived on, but not what it was following. */
  gap?: Observation & GapFact;
}

/** From the drop (or the wake) to the resume. */
export const recoverMs = (e: LedgerEntry): number | null => (e.resume ? e.resume.at - e.at : null);
