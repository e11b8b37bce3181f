import type { LaneModel } from '../../model/lane-model.ts';
import type { RunModel } from '../../model/run-model.ts';

/**
 * The idle limit a lane lives under, in milliseconds; null where there is none. A connection that was opened before an
 * intermediary stood on the path goes past it, and past its limit.
 */
export function idleLimitOf(run: RunModel | null, lane: LaneModel, bypassed: boolean): number | null {
  if (!run || (bypassed && lane.state === 'open' && lane.since <= run.path.at)) return null;
  return run.path.idleLimitMs;
}
