import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../shared/failure.ts';

/** What a folder must have room for, that starting there makes sense. */
const PROBE_BYTES = 64 * 1024;

/**
 * Why nothing can be kept in a folder, or null. It is made when it is not there; the rest is found out by writing, as
 * permissions and free space say less than they seem to.
 */
export function whyNotWritable(folder: string): string | null {
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = openSync(probe, 'w', 0o600);
    try {
      writeSync(file, Buffer.alloc(PROBE_BYTES));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    removeFolder(probe);
  }
}

/** Where the window's own files go when they cannot go where they should; gone with {@link removeFolder}. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'heartline-'));

/** What cannot be taken away stays. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // a helper process still writes there, or it may not even be looked at
  }
}
