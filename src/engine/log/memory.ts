import { formatCursor, type Bounds } from '../../shared/cursor.ts';
import type { LogEvent } from '../../shared/events.ts';
import { checkDraft } from './draft.ts';
import { newEpoch } from './epoch.ts';
import type { ChannelLog, EventLog, Retention } from './event-log.ts';
import { Kept, weigh } from './kept.ts';
import { channelEnded, type LogOptions } from './options.ts';
import { Tails, type TailListener } from './tails.ts';

/** The log that lives as long as its process. */
export function memoryLog(options: LogOptions): EventLog {
  let epoch = newEpoch(options.random);
  let retention = options.retention;
  const channels = new Map<string, MemoryChannel>();
  const life = { epoch: () => epoch, retention: () => retention, now: () => Math.round(options.clock.now()) };

  return {
    channel(name) {
      let channel = channels.get(name);
      if (!channel) channels.set(name, (channel = new MemoryChannel(name, life)));
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

interface Life {
  epoch(): string;
  retention(): Retention;
  now(): number;
}

class MemoryChannel implements ChannelLog {
  readonly name: string;
  #life: Life;
  #events: LogEvent[] = [];
  /** Where the oldest kept event stands in `#events`; what lies before it is cleared now and then. */
  #first = 0;
  #newest = 0;
  #ended = false;
  #kept = new Kept();
  #tails = new Tails();

  constructor(name: string, life: Life) {
    this.name = name;
    this.#life = life;
  }

  append(draft: { type: string; data: string }): LogEvent {
    if (this.#ended) throw channelEnded(this.name);
    const { type, data } = checkDraft(draft);
    const seq = ++this.#newest;
    const time = this.#life.now();
    const event: LogEvent = { cursor: formatCursor(this.#life.epoch(), seq), seq, type, time, data };
    this.#events.push(event);
    this.#kept.push(time, weigh(type, data));
    this.#trim();
    this.#tails.tell(event);
    return event;
  }

  read(after: number, limit: number): LogEvent[] {
    this.#trim();
    const from = this.#first + Math.max(0, after - this.#floor());
    return this.#events.slice(from, from + Math.max(0, limit));
  }

  get unused(): boolean {
    return this.#newest === 0 && !this.#ended && this.#tails.size === 0;
  }

  bounds(): Bounds {
    this.#trim();
    return { epoch: this.#life.epoch(), floor: this.#floor(), newest: this.#newest, ended: this.#ended };
  }

  size(): { count: number; bytes: number } {
    this.#trim();
    return { count: this.#kept.count, bytes: this.#kept.bytes };
  }

  tail(listener: TailListener) {
    return this.#tails.add(listener);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tails.tell(null);
  }

  lose(): void {
    this.#events = [];
    this.#first = 0;
    this.#newest = 0;
    this.#ended = false;
    this.#kept.clear();
    this.#tails.tell('lost');
  }

  #floor(): number {
    return this.#newest - this.#kept.count;
  }

  #trim(): void {
    this.#first += this.#kept.trim(this.#life.now(), this.#life.retention());
    if (this.#first > 1024 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }
}
