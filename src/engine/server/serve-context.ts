import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import type { ChannelLog } from '../log/event-log.ts';

/** The operator's settings; they may change while connections live. Milliseconds and bytes. */
export interface ServerSettings {
  heartbeatMs: number | null;
  holdMs: number;
  /** Set when a person moves the heartbeat switch: no poll is held longer than this. */
  holdCapMs: number | null;
  maxAgeMs: number;
  cors: string;
}

/** What a server half is given for one request on one channel. */
export interface ServeContext {
  channel: ChannelLog;
  settings: Readonly<ServerSettings>;
  clock: Clock;
  random: Random;
}
