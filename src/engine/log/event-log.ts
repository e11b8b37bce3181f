import type { Bounds } from '../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import type { Cancel } from '../../shared/clock.ts';

/** What a log keeps of a channel, whichever bound is met first. */
export interface Retention {
  count: number;
  /** Engine milliseconds. */
  ageMs: number;
  bytes: number;
}

/** What is appended. `terminal`: a state that will not change soon, so that pollers may slow down. */
export interface Append {
  type: string;
  data: string;
  terminal?: boolean;
}

/** What a publisher gets back of its event. */
export type Receipt = Pick<LogEvent, 'cursor' | 'seq' | 'type' | 'time'>;

/** How a log is, for whoever watches the server. */
export interface LogHealth {
  kind: 'memory' | 'sqlite' | 'redis';
  /** It can be appended to, as far as is known. */
  ok: boolean;
  /** What is wrong, as a sentence. */
  problem?: string;
  /** How long ago this process was last known to have everything, in ms; 0 where it always has. */
  behindMs: number;
  /** Processes that share the log, this one among them. */
  servers: number;
}

/**
 * An append-only log: per channel an epoch and a dense seq, bounded by count, age and bytes. Epoch and head outlive the
 * data. Reading is synchronous everywhere, so that what is pushed and what is read agree: a log that several processes
 * share keeps a window of its own in each of them, and `refresh` says when that is as new as the log.
 */
export interface EventLog {
  channel(name: string): ChannelLog;
  channels(): string[];
  /** Drops a channel that never had an event, has not ended and has no tail listener. Others stay. */
  forget(name: string): void;
  /** Drops all events and begins a new epoch, seq from 1. */
  lose(): void | Promise<void>;
  setRetention(retention: Retention): void | Promise<void>;
  health(): LogHealth;
  close(): void | Promise<void>;
}

export interface ChannelLog {
  readonly name: string;
  /**
   * Brings what this process knows of the channel up to what the log holds now; null where it always is.
   * @param after the cursor that will be resolved next: while the log is away, one that is known already will do
   * @throws Failure `log-unreachable`, `log-slow` … (rejects)
   */
  refresh(after: string | null): Promise<void> | null;
  /** @throws Failure `channel-ended` after `end()`; of a shared log also `log-full`, `log-unreachable`, `log-unknown` */
  append(draft: Append): LogEvent | Promise<LogEvent>;
  /** One event a key, whichever process is asked. Only a shared log does it: elsewhere whoever appends keeps the keys. */
  appendOnce?(draft: Append, key: string): Promise<{ event: Receipt; duplicate: boolean }>;
  /** Events with seq > `after`, oldest first, at most `limit`. */
  read(after: number, limit: number): LogEvent[];
  bounds(): Bounds;
  /** How much is kept. */
  size(): { count: number; bytes: number };
  /** Called after each append, at the end (`null`), and when the log is lost (`'lost'`). */
  tail(listener: (event: LogEvent | null | 'lost') => void): Cancel;
  /** No event will follow. */
  end(): void | Promise<void>;
  /** What other processes share beside the log; null where there are none. */
  readonly backplane: Backplane | null;
}

/** What is told to the other processes of a server, and is not logged. */
export interface Backplane {
  /** @param data JSON */
  signal(data: string): void;
  /** The first connection of this process that speaks for a member, and the last one gone. */
  join(member: string): void;
  leave(member: string): void;
  /** Members on other processes. */
  members(): Iterable<string>;
  has(member: string): boolean;
  listen(listener: BackplaneListener): Cancel;
}

/** What the other processes tell. */
export interface BackplaneListener {
  signal(data: string): void;
  /** Somebody is on another process now who was on none of them before; and the reverse. */
  joined(member: string): void;
  left(member: string): void;
}

/** A log that belongs to one process: nothing of it has to be waited for. */
export interface LocalLog extends EventLog {
  channel(name: string): LocalChannelLog;
  lose(): void;
  setRetention(retention: Retention): void;
  close(): void;
}

export interface LocalChannelLog extends ChannelLog {
  refresh(): null;
  append(draft: Append): LogEvent;
  end(): void;
  readonly backplane: null;
}
