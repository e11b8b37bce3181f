import { parseCursor } from '../protocol/cursor.ts';
import type { Observation } from '../observation.ts';

/** Whether a lane got everything, once. Plain data. */
export interface ContinuityCounts {
  received: number;
  unique: number;
  duplicates: number;
  /** Published before the lane's first open. */
  replayed: number;
  /** Sticky: once an id, a resume or a gap cannot know, the sum cannot either. */
  missed: number | null;
  /** The last loss counted and the cursor it began at: a gap and the resume it belongs to tell of the same events. */
  lastLoss: { from: string; missed: number } | null;
}

export const newContinuityCounts = (): ContinuityCounts => ({
  received: 0,
  unique: 0,
  duplicates: 0,
  replayed: 0,
  missed: 0,
  lastLoss: null,
});

export function foldContinuity(c: ContinuityCounts, o: Observation): void {
  if (o.type === 'event') {
    c.received++;
    if (o.duplicate) c.duplicates++;
    else c.unique++;
    if (o.replayed) c.replayed++;
    // ids that do not count prove nothing, however smoothly it went
    if (o.cursor === null || !parseCursor(o.cursor)) c.missed = null;
  } else if (o.type === 'notice' && o.code === 'cannot-know') c.missed = null;
  else if (o.type === 'gap') addLoss(c, o.from, o.missed);
  else if (o.type === 'resume') addLoss(c, o.sent, o.missed);
}

/** Adds a loss after cursor `from`. A second report from the same cursor only adds what the first did not have. */
function addLoss(c: ContinuityCounts, from: string | null, missed: number | null): void {
  if (missed === null) c.missed = null;
  if (missed === null || c.missed === null) return;
  const counted = from !== null && c.lastLoss?.from === from ? c.lastLoss.missed : 0;
  c.missed += Math.max(0, missed - counted);
  c.lastLoss = from === null ? null : { from, missed: Math.max(missed, counted) };
}
