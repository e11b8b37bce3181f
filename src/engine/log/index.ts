import { Failure } from '../../shared/failure.ts';
import type { EventLog } from './event-log.ts';
import { memoryLog } from './memory.ts';
import type { LogOptions } from './options.ts';
import { sqliteLog } from './sqlite.ts';

export { memoryLog, sqliteLog };
export type { LogOptions };

/**
 * Opens the log that `--log` names: `memory` or `sqlite:FILE`.
 * @throws Failure `bad-log` (usage, or the file cannot be opened), `not-built` for a kind promised but not there yet
 */
export function openLog(spec: string, options: LogOptions): EventLog {
  if (spec === 'memory') return memoryLog(options);
  if (spec.startsWith('sqlite:') && spec.length > 'sqlite:'.length) return sqliteLog(spec.slice(7), options);
  if (/^rediss?:/.test(spec)) {
    throw new Failure({
      code: 'not-built',
      place: '--log',
      message: 'A log in Redis is not in this version.',
      hint: 'Use memory or sqlite:FILE.',
      exit: 2,
    });
  }
  throw new Failure({
    code: 'bad-log',
    place: '--log',
    message: `"${spec}" is not a log.`,
    hint: 'Write memory or sqlite:FILE.',
    exit: 2,
  });
}
