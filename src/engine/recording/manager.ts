import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LabSnapshot } from '../../shared/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { Failure } from '../../shared/failure.ts';
import type { NoticeFact, Observation } from '../../shared/observation.ts';
import { RecordingWriter } from './writer.ts';

/** What a lab records into: nothing, or one file at a time. */
export class RecordingManager {
  readonly #dir: string | null;
  readonly #clock: () => Clock;
  readonly #onNotice: (notice: NoticeFact) => void;
  #active: { recorder: RecordingWriter; file: string; since: number } | null = null;
  #count = 0;

  /**
   * @param dir where files without a name of their own go; null: where the program was started
   * @param notice called when writing fails
   */
  constructor(dir: string | null, clock: () => Clock, notice: (notice: NoticeFact) => void) {
    this.#dir = dir;
    this.#clock = clock;
    this.#onNotice = notice;
  }

  get state(): LabSnapshot['recording'] {
    return this.#active && { file: this.#active.file, bytes: this.#active.recorder.bytes, since: this.#active.since };
  }

  write(o: Observation): void {
    this.#active?.recorder.write(o);
  }

  /**
   * @param file null for one of our own
   * @param run what is there of the run already
   * @throws Failure `file-exists` or `cannot-record`
   */
  async start(
    file: string | null,
    run: { startedAt: number; now: number; recent: Observation[] },
  ): Promise<{ file: string }> {
    if (this.#active) return { file: this.#active.file };
    const name = file === null ? this.#defaultFile(run.startedAt) : file;
    const writer = new RecordingWriter({
      file: name,
      clock: this.#clock(),
      failed: (failure) => {
        if (this.#active?.recorder === writer) void this.end();
        const { code, message, hint, place } = failure.toData();
        this.#onNotice({
          type: 'notice',
          level: 'error',
          code,
          message: `The recording ${place} has ended: ${message}`,
          ...(hint === undefined ? {} : { hint }),
        });
      },
    });
    // Opening takes a moment; what is noted meanwhile is in `recent` or comes through note, never both and never neither.
    const opened = writer.open(run.recent);
    this.#active = { recorder: writer, file: name, since: run.now };
    try {
      await opened;
    } catch (e) {
      this.#active = null;
      throw e;
    }
    return { file: name };
  }

  /** @throws Failure `not-recording` */
  stop(): Promise<{ file: string; bytes: number }> {
    if (this.#active) return this.end();
    throw new Failure({
      code: 'not-recording',
      message: 'Nothing is being recorded.',
      hint: 'Start a recording first.',
    });
  }

  /** There must be one. */
  async end(): Promise<{ file: string; bytes: number }> {
    const { recorder } = this.#active!;
    this.#active = null;
    return recorder.close();
  }

  #defaultFile(startedAt: number): string {
    const stamp = new Date(startedAt).toISOString().replace(/[:.]/g, '-').slice(0, 19);
    const name = (): string => `${stamp}${this.#count++ === 0 ? '' : `-${this.#count}`}.heartline`;
    if (this.#dir === null) return name();
    const folder = join(this.#dir, 'recordings');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // another instance with this folder may have begun in the same second
    let file = join(folder, name());
    while (existsSync(file)) file = join(folder, name());
    return file;
  }
}

/** `a.heartline` → `a-2.heartline`, or the next number that is free: a recording holds one run. */
export function nextFile(file: string): string {
  const [, stem, n, extension] = /^(.*?)(?:-(\d{1,3}))?((?:\.[^./\\]+)?(?:\.gz)?)$/s.exec(file)!;
  for (let next = Number(n ?? 1) + 1; ; next++) {
    const name = `${stem}-${next}${extension}`;
    if (!existsSync(name)) return name;
  }
}
