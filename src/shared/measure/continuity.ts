import type { Evidence } from '../catalog.ts';
import { parseCursor } from '../protocol/cursor.ts';
import type { Observation } from '../observation.ts';

/** Whether a lane got everything, once. Plain data. */
export interface ContinuityCounts {
  received: number;
  unique: number;
  duplicates: number;
  /** Sticky: false once events without ids came after a reconnect. */
  repeatsKnown: boolean;
  /** The dialect says that its ids are dense. */
  dense: boolean;
  /** Published before the lane's first open. */
  replayed: number;
  opened: boolean;
  /** Sticky: once an id, a resume or a gap cannot know, the sum cannot either. */
  missed: number | null;
  /** The last loss counted and the cursor it began at: a gap and the resume it belongs to tell of the same events. */
  lastLoss: { from: string; to: string | null; missed: number } | null;
}

export const newContinuityCounts = (): ContinuityCounts => ({
  received: 0,
  unique: 0,
  duplicates: 0,
  repeatsKnown: true,
  dense: false,
  replayed: 0,
  opened: false,
  missed: 0,
  lastLoss: null,
});

export function foldContinuity(c: ContinuityCounts, o: Observation): void {
  switch (o.type) {
    case 'run':
      c.dense = o.target.dense ?? false;
      return;
    case 'event':
      c.received++;
      if (o.duplicate) c.duplicates++;
      else c.unique++;
      if (o.replayed) c.replayed++;
      // ids that do not count prove nothing, however smoothly it went; where they are to, the lane says which does not
      if (o.cursor === null || (!c.dense && !parseCursor(o.cursor))) c.missed = null;
      return;
    case 'notice':
      if (o.code === 'cannot-know') c.missed = null;
      return;
    case 'state':
      c.opened ||= o.to === 'open';
      return;
    case 'request':
      // what was published since the answer before is not asked for
      if (c.opened && o.cursor === undefined) c.missed = null;
      return;
    case 'gap':
      return addLoss(c, o.from, o.missed, o.to);
    case 'resume':
      if (o.repeated === null) c.repeatsKnown = false;
      return addResume(c, o.sent, o.missed);
    case 'drop':
      // the cursor was refused, and nothing was had instead
      if (CURSOR_REFUSED.includes(o.evidence)) c.missed = null;
      return;
    default:
  }
}

const CURSOR_REFUSED: readonly Evidence[] = ['status:410', 'close:4410'];

/**
 * Adds a loss after cursor `from`. A second report from the same cursor only adds what the first did not have, and one that
 * begins where the last ended belongs to it: a resume sums up both.
 */
function addLoss(c: ContinuityCounts, from: string | null, missed: number | null, to: string | null): void {
  if (missed === null) c.missed = null;
  if (missed === null || c.missed === null) return;
  const last = c.lastLoss;
  if (last && from !== null && last.to === from) {
    c.missed += missed;
    c.lastLoss = { from: last.from, to, missed: last.missed + missed };
    return;
  }
  const counted = last && startsAt(last.from, from) ? last.missed : 0;
  c.missed += Math.max(0, missed - counted);
  c.lastLoss = from === null ? null : { from, to, missed: Math.max(missed, counted) };
}

/** A resume sums up the gaps it belongs to: those that begin where it was asked from, or that led to it. */
function addResume(c: ContinuityCounts, sent: string | null, missed: number | null): void {
  if (missed === null) c.missed = null;
  if (missed === null || c.missed === null) return;
  const last = c.lastLoss;
  const counted = last && (startsAt(last.from, sent) || (sent !== null && last.to === sent)) ? last.missed : 0;
  c.missed += Math.max(0, missed - counted);
  c.lastLoss = sent === null ? null : { from: sent, to: null, missed: Math.max(missed, counted) };
}

/** A server may be asked with the id after the last one. */
const startsAt = (from: string, sent: string | null): boolean =>
  from === sent || (sent !== null && /^\d+$/.test(from) && /^\d+$/.test(sent) && BigInt(from) + 1n === BigInt(sent));
