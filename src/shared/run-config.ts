/** All that a run is started with: who is followed, by which lanes, over which path, at which pace. */
import type { Method, WorkloadName } from './catalog.ts';
import type { PathSpec } from './path/spec.ts';
import type { Target } from './target.ts';

export interface WorkloadSpec {
  name: WorkloadName;
  /** Events a second; null is the workload's own pace. */
  rate: number | null;
  /** Bytes of data an event; null is the workload's own. */
  size: number | null;
  /** Events a burst; null is the workload's own. */
  burst: number | null;
}

export interface LaneSpec {
  method: Method;
  /** Only when it differs from what target and dialect give. */
  url?: string;
  /** What a person calls it; a label, its id stays. */
  name?: string;
  /** Where this lane differs from the run. */
  client?: LaneClient;
}

/** What a lane may do in its own way. */
export type LaneClient = Partial<
  Pick<
    RunConfig,
    | 'pollMs'
    | 'pollFloorMs'
    | 'holdMs'
    | 'pingMs'
    | 'deadAfter'
    | 'backoff'
    | 'pongs'
    | 'retry'
    | 'acceptEncoding'
    | 'deadlineMs'
    | 'retryOn'
  >
>;

export interface RunConfig {
  target: Target;
  lanes: LaneSpec[];
  path: PathSpec;
  /** null is off. */
  heartbeatMs: number | null;
  workload: WorkloadSpec;
  channel: string;
  /** null: the lab reads the head once and gives every lane the same cursor. */
  after: string | null;
  pollMs: number;
  /** The least time between two long polls, where a person gave `pollMs`; null or absent: none. */
  pollFloorMs?: number | null;
  holdMs: number;
  pingMs: number | null;
  deadAfter: 'auto' | 'off' | number;
  backoff: 'full-jitter' | 'equal' | 'none';
  pongs: boolean;
  /** After a status that is no stream: over, as an EventSource (the default), or back as pollers come back. */
  retry?: 'eventsource' | 'resilient';
  /** The `Accept-Encoding` of streams and polls, or `off` for the bytes as they are; absent: what Chromium sends. */
  acceptEncoding?: string;
  /** The longest that one connection, or one poll, may take in all; absent: as the target says, else no such limit. */
  deadlineMs?: number;
  /** Rules as a target's `retryOn`, before those of the target. */
  retryOn?: string[];
  timeScale: number;
  seed: number;
  /** Events the embedded server keeps a channel; null or absent is its default. */
  retain?: number | null;
}
