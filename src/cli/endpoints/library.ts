import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Library } from '../../engine/library/library.ts';
import { SecretStore } from '../../engine/secrets/store.ts';
import { readEnvFile } from '../../shared/book/env-file.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { dataDir } from '../../engine/files/data-dir.ts';

/** What is kept in the data folder. */
export function openLibrary(): Library {
  const dir = dataDir();
  return new Library(dir, new SecretStore({ dir }), (file, aside) => {
    process.stderr.write(`heartline: ${file} could not be understood; it is kept as ${aside}.\n`);
  });
}

/** @throws Failure with the nearest name, exit 2 */
export function endpointNamed(library: Library, name: string): RemoteTarget {
  const found = library.endpoints.find(name);
  if (found) return found;
  const names = library.endpoints.list().map((one) => one.name);
  const within = names.filter((one) => one.toLowerCase().includes(name.toLowerCase()));
  const near = within.length === 1 ? within[0]! : nearest(name, names);
  throw new Failure({
    code: 'unknown-endpoint',
    place: name,
    message: 'No endpoint is called so.',
    hint: near ? `Did you mean “${near}”?` : names.length > 0 ? 'heartline endpoints list has them all.' : 'None is kept yet: heartline endpoints import keeps one.',
    exit: 2,
  });
} // prettier-ignore

/** Variables by a file, and the file's name without its ending. */
export function envFile(file: string): { name: string; vars: Record<string, string> } {
  const name = basename(file).replace(/^\.?env\.?/, '').replace(/\.[a-z]+$/i, '') || 'env'; // prettier-ignore
  return { name, vars: readEnvFile(readText('--env', file), file) };
}

export function readText(place: string, file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const missing = file !== '-' && !existsSync(file);
    throw new Failure({
      code: 'cannot-read',
      place,
      message: missing ? `There is no file ${file}.` : `${file} cannot be read: ${messageOf(error)}.`,
      hint: 'Name a file that you can read.',
      exit: 2,
    });
  }
}
