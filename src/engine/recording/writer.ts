import { rmSync } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { Failure, failureData } from '../../shared/failure.ts';
import type { Observation } from '../../shared/observation.ts';
import { redactObservation } from '../../shared/redact.ts';
import { takeLock } from '../files/lock.ts';

/** Twice as often as promised: a crash loses at most one second. */
const FLUSH_MS = 500;
/** So much is written at once without waiting for the timer. */
const FLUSH_BYTES = 256 * 1024;
/** A disk this far behind will not catch up; the recording ends rather than eat the memory. */
const MAX_QUEUED_BYTES = 256 * 1024 * 1024;

const compress = promisify(gzip);

export interface RecordingResult {
  file: string;
  bytes: number;
  /** Why the recording is not complete. */
  failure?: Failure;
}

/**
 * Observations into a file, one JSON line each, appended as they come and without secrets. A file named `.gz` gets one
 * gzip member a flush, so that what was flushed can be read whatever happens after. A disk that fails ends the
 * recording, says so once, and harms nothing else.
 */
export class RecordingWriter {
  readonly file: string;
  readonly #clock: Clock;
  readonly #onFailure: (failure: Failure) => void;
  readonly #gzip: boolean;
  #handle: FileHandle | null = null;
  #lines: string[] = [];
  #queuedBytes = 0;
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #timer: Cancel | null = null;
  #failure: Failure | null = null;
  #closed = false;

  /** @param options.failed called once when writing fails; the recording up to there stays */
  constructor(options: { file: string; clock: Clock; failed?: (failure: Failure) => void }) {
    this.file = options.file;
    this.#clock = options.clock;
    this.#onFailure = options.failed ?? (() => undefined);
    this.#gzip = options.file.endsWith('.gz');
  }

  /** Bytes in the file so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Opens the file and begins with these; what is noted meanwhile follows them.
   * @throws Failure `file-exists` or `cannot-record`; an earlier recording is never overwritten
   */
  async open(first: readonly Observation[]): Promise<void> {
    const queuedBefore = this.#lines;
    this.#lines = [];
    this.#queuedBytes = 0;
    for (const o of first) this.write(o);
    for (const line of queuedBefore) this.#enqueue(line);
    try {
      this.#handle = await openEmpty(this.file);
    } catch (error) {
      this.#closed = true;
      this.#lines = [];
      throw error;
    }
    this.#scheduleFlush();
    if (this.#queuedBytes >= FLUSH_BYTES) this.#flush();
  }

  write(o: Observation): void {
    if (this.#closed || this.#failure) return;
    this.#enqueue(`${JSON.stringify(redactObservation(o))}\n`);
    if (this.#queuedBytes >= FLUSH_BYTES) this.#flush();
  }

  /** Writes what is left. Never rejects: what went wrong is in the answer. */
  async close(): Promise<RecordingResult> {
    this.#closed = true;
    this.#timer?.();
    while (this.#handle && !this.#failure && (this.#busy || this.#lines.length > 0)) {
      this.#flush();
      await this.#writing;
    }
    await this.#writing;
    try {
      await this.#handle?.close();
    } catch (error) {
      this.#fail(error);
    } finally {
      if (this.#handle) releaseLock(this.file);
    }
    this.#handle = null;
    return { file: this.file, bytes: this.#bytes, ...(this.#failure ? { failure: this.#failure } : {}) };
  }

  #enqueue(line: string): void {
    this.#lines.push(line);
    this.#queuedBytes += line.length;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#fail(new Error('the disk is too slow'));
  }

  #scheduleFlush(): void {
    this.#timer = this.#clock.after(FLUSH_MS * this.#clock.scale, () => {
      this.#flush();
      this.#scheduleFlush();
    });
  }

  /** One write at a time; what comes meanwhile goes with the next. */
  #flush(): void {
    if (this.#busy || !this.#handle || this.#failure || this.#lines.length === 0) return;
    this.#busy = true;
    const text = this.#lines.join('');
    this.#lines = [];
    this.#queuedBytes = 0;
    this.#writing = this.#append(this.#handle, text).then(
      () => {
        this.#busy = false;
        if (this.#queuedBytes >= FLUSH_BYTES) this.#flush();
      },
      (error: unknown) => {
        this.#busy = false;
        this.#fail(error);
      },
    );
  }

  async #append(handle: FileHandle, text: string): Promise<void> {
    const bytes = this.#gzip ? await compress(text) : Buffer.from(text);
    await handle.appendFile(bytes);
    this.#bytes += bytes.length;
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = cannotRecord(this.file, error);
    this.#lines = [];
    this.#queuedBytes = 0;
    this.#timer?.();
    this.#onFailure(this.#failure);
  }
}

/**
 * Whether a recording could begin in this file, for whoever wants to know before anything else begins. Leaves no file.
 * @throws Failure `file-exists` or `cannot-record`
 */
export async function checkRecordable(file: string): Promise<void> {
  const existed = await stat(file).then(
    () => true,
    () => false,
  );
  await (await openEmpty(file)).close();
  if (!existed) await rm(file, { force: true });
  releaseLock(file);
}

/** Opens it, and locks it: two programs that record into one file would leave neither a recording. */
async function openEmpty(file: string): Promise<FileHandle> {
  const special = await stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );
  if (!special && !takeLock(lockOf(file))) {
    throw new Failure({
      code: 'file-exists',
      place: file,
      message: 'Another Heartline is recording into this file.',
      hint: 'Name another file.',
      exit: 2,
    });
  }
  try {
    const handle = await open(file, 'a', 0o600);
    if ((await handle.stat()).size === 0) return handle;
    await handle.close();
  } catch (error) {
    releaseLock(file);
    throw cannotRecord(file, error);
  }
  releaseLock(file);
  throw new Failure({
    code: 'file-exists',
    place: file,
    message: 'There is a recording in this file already.',
    hint: 'Name another file, or delete this one first.',
    exit: 2,
  });
}

const lockOf = (file: string): string => `${file}.lock`;
const releaseLock = (file: string): void => rmSync(lockOf(file), { force: true });

function cannotRecord(file: string, error: unknown): Failure {
  const { code, message } = failureData(error);
  const [sentence, hint] = ERROR_TEXTS[code] ?? [`It cannot be written (${message}).`, 'Name another file.'];
  return new Failure({ code: 'cannot-record', place: file, message: sentence, hint, exit: 3 });
}

const ERROR_TEXTS: Record<string, [message: string, hint: string]> = {
  ENOENT: ['Its folder is not there.', 'Make the folder first, or name another file.'],
  ENOTDIR: ['Its folder is not a folder.', 'Name another file.'],
  EACCES: ['It may not be written.', 'Name a file where you may write.'],
  EPERM: ['It may not be written.', 'Name a file where you may write.'],
  EROFS: ['Its disk is read-only.', 'Name a file on another disk.'],
  EISDIR: ['It is a folder.', 'Name a file in it.'],
  ENOSPC: ['The disk is full.', 'Make room and start another recording; what was written so far can be read.'],
  EDQUOT: ['The disk quota is used up.', 'Make room and start another recording; what was written so far can be read.'],
};
