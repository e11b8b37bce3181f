import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LabSnapshot } from '../shared/api.ts';
import type { Clock } from '../shared/clock.ts';
import { Failure } from '../shared/failure.ts';
import type { NoticeFact, Observation } from '../shared/observation.ts';
import { Recorder } from './recorder.ts';

/** What a lab records into: nothing, or one file at a time. */
export class Recordings {
  readonly #dir: string | null;
  readonly #clock: () => Clock;
  readonly #notice: (notice: NoticeFact) => void;
  #now: { recorder: Recorder; file: string; since: number } | null = null;
  #count = 0;

  /**
   * @param dir where files without a name of their own go; null: where the program was started
   * @param notice told when the disk gives up
   */
  constructor(dir: string | null, clock: () => Clock, notice: (notice: NoticeFact) => void) {
    this.#dir = dir;
    this.#clock = clock;
    this.#notice = notice;
  }

  get state(): LabSnapshot['recording'] {
    return this.#now && { file: this.#now.file, bytes: this.#now.recorder.bytes, since: this.#now.since };
  }

  note(o: Observation): void {
    this.#now?.recorder.note(o);
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
    if (this.#now) return { file: this.#now.file };
    const name = file ?? this.#ownFile(run.startedAt);
    const recorder = new Recorder({
      file: name,
      clock: this.#clock(),
      failed: (failure) => {
        if (this.#now?.recorder === recorder) void this.end();
        const { code, message, hint, place } = failure.toData();
        this.#notice({
          type: 'notice',
          level: 'error',
          code,
          message: `The recording ${place} has ended: ${message}`,
          ...(hint === undefined ? {} : { hint }),
        });
      },
    });
    // Opening takes a moment; what is noted meanwhile is in `recent` or comes through note, never both and never neither.
    const opened = recorder.open(run.recent);
    this.#now = { recorder, file: name, since: run.now };
    try {
      await opened;
    } catch (e) {
      this.#now = null;
      throw e;
    }
    return { file: name };
  }

  /** @throws Failure `not-recording` */
  stop(): Promise<{ file: string; bytes: number }> {
    if (this.#now) return this.end();
    throw new Failure({
      code: 'not-recording',
      message: 'Nothing is being recorded.',
      hint: 'Start a recording first.',
    });
  }

  /** There must be one. */
  async end(): Promise<{ file: string; bytes: number }> {
    const { recorder } = this.#now!;
    this.#now = null;
    return recorder.close();
  }

  #ownFile(startedAt: number): string {
    const stamp = new Date(startedAt).toISOString().replace(/[:.]/g, '-').slice(0, 19);
    const name = `${stamp}${this.#count++ === 0 ? '' : `-${this.#count}`}.heartline`;
    if (this.#dir === null) return name;
    mkdirSync(join(this.#dir, 'recordings'), { recursive: true });
    return join(this.#dir, 'recordings', name);
  }
}

/** `a.heartline` → `a-2.heartline`, or the next number that is free: a recording holds one run. */
export function nextFile(file: string): string {
  const [, stem, n, ending] = /^(.*?)(?:-(\d{1,3}))?((?:\.[^./\\]+)?(?:\.gz)?)$/s.exec(file)!;
  for (let next = Number(n ?? 1) + 1; ; next++) {
    const name = `${stem}-${next}${ending}`;
    if (!existsSync(name)) return name;
  }
}
