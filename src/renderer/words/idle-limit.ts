import type { LaneTrack } from '../stores/model/lane-track.ts';
import type { RunTrack } from '../stores/model/run-track.ts';

/**
 * The idle limit a lane lives under, in milliseconds; null where there is none. A connection that was opened before an
 * intermediary stood on the path goes past it, and past its limit.
 */
export function idleLimitOf(run: RunTrack | null, lane: LaneTrack, passedBy: boolean): number | null {
  if (!run || (passedBy && lane.state === 'open' && lane.since <= run.path.at)) return null;
  return run.path.idleLimitMs;
}
