import type { LabSnapshot } from '../../shared/api.ts';
import { formatCursor, type Bounds } from '../../shared/protocol/cursor.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import type { Lane } from '../client/lane/lane.ts';
import type { LaneUrl } from './lane-roster.ts';
import type { RunStats } from './run-stats.ts';

/** How many observations a snapshot carries; a page asks for no more than it can draw. */
const SNAPSHOT_LIMIT = 8_000;

type RunSnapshot = Omit<LabSnapshot, 'recording' | 'scenario'>;

interface RunView {
  n: number;
  now: number;
  startedAt: number;
  config: RunConfig;
  lanes: ReadonlyMap<string, Lane>;
  /** What each of them was given. */
  given: readonly LaneUrl[];
  stats: RunStats;
  path: RunSnapshot['path'];
  server: { url: string | null; bounds: Bounds | null };
  offline: boolean;
  asleepUntil: number | null;
}

/** Where a run stands, as a page that joins now needs it. */
export function runSnapshot({
  n,
  now,
  startedAt,
  config,
  lanes,
  given,
  stats,
  path,
  server,
  ...rest
}: RunView): RunSnapshot {
  const { url, bounds } = server;
  const all = stats.recent.list();
  const recent = all.slice(-SNAPSHOT_LIMIT);
  return {
    n,
    now: Math.round(now),
    runStartedAt: startedAt,
    config: structuredClone(config),
    lanes: given.flatMap(({ id, name = null, client = {} }) => {
      const lane = lanes.get(id);
      if (!lane) return []; // the run has begun, the lane has not
      const tally = stats.tally(id);
      return { id, method: tally.method, url: tally.url, name, client, ...lane.snapshot(), tally };
    }),
    path,
    server: {
      running: url !== null,
      url,
      epoch: bounds?.epoch ?? null,
      head: bounds ? formatCursor(bounds.epoch, bounds.newest) : null,
      floor: bounds ? formatCursor(bounds.epoch, bounds.floor) : null,
    },
    ...rest,
    pongs: config.pongs,
    recent,
    forgotten: stats.recent.forgotten + all.length - recent.length,
  };
}
