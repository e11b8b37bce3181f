import { formatCursor, type Bounds } from '../../shared/protocol/cursor.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import { checkDraft } from './draft.ts';
import { newEpoch } from './epoch.ts';
import type { Append, LocalChannelLog, LocalLog } from './event-log.ts';
import { RetentionWindow, byteSize } from './retention-window.ts';
import { channelEnded, type LogOptions } from './options.ts';
import { openStore, type Store } from './sqlite-store.ts';
import { TailListeners, type TailListener } from './tail-listeners.ts';

/** Trimmed rows are deleted so many at a time: a transaction an append would be most of its cost. */
const SWEEP_BATCH = 64;

/** The log that survives its process, with its epoch and head. One process at a time. @throws Failure `bad-log`, `log-in-use` */
export function sqliteLog(file: string, options: LogOptions): LocalLog {
  const store = openStore(file, options);
  const channels = new Map<string, SqliteChannel>();
  for (const row of store.db.prepare('SELECT name FROM channels ORDER BY name').all()) {
    const name = String(row['name']);
    channels.set(name, new SqliteChannel(name, store));
  }

  return {
    channel(name) {
      let channel = channels.get(name);
      if (!channel) channels.set(name, (channel = new SqliteChannel(name, store)));
      return channel;
    },
    channels: () => [...channels.keys()],
    forget(name) {
      if (channels.get(name)?.unused) channels.delete(name);
    },
    lose() {
      store.epoch = newEpoch(options.random, store.epoch);
      store.transaction(() => {
        store.db.exec('DELETE FROM events; DELETE FROM channels;');
        store.db.prepare('UPDATE life SET epoch = ?').run(store.epoch);
      });
      for (const channel of channels.values()) channel.lose();
    },
    setRetention(next) {
      store.retention = next;
    },
    health: () => ({ kind: 'sqlite', ok: true, behindMs: 0, servers: 1 }),
    close() {
      if (!store.db.isOpen) return;
      for (const channel of channels.values()) channel.sweep();
      store.db.close();
    },
  };
}

class SqliteChannel implements LocalChannelLog {
  readonly name: string;
  readonly backplane = null;
  #store: Store;
  #floor = 0;
  /** Rows up to here are gone from the file; between here and the floor they only wait for it. */
  #swept = 0;
  #newest = 0;
  #ended = false;
  /** Whether the channel has its row, which it gets with its first event or its end. */
  #stored = false;
  #window = new RetentionWindow();
  #listeners = new TailListeners();

  constructor(name: string, store: Store) {
    this.name = name;
    this.#store = store;
    const row = store.db.prepare('SELECT floor, ended FROM channels WHERE name = ?').get(name);
    if (!row) return;
    this.#stored = true;
    this.#floor = this.#swept = this.#newest = Number(row['floor']);
    this.#ended = row['ended'] === 1;
    const wallLead = store.clock.unixTime() - store.clock.now();
    const rows = store.db.prepare('SELECT seq, time, bytes FROM events WHERE channel = ? ORDER BY seq');
    for (const event of rows.iterate(name)) {
      this.#newest = Number(event['seq']);
      this.#window.push(Number(event['time']) - wallLead, Number(event['bytes']));
    }
  }

  refresh(): null {
    return null;
  }

  append(draft: Append): LogEvent {
    if (this.#ended) throw channelEnded(this.name);
    const { type, data } = checkDraft(draft);
    const { clock } = this.#store;
    const time = Math.round(clock.unixTime());
    const bytes = byteSize(type, data);
    const seq = this.#newest + 1;
    this.#storeChannel();
    this.#store.insert.run(this.name, seq, type, time, data, bytes);
    this.#newest = seq;
    this.#window.push(clock.now(), bytes);
    this.#trim();
    const event: LogEvent = { cursor: formatCursor(this.#store.epoch, seq), seq, type, time, data };
    if (draft.terminal === true) event.terminal = true;
    this.#listeners.notify(event);
    return event;
  }

  read(after: number, limit: number): LogEvent[] {
    this.#trim();
    return this.#store.select.all(this.name, Math.max(after, this.#floor), Math.max(0, limit)).map((row) => ({
      cursor: formatCursor(this.#store.epoch, Number(row['seq'])),
      seq: Number(row['seq']),
      type: String(row['type']),
      time: Number(row['time']),
      data: String(row['data']),
    }));
  }

  get unused(): boolean {
    return !this.#stored && this.#listeners.size === 0;
  }

  bounds(): Bounds {
    this.#trim();
    return { epoch: this.#store.epoch, floor: this.#floor, newest: this.#newest, ended: this.#ended };
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
    this.#storeChannel();
    this.#store.db.prepare('UPDATE channels SET ended = 1 WHERE name = ?').run(this.name);
    this.#ended = true;
    this.#listeners.notify(null);
  }

  /** The store has already forgotten; so does the channel. */
  lose(): void {
    this.#floor = this.#swept = this.#newest = 0;
    this.#ended = false;
    this.#stored = false;
    this.#window.clear();
    this.#listeners.notify('lost');
  }

  #storeChannel(): void {
    if (this.#stored) return;
    this.#store.db.prepare('INSERT INTO channels (name) VALUES (?)').run(this.name);
    this.#stored = true;
  }

  /** Deletes what was trimmed, and keeps the floor it left. */
  sweep(): void {
    if (this.#floor === this.#swept) return;
    this.#store.transaction(() => {
      this.#store.sweep.run(this.name, this.#floor);
      this.#store.setFloor.run(this.#floor, this.name);
    });
    this.#swept = this.#floor;
  }

  #trim(): void {
    this.#floor += this.#window.trim(this.#store.clock.now(), this.#store.retention);
    if (this.#floor - this.#swept >= SWEEP_BATCH) this.sweep();
  }
}
