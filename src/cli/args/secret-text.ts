import { readFileSync } from 'node:fs';
import { codeOf, messageOf } from '../../shared/failure.ts';
import { refuse } from './flags.ts';

/**
 * What a flag that may hold a secret gives: the text itself, what a file holds (`@FILE`), or a variable of the environment
 * (`env:NAME`), as whatever stands on a command line stands in the list of processes too.
 * @param how `line`: without the line end that an editor leaves; `raw`: byte for byte
 * @throws Failure naming the flag, and never the secret
 */
export function secretText(flag: string, text: string, how: 'line' | 'raw' = 'line'): string {
  if (text.startsWith('env:')) {
    const value = process.env[text.slice(4)];
    if (value !== undefined && value !== '') return value;
    throw refuse(flag, `The environment has no ${text.slice(4)}.`, 'Set it, or write the value itself.');
  }
  if (!text.startsWith('@')) return text;
  const file = text.slice(1);
  try {
    const held = readFileSync(file === '-' ? 0 : file, 'utf8');
    return how === 'raw' ? held : held.replace(/\r?\n$/, '');
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw refuse(flag, `${file} cannot be read: ${why}.`, 'Give the path of a file after the @.');
  }
}
