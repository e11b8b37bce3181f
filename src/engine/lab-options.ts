import type { EngineInfo } from '../shared/api.ts';
import { METHODS } from '../shared/catalog.ts';
import type { Clock } from '../shared/clock.ts';
import { DEFAULTS } from '../shared/defaults.ts';
import type { Dialect } from '../shared/dialect/model.ts';
import type { RunConfig } from '../shared/run-config.ts';
import type { EndpointHost } from './run/run-endpoint.ts';
import type { Keychain } from './secrets/openers.ts';
import type { ServerSettings } from './server/broker/broker.ts';

export interface LabOptions {
  host: EngineInfo['host'];
  version: string;
  config?: Partial<RunConfig>;
  serverPort?: number;
  serverHost?: string;
  /** `memory` (default) or `sqlite:FILE`. */
  log?: string;
  /** Where endpoints and recordings are kept; null keeps nothing. */
  dataDir?: string | null;
  /** A file to record into from the first observation on. */
  record?: string | null;
  serverSettings?: Partial<ServerSettings>;
  /** One more dialect, read from a file. */
  dialect?: Dialect;
  /** What endpoints elsewhere are lent: secrets, environment, and the word for their commands. */
  endpointHost?: EndpointHost;
  /** Lanes dial their target themselves, without a path between. */
  direct?: boolean;
  /** Capture what stands on the wire; by default where a page may look at it. */
  wire?: boolean;
  /** The system's keychain, where the host has one. */
  keychain?: Keychain;
  /**
   * Asks whoever sits at the machine whether a command may be run for this endpoint. Absent: this host cannot ask, and no
   * command that came over its page is run.
   */
  confirmCommand?: (command: string, endpoint: string) => Promise<boolean>;
  /** For tests: the clock of a run at a scale. */
  clock?: (scale: number) => Clock;
  /** For tests: milliseconds that run on while this process stands still. */
  monotonic?: () => number;
}

export const DEFAULT_CONFIG: RunConfig = {
  target: { kind: 'embedded' },
  lanes: METHODS.map((method) => ({ method })),
  path: [],
  heartbeatMs: null, // so that what a quiet path does is seen before its cure
  workload: { name: 'notifications', rate: null, size: null, burst: null },
  channel: DEFAULTS.channel,
  after: null,
  pollMs: DEFAULTS.pollMs,
  holdMs: DEFAULTS.holdMs,
  pingMs: null,
  deadAfter: 'auto',
  backoff: 'full-jitter',
  pongs: true,
  timeScale: 1,
  seed: 1,
};
