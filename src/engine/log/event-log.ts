import type { Bounds } from '../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import type { Cancel } from '../../shared/clock.ts';

/** What a log keeps of a channel, whichever bound is met first. */
export interface Retention {
  count: number;
  ageMs: number;
  bytes: number;
}

/**
 * An append-only log: per channel an epoch and a dense seq, bounded by count, age and bytes. Epoch and head outlive the
 * data. Synchronous, so that an append and its fan-out are one step; a shared log keeps a local window of its own.
 */
export interface EventLog {
  channel(name: string): ChannelLog;
  channels(): string[];
  /** Drops a channel that never had an event, has not ended and has no tail listener. Others stay. */
  forget(name: string): void;
  /** Drops all events and begins a new epoch, seq from 1. */
  lose(): void;
  setRetention(retention: Retention): void;
  close(): void;
}

export interface ChannelLog {
  readonly name: string;
  /** @throws Failure `channel-ended` after `end()`. */
  append(draft: { type: string; data: string }): LogEvent;
  /** Events with seq > `after`, oldest first, at most `limit`. */
  read(after: number, limit: number): LogEvent[];
  bounds(): Bounds;
  /** How much is kept. */
  size(): { count: number; bytes: number };
  /** Called after each append, at the end (`null`), and when the log is lost (`'lost'`). */
  tail(listener: (event: LogEvent | null | 'lost') => void): Cancel;
  /** No event will follow. */
  end(): void;
}
