import type { Method } from '../../shared/catalog.ts';
import type { DropFact, GapFact, Observation, ResumeFact } from '../../shared/observation.ts';

export type Drop = Observation & DropFact;
export type Resume = Observation & ResumeFact;

/** One outage: how the connection ended and how the lane resumed. `null` is unknown, or not yet known. */
export interface LedgerEntry {
  at: number;
  lane: string;
  method: Method;
  drop: Drop | null;
  /** Milliseconds asleep, when that is what ended it. */
  sleptMs: number | null;
  /** Attempts to come back that failed before one stood. */
  failedAttempts: number;
  resume: Resume | null;
  /** A gap on a connection that stayed open. */
  gap?: Observation & GapFact;
}

/** From the drop (or the wake) to the resume. */
export const recoveryMs = (e: LedgerEntry): number | null => (e.resume ? e.resume.at - e.at : null);
