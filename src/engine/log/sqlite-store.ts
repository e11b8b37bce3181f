import { fieldOf } from '../../shared/guards.ts';
import { closeSync, openSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../shared/clock.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import { newEpoch } from './epoch.ts';
import type { Retention } from './event-log.ts';
import type { LogOptions } from './options.ts';

/** A head that outlives its data is the floor it was trimmed to. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS life (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, epoch TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS channels (
    name TEXT PRIMARY KEY, floor INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    channel TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, time INTEGER NOT NULL, data TEXT NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY (channel, seq)) WITHOUT ROWID;
`;
const VERSION = 1;
/** Result code of SQLite: another connection holds the lock. */
const SQLITE_BUSY = 5;

/** The file under a log: its tables, and what is asked of them. */
export interface Store {
  db: DatabaseSync;
  epoch: string;
  retention: Retention;
  clock: Clock;
  insert: StatementSync;
  select: StatementSync;
  sweep: StatementSync;
  setFloor: StatementSync;
  /** Runs `work` in one transaction. */
  transaction(work: () => void): void;
}

/** @throws Failure `bad-log`, `log-in-use` */
export function openStore(file: string, options: LogOptions): Store {
  let opened: DatabaseSync | null = null;
  try {
    const { DatabaseSync } = sqlite();
    createForOwnerOnly(file);
    const db = (opened = new DatabaseSync(file));
    // each process keeps positions of its own: two would give the same seq twice
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    db.exec(SCHEMA);
    const row = db.prepare('SELECT version, epoch FROM life').get();
    const epoch = row ? String(row['epoch']) : newEpoch(options.random);
    if (!row) db.prepare('INSERT INTO life VALUES (1, ?, ?)').run(VERSION, epoch);
    else if (row['version'] !== VERSION)
      throw new Error(`its version is ${String(row['version'])}, this one reads ${VERSION}`);
    return {
      db,
      epoch,
      retention: options.retention,
      clock: options.clock,
      insert: db.prepare('INSERT INTO events (channel, seq, type, time, data, bytes) VALUES (?, ?, ?, ?, ?, ?)'),
      select: db.prepare('SELECT seq, type, time, data FROM events WHERE channel = ? AND seq > ? ORDER BY seq LIMIT ?'),
      sweep: db.prepare('DELETE FROM events WHERE channel = ? AND seq <= ?'),
      setFloor: db.prepare('UPDATE channels SET floor = ? WHERE name = ?'),
      transaction(work) {
        db.exec('BEGIN');
        try {
          work();
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      },
    };
  } catch (error) {
    opened?.close();
    if (fieldOf(error, 'errcode') === SQLITE_BUSY) throw inUse(file);
    throw new Failure({
      code: 'bad-log',
      place: '--log',
      message: `The log file ${file} could not be opened: ${messageOf(error)}.`,
      hint: 'Name a file this program may write, or use --log memory.',
      exit: 3,
    });
  }
}

/** Asked for only when a store is opened: an older Electron runs on a Node without it, and everything else runs there. */
function sqlite(): typeof import('node:sqlite') {
  if (!isBuiltin('node:sqlite')) throw new Error(`Node ${process.versions.node} has no node:sqlite`);
  return process.getBuiltinModule('node:sqlite');
}

/** SQLite gives the files beside it (`-wal`, `-shm`) the mode of the database. */
const createForOwnerOnly = (file: string): void => closeSync(openSync(file, 'a', 0o600));

const inUse = (file: string): Failure =>
  new Failure({
    code: 'log-in-use',
    place: '--log',
    message: `The log file ${file} is in use: one server at a time writes to it.`,
    hint: 'Stop the other one first, or name another file.',
    exit: 3,
  });
