import type { Clock } from '../../shared/clock.ts';
import { formatCursor, type Bounds } from '../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import { checkDraft } from './draft.ts';
import { newEpoch } from './epoch.ts';
import type { ChannelLog, EventLog, Retention } from './event-log.ts';
import { RetentionWindow, byteSize } from './retention-window.ts';
import { channelEnded, type LogOptions } from './options.ts';
import { TailListeners, type TailListener } from './tail-listeners.ts';

/** The log that lives as long as its process. */
export function memoryLog(options: LogOptions): EventLog {
  let epoch = newEpoch(options.random);
  let retention = options.retention;
  const channels = new Map<string, MemoryChannel>();
  const state = { epoch: () => epoch, retention: () => retention, clock: options.clock };

  return {
    channel(name) {
      let channel = channels.get(name);
      if (!channel) channels.set(name, (channel = new MemoryChannel(name, state)));
      return channel;
    },
    channels: () => [...channels.keys()],
    forget(name) {
      if (channels.get(name)?.unused) channels.delete(name);
    },
    lose() {
      epoch = newEpoch(options.random, epoch);
      for (const channel of channels.values()) channel.lose();
    },
    setRetention(next) {
      retention = next;
    },
    close() {},
  };
}

interface LogState {
  epoch(): string;
  retention(): Retention;
  clock: Clock;
}

class MemoryChannel implements ChannelLog {
  readonly name: string;
  #state: LogState;
  #events: LogEvent[] = [];
  /** Where the oldest kept event stands in `#events`; what lies before it is cleared now and then. */
  #offset = 0;
  #newest = 0;
  #ended = false;
  #window = new RetentionWindow();
  #listeners = new TailListeners();

  constructor(name: string, state: LogState) {
    this.name = name;
    this.#state = state;
  }

  append(draft: { type: string; data: string }): LogEvent {
    if (this.#ended) throw channelEnded(this.name);
    const { type, data } = checkDraft(draft);
    const seq = ++this.#newest;
    const { clock } = this.#state;
    const time = Math.round(clock.unixTime());
    const event: LogEvent = { cursor: formatCursor(this.#state.epoch(), seq), seq, type, time, data };
    this.#events.push(event);
    this.#window.push(clock.now(), byteSize(type, data));
    this.#trim();
    this.#listeners.notify(event);
    return event;
  }

  read(after: number, limit: number): LogEvent[] {
    this.#trim();
    const from = this.#offset + Math.max(0, after - this.#floor());
    return this.#events.slice(from, from + Math.max(0, limit));
  }

  get unused(): boolean {
    return this.#newest === 0 && !this.#ended && this.#listeners.size === 0;
  }

  bounds(): Bounds {
    this.#trim();
    return { epoch: this.#state.epoch(), floor: this.#floor(), newest: this.#newest, ended: this.#ended };
  }

  size(): { count: number; bytes: number } {
    this.#trim();
    return { count: this.#window.count, bytes: this.#window.bytes };
  }

  tail(listener: TailListener) {
    return this.#listeners.add(listener);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listeners.notify(null);
  }

  lose(): void {
    this.#events = [];
    this.#offset = 0;
    this.#newest = 0;
    this.#ended = false;
    this.#window.clear();
    this.#listeners.notify('lost');
  }

  #floor(): number {
    return this.#newest - this.#window.count;
  }

  #trim(): void {
    this.#offset += this.#window.trim(this.#state.clock.now(), this.#state.retention());
    if (this.#offset > 1024 && this.#offset * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#offset);
      this.#offset = 0;
    }
  }
}
