import { readFileSync } from 'node:fs';
import { Failure, codeOf } from '../../shared/failure.ts';

/** What the name of a log may stand for: an address may hold a password, which has no place in a process list. */
export interface LogSpec {
  text: string;
  /** It was written in place: it may be repeated to whoever wrote it. */
  inPlace: boolean;
}

/** `@FILE` and `env:NAME` → what stands there; anything else is itself. @throws Failure `bad-log` (exit 2) */
export function resolveLogSpec(spec: string, env: NodeJS.ProcessEnv = process.env): LogSpec {
  if (spec.startsWith('env:')) {
    const name = spec.slice(4);
    const value = env[name]?.trim() ?? '';
    if (value === '') throw refuse(`The environment has no ${name || 'variable of that name'}.`, 'Set it first.');
    return { text: value, inPlace: false };
  }
  if (!spec.startsWith('@')) return { text: spec, inPlace: true };
  const file = spec.slice(1);
  let value: string;
  try {
    value = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw refuse(`The file ${file} cannot be read (${codeOf(error) ?? 'unknown'}).`, 'Name one that can.');
  }
  if (value === '') throw refuse(`The file ${file} is empty.`, 'Write the log into it: redis://…');
  return { text: value, inPlace: false };
}

const refuse = (message: string, hint: string): Failure =>
  new Failure({ code: 'bad-log', place: '--log', message, hint, exit: 2 });
