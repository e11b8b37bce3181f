import type { LaneClient, RunConfig } from '../../shared/run-config.ts';
import type { LaneSettings } from '../client/lane/lane.ts';

/**
 * What a lane does: as the run has it, where it has no way of its own.
 * @param holdCapMs no longer than the server will hold a poll, so that the countdown is true; null: no cap
 */
export function laneSettings(
  config: RunConfig,
  own: LaneClient,
  { holdCapMs, wire }: { holdCapMs: number | null; wire: boolean },
): LaneSettings {
  const { target } = config;
  const remote = target.kind === 'remote' ? target : null;
  const { pollMs, pollFloorMs, holdMs, pingMs, deadAfter, backoff, retry, acceptEncoding } = { ...config, ...own };
  const deadlineMs = own.deadlineMs ?? config.deadlineMs ?? remote?.deadlineMs;
  const headMs = remote?.timeouts?.headMs;
  return {
    pollMs,
    ...(pollFloorMs == null ? {} : { pollFloorMs }),
    holdMs: Math.min(holdMs, holdCapMs ?? Infinity),
    pingMs,
    deadAfter,
    // muted for all is muted for each; a lane of its own may be mute alone
    pongs: config.pongs && (own.pongs ?? true),
    ...(retry === undefined ? {} : { retry }),
    ...(acceptEncoding === undefined ? {} : { acceptEncoding }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(headMs === undefined ? {} : { headMs }),
    ...(remote?.keepAlive === undefined ? {} : { keepAlive: remote.keepAlive }),
    backoff,
    wire,
  };
}
