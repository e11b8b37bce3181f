/** A file beside a file, which says that a process is at work on it. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure, failureData } from '../../shared/failure.ts';

/** How often, and at which distance, a lock is tried that another process holds: it does so for moments. */
const TRIES = 100;
const WAIT_MS = 10;

/** Does something while no other process does the same to this file. @throws what it throws */
export function whileLocked<T>(file: string, act: () => T): T {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.lock`;
  let held = false;
  for (let i = 0; i < TRIES && !held; i++) {
    held = takeLock(lock);
    if (!held) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
  // one that is never given back is nobody's: a process id that was reused, or a folder on another machine
  if (!held) rmSync(lock, { force: true });
  try {
    return act();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** The same, but whoever holds the file is named rather than passed over. @throws Failure `held`, or what it throws */
export function whileHeld<T>(file: string, act: () => T): T {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.lock`;
  let held = false;
  for (let i = 0; i < TRIES && !held; i++) {
    held = takeLock(lock);
    if (!held) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
  if (!held) {
    throw new Failure({
      code: 'held',
      place: file,
      message: `The process ${holderOf(lock)} is writing it, and has been for a while.`,
      hint: `Try again when it has ended; if it is no longer there, remove ${lock}.`,
      exit: 3,
    });
  }
  try {
    return act();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A lock bears the id of its process; one whose process has gone is free. */
export function takeLock(lock: string): boolean {
  try {
    const handle = openSync(lock, 'wx', 0o600);
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if (failureData(error).code !== 'EEXIST') return true; // where no lock can be had, the act says why
    if (isAlive(holderOf(lock))) return false;
    rmSync(lock, { force: true });
    return takeLock(lock);
  }
}

function holderOf(lock: string): number {
  try {
    return Number(readFileSync(lock, 'utf8')) || process.pid; // just being written: somebody's
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return failureData(error).code === 'EPERM';
  }
}
