import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDialectText } from '../../shared/dialect/document.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { codeOf, Failure, messageOf } from '../../shared/failure.ts';
import { DIALECTS, dialectNamed } from './index.ts';

/**
 * A dialect as a person names it: a built-in one, else a file of YAML or JSON.
 * @param from the folder that a file's name starts at
 * @param place the flag or key it stands at
 * @throws Failure `unknown-dialect` or `bad-dialect`
 */
export function dialectOf(said: string, place: string, from = '.'): Dialect {
  if (Object.hasOwn(DIALECTS, said) || !(/[./\\]/.test(said) || existsSync(resolve(from, said)))) {
    return dialectNamed(said, place);
  }
  return parseDialectText(readText(said, place, from), said, place);
}

function readText(said: string, place: string, from: string): string {
  try {
    return readFileSync(resolve(from, said), 'utf8');
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    throw new Failure({
      code: 'bad-dialect',
      message: missing ? `There is no file ${said}.` : `${said} cannot be read: ${messageOf(error)}.`,
      hint: `Name a dialect (${Object.keys(DIALECTS).join(', ')}) or its file.`,
      place,
      exit: 2,
    });
  }
}
