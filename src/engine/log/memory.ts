import type { Clock } from '../../shared/clock.ts';
import { formatCursor, type Bounds } from '../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import { checkDraft } from './draft.ts';
import { newEpoch } from './epoch.ts';
import type { Append, LocalChannelLog, LocalLog, Retention } from './event-log.ts';
import { EventWindow } from './event-window.ts';
import { channelEnded, type LogOptions } from './options.ts';
import { TailListeners, type TailListener } from './tail-listeners.ts';

/** The log that lives as long as its process. */
export function memoryLog(options: LogOptions): LocalLog {
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
    health: () => ({ kind: 'memory', ok: true, behindMs: 0, servers: 1 }),
    close() {},
  };
}

interface LogState {
  epoch(): string;
  retention(): Retention;
  clock: Clock;
}

class MemoryChannel implements LocalChannelLog {
  readonly name: string;
  readonly backplane = null;
  #state: LogState;
  #window = new EventWindow();
  #ended = false;
  #listeners = new TailListeners();

  constructor(name: string, state: LogState) {
    this.name = name;
    this.#state = state;
  }

  refresh(): null {
    return null;
  }

  append(draft: Append): LogEvent {
    if (this.#ended) throw channelEnded(this.name);
    const { type, data } = checkDraft(draft);
    const seq = this.#window.newest + 1;
    const { clock } = this.#state;
    const time = Math.round(clock.unixTime());
    const event: LogEvent = { cursor: formatCursor(this.#state.epoch(), seq), seq, type, time, data };
    if (draft.terminal === true) event.terminal = true;
    this.#window.push(event, clock.now());
    this.#trim();
    this.#listeners.notify(event);
    return event;
  }

  read(after: number, limit: number): LogEvent[] {
    this.#trim();
    return this.#window.read(after, limit);
  }

  get unused(): boolean {
    return this.#window.newest === 0 && !this.#ended && this.#listeners.size === 0;
  }

  bounds(): Bounds {
    this.#trim();
    const { floor, newest } = this.#window;
    return { epoch: this.#state.epoch(), floor, newest, ended: this.#ended };
  }

  size(): { count: number; bytes: number } {
    this.#trim();
    return this.#window.size;
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
    this.#window.clear();
    this.#ended = false;
    this.#listeners.notify('lost');
  }

  #trim(): void {
    this.#window.trim(this.#state.clock.now(), this.#state.retention());
  }
}
