/** A lane's figures, in words: what stands right of its ribbon. */
import { parseCursor } from '../../../shared/protocol/cursor.ts';
import { quantiles } from '../../../shared/measure/latency.ts';
import type { RunConfig } from '../../../shared/run-config.ts';
import type { FigureWindow } from '../../model/figure-history.ts';
import type { LaneModel } from '../../model/lane-model.ts';
import { bytes, count, limit, ratio, seconds, span, UNKNOWN } from '../../ui/format.ts';

export interface LaneFigures {
  cursor: string;
  distance: string;
  p50: string;
  p95: string;
  /** Why there is no latency though events came; null otherwise. */
  noLatency: string | null;
  bytesPerEvent: string;
  requestsPerEvent: string;
  missed: string;
  /** Something was lost. */
  lossy: boolean;
  repeated: string;
  received: number;
  /** Repeats too. */
  receivedInAll: number;
}

function repeatedText(neverReceived: boolean, known: boolean, repeats: number): string {
  if (neverReceived) return UNKNOWN;
  return known ? `${count(repeats)} repeated` : 'repeats: cannot know';
}

/**
 * @param window the stretch of the run that the counts and quantiles are about
 * @param selection a stretch that was chosen: the figures are of it alone
 * @param noLatency why no latency can be measured in this run; null where it can
 */
export function laneFigures(
  lane: LaneModel,
  now: number,
  head: string | null,
  window: FigureWindow = 'all',
  noLatency: string | null = null,
  selection: { from: number; to: number } | null = null,
): LaneFigures {
  const counts = selection
    ? lane.countsBetween(selection.from, selection.to)
    : lane.figures.over(window, lane.tally, now);
  const latency = quantiles(counts.latency);
  const receivedNothing = lane.tally.continuity.received === 0;
  // It was only ever refused, or has nowhere to have missed from: nothing can have been missed or not.
  const refused = receivedNothing && !lane.hasSucceeded && (lane.tally.availability.failedAttempts ?? 0) > 0;
  const neverReceived = refused || (receivedNothing && lane.cursor === null);
  const perEvent = (total: number | null): number | null =>
    counts.unique === 0 || total === null ? null : total / counts.unique;
  return {
    cursor: lane.cursor ?? UNKNOWN,
    distance: distance(lane.cursor, head),
    p50: span(latency?.p50),
    p95: span(latency?.p95),
    noLatency: latency === null && counts.received > 0 ? noLatency : null,
    bytesPerEvent: bytes(roundedOrNull(perEvent(counts.bytes))),
    requestsPerEvent: counts.unique === 0 ? `${count(counts.requests)} req` : `${ratio(perEvent(counts.requests))} req`,
    missed: missedText(neverReceived, refused, counts.missed),
    lossy: !neverReceived && (counts.missed ?? 0) > 0,
    repeated: repeatedText(neverReceived, lane.tally.continuity.repeatsKnown, counts.duplicates),
    received: counts.unique,
    receivedInAll: counts.received,
  };
}

function missedText(neverReceived: boolean, refused: boolean, missed: number | null): string {
  if (refused || (neverReceived && missed !== null)) return UNKNOWN;
  return missed === null ? 'cannot know' : `${count(missed)} missed`;
}

const roundedOrNull = (value: number | null): number | null => (value === null ? null : Math.round(value));

/** Why a run measures no latency; null where it does. */
export function whyNoLatency(config: RunConfig | null): string | null {
  if (!config) return null;
  if (config.timeScale !== 1)
    return `Not measured at time ×${config.timeScale}: the clock runs faster, what the machine itself takes does not.`;
  if (config.target.kind === 'remote')
    return 'When this server published is not known here: its clock is another, or its events carry no time.';
  return null;
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
