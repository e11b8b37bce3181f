import { formatCursor, type Bounds } from '../../../shared/protocol/cursor.ts';
import type { Cancel } from '../../../shared/clock.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';
import type { ChannelLog } from '../../log/event-log.ts';
import { textFrame } from '../../wire/ws-encode.ts';
import type { CatchUpQueue } from '../../wire/catch-up.ts';
import { Fanout, type Follower, type Format } from '../../wire/fanout.ts';

/** How long a poller is advised to rest once a state is terminal. */
const TERMINAL_POLL_MS = 10_000;

/** Bounds of the cache of encoded responses. */
const CACHE_ENTRIES = 32;
const CACHE_ENTRY_BYTES = 64 * 1024;

/** A held poll. */
export interface Waiter {
  /** Something happened; `fresh` are the events just appended. */
  notify(fresh: readonly LogEvent[]): void;
}

/** Receives the ephemeral messages of a channel: signals and presence. */
export interface Subscriber {
  deliver(frame: Buffer): void;
}

/** A channel's live side: its subscribers, held polls and members. */
export class Channel {
  readonly log: ChannelLog;
  readonly waiters = new Set<Waiter>();
  readonly subscribers = new Set<Subscriber>();
  /** Advice to pollers after a terminal state; null is none. */
  pollAfterMs: number | null = null;
  readonly #catchUp: CatchUpQueue<Follower>;
  /** Members on this process, and on how many connections each. */
  readonly #members = new Map<string, number>();
  #fanouts = new Map<Format, Fanout>();
  #fresh: LogEvent[] = [];
  #flushScheduled = false;
  #stopTail: Cancel;
  #stopListening: Cancel;
  #cache = new Map<string, { newest: string; value: Buffer }>();

  constructor(log: ChannelLog, catchUp: CatchUpQueue<Follower>) {
    this.log = log;
    this.#catchUp = catchUp;
    this.#stopTail = log.tail((news) => {
      if (news === 'lost') {
        this.#flush();
        this.pollAfterMs = null;
        this.#wakeAll();
      } else {
        if (news) {
          this.#fresh.push(news);
          this.pollAfterMs = news.terminal === true ? TERMINAL_POLL_MS : null;
        }
        this.#schedule();
      }
    });
    const ch = log.name;
    this.#stopListening =
      log.backplane?.listen({
        signal: (data) => this.#deliver(`{"t":"sig","ch":${JSON.stringify(ch)},"data":${data}}`, null),
        joined: (member) => {
          if (!this.#members.has(member)) this.broadcast({ t: 'presence', ch, join: member });
        },
        left: (member) => {
          if (!this.#members.has(member)) this.broadcast({ t: 'presence', ch, leave: member });
        },
      }) ?? (() => {});
  }

  get fanouts(): Iterable<Fanout> {
    return this.#fanouts.values();
  }

  /** Nothing was ever published in it, and it has no subscriber, held poll or member. */
  get unused(): boolean {
    if (this.waiters.size > 0 || this.subscribers.size > 0 || this.#members.size > 0) return false;
    for (const fanout of this.#fanouts.values()) if (fanout.size > 0) return false;
    const { newest, ended } = this.log.bounds();
    return newest === 0 && !ended;
  }

  fanout(format: Format): Fanout {
    let fanout = this.#fanouts.get(format);
    if (!fanout) this.#fanouts.set(format, (fanout = new Fanout(this.log, format, this.#catchUp)));
    return fanout;
  }

  /** Encoded once, until the newest event changes. */
  cached(key: string, bounds: Bounds, build: () => Buffer): Buffer {
    const newest = formatCursor(bounds.epoch, bounds.newest);
    const hit = this.#cache.get(key);
    if (hit?.newest === newest) return hit.value;
    const value = build();
    if (value.length > CACHE_ENTRY_BYTES) return value;
    if (this.#cache.size >= CACHE_ENTRIES) this.#cache.clear();
    this.#cache.set(key, { newest, value });
    return value;
  }

  /** Sends to all WebSocket subscribers of this process but one. Never logged. */
  broadcast(message: object, except: Subscriber | null = null): void {
    if (this.subscribers.size > 0) this.#deliver(JSON.stringify(message), except);
  }

  /** An ephemeral message to all WebSocket subscribers but one, on whatever process they are. */
  signal(data: unknown, from: Subscriber | null): void {
    this.broadcast({ t: 'sig', ch: this.log.name, data }, from);
    this.log.backplane?.signal(data === undefined ? 'null' : JSON.stringify(data));
  }

  /** Who is there, on whatever process. */
  get members(): string[] {
    return [...new Set([...this.#members.keys(), ...(this.log.backplane?.members() ?? [])])];
  }

  join(member: string): void {
    const connections = this.#members.get(member) ?? 0;
    this.#members.set(member, connections + 1);
    if (connections > 0) return;
    if (!this.#isElsewhere(member)) this.broadcast({ t: 'presence', ch: this.log.name, join: member });
    this.log.backplane?.join(member);
  }

  leave(member: string): void {
    const connections = this.#members.get(member) ?? 0;
    if (connections > 1) this.#members.set(member, connections - 1);
    else if (this.#members.delete(member)) {
      if (!this.#isElsewhere(member)) this.broadcast({ t: 'presence', ch: this.log.name, leave: member });
      this.log.backplane?.leave(member);
    }
  }

  close(): void {
    this.#stopTail();
    this.#stopListening();
  }

  #isElsewhere(member: string): boolean {
    return this.log.backplane?.has(member) ?? false;
  }

  #deliver(text: string, except: Subscriber | null): void {
    if (this.subscribers.size === 0) return;
    const bytes = textFrame(text);
    for (const subscriber of this.subscribers) if (subscriber !== except) subscriber.deliver(bytes);
  }

  /** What is appended within one tick goes out as one write. */
  #schedule(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.length > 0) for (const fanout of this.#fanouts.values()) fanout.push(fresh);
    if (this.log.bounds().ended) this.#wakeAll();
    else for (const waiter of [...this.waiters]) waiter.notify(fresh);
  }

  #wakeAll(): void {
    for (const fanout of this.#fanouts.values()) fanout.pumpAll();
    for (const waiter of [...this.waiters]) waiter.notify([]);
  }
}
