/** A lane's figures, in words: what stands right of its ribbon. */
import { parseCursor } from '../../../shared/protocol/cursor.ts';
import { summarise } from '../../../shared/measure/tally.ts';
import type { LaneModel } from '../../model/lane-model.ts';
import { bytes, count, limit, ratio, seconds, span, UNKNOWN } from '../../ui/format.ts';

export interface LaneFigures {
  cursor: string;
  distance: string;
  p50: string;
  p95: string;
  bytesPerEvent: string;
  requestsPerEvent: string;
  missed: string;
  /** Something was lost. */
  lossy: boolean;
  repeated: string;
  received: number;
}

export function laneFigures(lane: LaneModel, now: number, head: string | null): LaneFigures {
  const s = summarise(lane.tally, now);
  // It never stood anywhere: nothing can have been missed or not.
  const neverReceived = s.received === 0 && lane.cursor === null;
  return {
    cursor: lane.cursor ?? UNKNOWN,
    distance: distance(lane.cursor, head),
    p50: span(s.latency?.p50),
    p95: span(s.latency?.p95),
    bytesPerEvent: bytes(s.bytesPerEvent === null ? null : Math.round(s.bytesPerEvent)),
    requestsPerEvent: s.unique === 0 ? `${count(s.requests)} req` : `${ratio(s.requests / s.unique)} req`,
    missed: s.missed === null ? 'cannot know' : neverReceived ? UNKNOWN : `${count(s.missed)} missed`,
    lossy: (s.missed ?? 0) > 0,
    repeated: neverReceived ? UNKNOWN : `${count(s.duplicates)} repeated`,
    received: s.unique,
  };
}

/** The newest cursor any lane has: the best that is known of a log that is not ours. Null where ids are not dense. */
export function newestCursor(lanes: readonly LaneModel[]): string | null {
  let best: string | null = null;
  let bestSeq = -1;
  for (const { cursor } of lanes) {
    const parsed = cursor === null ? null : parseCursor(cursor);
    if (parsed && parsed.seq > bestSeq) {
      best = cursor;
      bestSeq = parsed.seq;
    }
  }
  return best;
}

/** How far behind the newest event: only where both cursors are of one dense log. */
export function distance(cursor: string | null, head: string | null): string {
  const mine = cursor === null ? null : parseCursor(cursor);
  const newest = head === null ? null : parseCursor(head);
  if (!mine || !newest) return UNKNOWN;
  if (mine.epoch !== newest.epoch) return 'another epoch';
  const behind = newest.seq - mine.seq;
  return behind <= 0 ? 'at head' : `${count(behind)} behind`;
}

export interface Headroom {
  /** Why there is no gauge; null when there is one. */
  whyNone: string | null;
  /** Silence now and the longest since the conditions changed, as shares of the limit. */
  now: number;
  longest: number;
  words: string;
  near: boolean;
}

/** The idle limit of the path against the silence it has to outlast. */
export function headroom(lane: LaneModel, now: number, limitMs: number | null): Headroom {
  const none = (why: string): Headroom => ({ whyNone: why, now: 0, longest: 0, words: '', near: false });
  if (lane.method === 'short-polling') return none('no idle connection to lose');
  if (limitMs === null) return none('no idle limit on the path');
  const silent = lane.expectsBytes ? Math.max(0, now - Math.max(lane.lastActivityAt, lane.since)) : 0;
  const longest = Math.max(lane.longestSilence, silent);
  return {
    whyNone: null,
    now: Math.min(1, silent / limitMs),
    longest: Math.min(1, longest / limitMs),
    // A client that slept learns of the end late: its silence seems longer than any path allows.
    words:
      longest > limitMs && lane.longestSilenceAsleep
        ? 'slept past the limit'
        : `${lane.expectsBytes || longest > 0 ? seconds(Math.min(longest, limitMs)).replace(' s', '') : UNKNOWN} of ${limit(limitMs)}`,
    near: longest >= limitMs * 0.9,
  };
}
