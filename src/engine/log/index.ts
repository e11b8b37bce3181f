import { Failure } from '../../shared/failure.ts';
import type { EventLog } from './event-log.ts';
import { memoryLog } from './memory.ts';
import type { LogOptions } from './options.ts';
import { redisLog } from './redis/log.ts';
import { resolveLogSpec } from './spec.ts';
import { sqliteLog } from './sqlite.ts';

export { memoryLog, redisLog, sqliteLog };
export type { LogOptions };

/**
 * Opens the log that `--log` names: `memory`, `sqlite:FILE` or `redis://…`, or `@FILE` or `env:NAME` that holds one of these.
 * @throws Failure `bad-log` (usage; or exit 3: it cannot be opened), `log-in-use`, `log-unreachable`, `log-auth` … (exit 3)
 */
export async function openLog(named: string, options: LogOptions): Promise<EventLog> {
  const { text: spec, inPlace } = resolveLogSpec(named);
  if (spec === 'memory') return memoryLog(options);
  if (spec.startsWith('sqlite:') && spec.length > 'sqlite:'.length) return sqliteLog(spec.slice(7), options);
  if (/^rediss?:\/\//.test(spec)) return redisLog(spec, options);
  throw new Failure({
    code: 'bad-log',
    place: '--log',
    message: `${inPlace && !/^rediss?:/.test(spec) ? `"${spec}"` : inPlace ? 'This' : `What ${named} holds`} is not a log.`,
    hint: 'Write memory, sqlite:FILE or redis://host:port.',
    exit: 2,
  });
}
