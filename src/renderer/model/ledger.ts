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
  /** When a connection was open again, or the poll was sent that was answered; null until then. */
  reopenedAt: number | null;
  resume: Resume | null;
  /** When the first event after the outage was published, where that was seen. */
  firstPublishedAt: number | null;
  /** A gap on a connection that stayed open. */
  gap?: Observation & GapFact;
}

/** From the drop (or the wake) until a connection was open again. */
export const reopenMs = (e: LedgerEntry): number | null =>
  e.reopenedAt === null ? null : Math.max(0, e.reopenedAt - e.at);

/**
 * From the drop (or the wake) until nothing published meanwhile was left to come. Where the first event was published
 * after the reopening, nothing was: the wait for it is the channel's silence, not the lane's. `atMost`: when that event
 * was published is not known.
 */
export function catchUpMs(e: LedgerEntry): { ms: number; atMost: boolean } | null {
  const { resume, reopenedAt, firstPublishedAt } = e;
  if (!resume) return null;
  const receivedAfter = Math.max(0, resume.at - e.at);
  if (resume.first === null) {
    // An answered poll says that there was nothing; a stream that is silent says nothing.
    const polling = e.method === 'short-polling' || e.method === 'long-polling';
    return polling ? { ms: receivedAfter, atMost: false } : null;
  }
  if (firstPublishedAt === null) return { ms: receivedAfter, atMost: true };
  const caughtUpAtOnce = reopenedAt !== null && firstPublishedAt >= reopenedAt;
  return { ms: caughtUpAtOnce ? Math.max(0, reopenedAt - e.at) : receivedAfter, atMost: false };
}
