import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../shared/failure.ts';

/** More than anybody names by hand. */
const MAX_ITEMS = 200;

/** Things with a name, the newest first, in one small file that only its owner may read. */
export class SavedList<T extends { name: string }> {
  #file: string | null;
  #noun: string;
  #items: T[] = [];

  /**
   * @param dir where to keep them; null keeps them in memory only
   * @param file the file's name, such as `endpoints.json`
   * @param what one of them in words, for messages: `endpoint`
   * @param is whether something read from the file is one of them
   */
  constructor(dir: string | null, file: string, what: string, is: (thing: unknown) => thing is T) {
    this.#file = dir === null ? null : join(dir, file);
    this.#noun = what;
    if (this.#file === null) return;
    try {
      const kept: unknown = JSON.parse(readFileSync(this.#file, 'utf8'));
      if (Array.isArray(kept)) this.#items = kept.filter(is);
    } catch (e) {
      // None yet is the usual case; a broken file is set aside so that nothing of it is lost.
      if ((e as NodeJS.ErrnoException).code !== 'ENOENT') this.#setAside();
    }
  }

  list(): T[] {
    return structuredClone(this.#items);
  }

  /** Takes the place of the one that has its name. @throws Failure `cannot-save` */
  save(thing: T): void {
    this.#items = [thing, ...this.#items.filter((k) => k.name !== thing.name)].slice(0, MAX_ITEMS);
    this.#write();
  }

  /** Nothing happens where none has that name. @throws Failure `cannot-save` */
  delete(name: string): void {
    this.#items = this.#items.filter((k) => k.name !== name);
    this.#write();
  }

  #write(): void {
    if (this.#file === null) return;
    try {
      mkdirSync(join(this.#file, '..'), { recursive: true, mode: 0o700 });
      const next = `${this.#file}.new`;
      writeFileSync(next, JSON.stringify(this.#items, null, 2), { mode: 0o600 });
      renameSync(next, this.#file);
    } catch (e) {
      throw new Failure({
        code: 'cannot-save',
        message: `The ${this.#noun} could not be written to ${this.#file}: ${(e as Error).message}.`,
        hint: 'It stays in use for this run.',
        place: `${this.#noun}s`,
      });
    }
  }

  #setAside(): void {
    try {
      renameSync(this.#file!, `${this.#file!}.broken`);
    } catch {
      // it cannot even be moved: leave it, and save over it only when asked to
    }
  }
}
