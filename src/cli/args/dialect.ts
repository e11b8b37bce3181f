import { existsSync, readFileSync } from 'node:fs';
import { DIALECTS, dialectNamed, parseDialect } from '../../engine/dialects/index.ts';
import { messageOf } from '../../shared/failure.ts';
import type { Dialect } from '../../shared/protocol/dialect.ts';
import { refuse } from './flags.ts';

/** A built-in dialect by its name, or one from a file. @throws Failure naming the flag, the file and the key */
export function readDialect(said: string): Dialect {
  if (Object.hasOwn(DIALECTS, said) || !(/[./\\]/.test(said) || existsSync(said))) return dialectNamed(said);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(said, 'utf8'));
  } catch (error) {
    throw refuse('--dialect', `${said} cannot be read as JSON (${messageOf(error)}).`, 'Name a dialect or its file.');
  }
  return parseDialect(json, `--dialect ${said}`);
}
