/** Files that are for their owner alone, written whole or not at all. */
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { failureData } from '../../shared/failure.ts';

/** Makes the folder, writes beside the file and renames. A disk that is full leaves the old file, and nothing else. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.new`;
  try {
    writeFileSync(next, text, { mode: 0o600 });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

/** Moves a file that cannot be used to a name beside it that is free. @returns that name; null when it cannot be moved */
export function setAside(file: string): string | null {
  for (let n = 1; n < 100; n++) {
    const aside = `${file}.broken${n === 1 ? '' : `-${n}`}`;
    try {
      closeSync(openSync(aside, 'wx')); // the name is ours: nobody else's copy is overwritten
      renameSync(file, aside);
      return aside;
    } catch (error) {
      if (failureData(error).code !== 'EEXIST') return null;
    }
  }
  return null;
}

/** Takes a folder that an older version made for everybody to read back for its owner, with what stands in it. */
export function closeFolder(dir: string): void {
  // a folder that is not ours by name may be somebody's home, or /tmp
  if (!/heartline/i.test(basename(dir))) return;
  try {
    if ((statSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700);
  } catch {
    // not there yet, not ours, or of a kind that has no modes
  }
}
