import { resolveCursor, type Bounds } from '../../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';
import { checkDraft } from '../draft.ts';
import type { Append, ChannelLog, Receipt } from '../event-log.ts';
import { EventWindow } from '../event-window.ts';
import { TailListeners, type TailListener } from '../tail-listeners.ts';
import type { Message } from './message.ts';
import { RedisBackplane } from './presence.ts';
import type { RedisServer } from './server.ts';
import { receiptOf, type Page } from './store.ts';

/** So many messages that came while the channel was being read are kept; more are read instead. */
const MAX_EARLY = 10_000;

/**
 * One channel as this process knows it: a window of the log in Redis, moved on by what Pub/Sub tells. Dense numbers prove
 * that nothing is missing; where something is, or another epoch began, the log is read.
 */
export class RedisChannel implements ChannelLog {
  readonly name: string;
  readonly backplane: RedisBackplane;
  readonly #server: RedisServer;
  readonly #window = new EventWindow();
  readonly #listeners = new TailListeners();
  #epoch = '';
  #ended = false;
  #loaded = false;
  #subscribed: Promise<void> | null = null;
  #reading: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  /** What was told before the first look was over. */
  #early: Message[] = [];

  constructor(name: string, server: RedisServer) {
    this.name = name;
    this.#server = server;
    this.backplane = new RedisBackplane(server.store, name, server.id);
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get unused(): boolean {
    return this.#window.newest === 0 && !this.#ended && this.#listeners.size === 0 && this.backplane.unused;
  }

  async refresh(after: string | null): Promise<void> {
    // what is known stays true; only of what is not known nothing may be said
    const known = (): boolean => this.#loaded && resolveCursor(after, this.bounds(), 'now').verdict !== 'gap';
    if (!this.#server.reachable && known()) return;
    try {
      await this.#look();
    } catch (error) {
      if (!known()) throw error;
    }
  }

  async append(draft: Append): Promise<LogEvent> {
    return (await this.#append(draft, null)).event;
  }

  async appendOnce(draft: Append, key: string): Promise<{ event: Receipt; duplicate: boolean }> {
    const { event, duplicate } = await this.#append(draft, key);
    return { event: receiptOf(event), duplicate };
  }

  read(after: number, limit: number): LogEvent[] {
    this.#trim();
    return this.#window.read(after, limit);
  }

  bounds(): Bounds {
    this.#trim();
    const { floor, newest } = this.#window;
    return { epoch: this.#loaded ? this.#epoch : this.#server.epoch, floor, newest, ended: this.#ended };
  }

  size(): { count: number; bytes: number } {
    this.#trim();
    return this.#window.size;
  }

  tail(listener: TailListener) {
    return this.#listeners.add(listener);
  }

  async end(): Promise<void> {
    await this.#server.store.end(this.name);
    await this.#look();
  }

  /** Of Pub/Sub. */
  told(message: Message): void {
    switch (message.kind) {
      case 'signal':
        return this.backplane.signalled(message.server, message.data);
      case 'join':
        return this.backplane.joined(message.server, message.member);
      case 'leave':
        return this.backplane.left(message.server, message.member);
      case 'event':
        this.#server.told(message.origin, message.event);
        break;
      case 'end':
        break;
    }
    if (!this.#loaded) {
      if (this.#early.push(message) > MAX_EARLY) this.#early = [];
    } else this.#take(message);
  }

  /** Something may have been missed. Failing is no harm: the next beat looks again. */
  lookAgain(): void {
    if (this.#subscribed === null) return;
    this.#look().catch(() => {});
    this.backplane.refresh().catch(() => {});
  }

  /** What a look at its head says of it: nothing where it agrees. */
  compare(head: string): 'same' | 'behind' {
    if (!this.#loaded || (head === '' && this.#window.newest === 0)) return 'same';
    const [epoch, newest] = head.split(' ');
    return epoch === this.#epoch && Number(newest) <= this.#window.newest ? 'same' : 'behind';
  }

  close(): void {
    if (this.#subscribed !== null) this.#server.unsubscribe(this.name);
  }

  async #append(draft: Append, key: string | null): Promise<{ event: LogEvent; duplicate: boolean }> {
    const checked = checkDraft(draft);
    if (!this.#loaded) await this.#look();
    const terminal = draft.terminal === true;
    const appended = await this.#server.append(this.name, { ...checked, terminal }, key);
    const { event, duplicate } = appended;
    // often sooner than it is told; where others came in between, those are told first
    if (!duplicate && event.seq === this.#window.newest + 1 && event.cursor === `${this.#epoch}.${event.seq}`) {
      this.#push(event, 0);
    }
    return appended;
  }

  #take(message: Message): void {
    if (message.kind === 'end') {
      if (this.#ended) return;
      // it may have been told ahead of what a reply still brings
      return this.lookAgain();
    }
    if (message.kind !== 'event') return;
    const { epoch, event } = message;
    if (epoch !== this.#epoch || event.seq > this.#window.newest + 1) this.lookAgain();
    else if (event.seq === this.#window.newest + 1) this.#push(event, 0);
  }

  #push(event: LogEvent, ageMs: number): void {
    const { clock } = this.#server;
    this.#window.push(event, clock.now() - ageMs * clock.scale);
    this.#trim();
    this.#listeners.notify(event);
  }

  /** One look that begins after this call; those who ask meanwhile share the next one. */
  #look(): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#readAll().finally(() => (this.#reading = null));
      return this.#reading;
    }
    this.#next ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = null;
        return this.#look();
      });
    return this.#next;
  }

  async #readAll(): Promise<void> {
    // first: what is appended from now on is told
    if (this.#subscribed === null) {
      this.#subscribed = this.#server.subscribe(this.name, this);
      this.#subscribed.catch(() => (this.#subscribed = null));
      await this.#subscribed;
      await this.backplane.refresh();
    } else await this.#subscribed;
    const { store } = this.#server;
    for (;;) {
      const { newest } = this.#window;
      const epoch = this.#loaded ? this.#epoch : '';
      const page = await store.read(this.name, epoch, newest);
      if (epoch !== page.epoch) await this.#beginAgain(page);
      else {
        if (page.newest < newest) {
          await store.turn(this.#epoch);
          continue;
        }
        this.#apply(page);
        if (page.more) continue;
      }
      if (page.ended && !this.#ended) {
        this.#ended = true;
        this.#listeners.notify(null);
      }
      return;
    }
  }

  /** The first look, or another life: all pages, before anybody sees one of them. */
  async #beginAgain(first: Page): Promise<void> {
    const events = first.events;
    let page = first;
    while (page.more) {
      page = await this.#server.store.read(this.name, first.epoch, events.at(-1)!.event.seq);
      if (page.epoch !== first.epoch) return this.#beginAgain(page);
      events.push(...page.events);
    }
    const { clock } = this.#server;
    const wasLoaded = this.#loaded;
    this.#epoch = first.epoch;
    this.#ended = false;
    const floor = events.length > 0 ? events[0]!.event.seq - 1 : page.newest;
    this.#window.clear(floor);
    for (const { event, ageMs } of events) this.#window.push(event, clock.now() - ageMs * clock.scale);
    this.#loaded = true;
    this.#trim();
    if (wasLoaded) this.#listeners.notify('lost');
    for (const message of this.#early.splice(0)) this.#take(message);
  }

  #apply(page: Page): void {
    for (const { event, ageMs } of page.events) {
      if (event.seq <= this.#window.newest) continue;
      if (event.seq > this.#window.newest + 1) this.#skipTo(event.seq - 1);
      this.#push(event, ageMs);
    }
    // the stream is gone, or was trimmed past us
    if (!page.more && page.newest > this.#window.newest) this.#skipTo(page.newest);
    if (page.floor > this.#window.floor) this.#window.trimTo(page.floor);
  }

  /** What lies between is no longer kept: followers look again, and are told of their gap. */
  #skipTo(seq: number): void {
    this.#window.clear(seq);
    this.#listeners.notify('lost');
  }

  #trim(): void {
    this.#window.trim(this.#server.clock.now(), this.#server.retention);
  }
}
