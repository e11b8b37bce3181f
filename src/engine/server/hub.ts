import { formatCursor, type Bounds } from '../../shared/cursor.ts';
import type { Cancel } from '../../shared/clock.ts';
import type { LogEvent } from '../../shared/events.ts';
import type { ChannelLog } from '../log/event-log.ts';
import { textFrame } from '../wire/ws-encode.ts';
import { Fanout, type Format } from '../wire/fanout.ts';

/** What is kept to be said again. */
const MEMO_COUNT = 32;
const MEMO_BYTES = 64 * 1024;

/** A held poll. */
export interface Waiter {
  /** Something happened; `fresh` are the events just appended. */
  wake(fresh: readonly LogEvent[]): void;
}

/** Hears what is said on a channel and never logged. */
export interface Ear {
  hear(frame: Buffer): void;
}

/** A channel's live side: who follows it, who waits for it, who is there. */
export class Hub {
  readonly log: ChannelLog;
  readonly waiters = new Set<Waiter>();
  readonly ears = new Set<Ear>();
  /** Who said they are here, and on how many connections. */
  readonly present = new Map<string, number>();
  /** Advice to pollers after a terminal state; null is none. */
  pollAfterMs: number | null = null;
  #fanouts = new Map<Format, Fanout>();
  #fresh: LogEvent[] = [];
  #due = false;
  #stop: Cancel;
  #memo = new Map<string, { newest: string; value: Buffer }>();

  constructor(log: ChannelLog) {
    this.log = log;
    this.#stop = log.tail((news) => {
      if (news === 'lost') {
        this.#flush();
        this.pollAfterMs = null;
        this.#everyone();
      } else {
        if (news) this.#fresh.push(news);
        this.#schedule();
      }
    });
  }

  get fanouts(): Iterable<Fanout> {
    return this.#fanouts.values();
  }

  /** Nothing was ever published in it, and nobody follows, waits or is there. */
  get unused(): boolean {
    if (this.waiters.size > 0 || this.ears.size > 0 || this.present.size > 0) return false;
    for (const fanout of this.#fanouts.values()) if (fanout.size > 0) return false;
    const { newest, ended } = this.log.bounds();
    return newest === 0 && !ended;
  }

  fanout(format: Format): Fanout {
    let fanout = this.#fanouts.get(format);
    if (!fanout) this.#fanouts.set(format, (fanout = new Fanout(this.log, format)));
    return fanout;
  }

  /** The same bytes for everyone as long as the head stands still. */
  memo(key: string, bounds: Bounds, make: () => Buffer): Buffer {
    const newest = formatCursor(bounds.epoch, bounds.newest);
    const known = this.#memo.get(key);
    if (known?.newest === newest) return known.value;
    const value = make();
    if (value.length > MEMO_BYTES) return value;
    if (this.#memo.size >= MEMO_COUNT) this.#memo.clear();
    this.#memo.set(key, { newest, value });
    return value;
  }

  /** Tells everyone who follows by WebSocket, but one. Never logged. */
  shout(message: object, but: Ear | null = null): void {
    if (this.ears.size === 0) return;
    const bytes = textFrame(JSON.stringify(message));
    for (const ear of this.ears) if (ear !== but) ear.hear(bytes);
  }

  arrive(who: string): void {
    const times = this.present.get(who) ?? 0;
    this.present.set(who, times + 1);
    if (times === 0) this.shout({ t: 'presence', ch: this.log.name, join: who });
  }

  depart(who: string): void {
    const times = this.present.get(who) ?? 0;
    if (times > 1) this.present.set(who, times - 1);
    else if (this.present.delete(who)) this.shout({ t: 'presence', ch: this.log.name, leave: who });
  }

  close(): void {
    this.#stop();
  }

  /** What is appended within one turn goes out as one write. */
  #schedule(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#due = false;
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.length > 0) for (const fanout of this.#fanouts.values()) fanout.push(fresh);
    if (this.log.bounds().ended) this.#everyone();
    else for (const waiter of [...this.waiters]) waiter.wake(fresh);
  }

  #everyone(): void {
    for (const fanout of this.#fanouts.values()) fanout.pumpAll();
    for (const waiter of [...this.waiters]) waiter.wake([]);
  }
}
