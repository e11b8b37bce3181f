import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, failureData } from '../../shared/failure.ts';
import { whileLocked } from '../files/lock.ts';
import { setAside, writeWhole } from '../files/whole-file.ts';

/** More than anybody names by hand. */
const MAX_ITEMS = 200;

export type OnSetAside = (file: string, aside: string) => void;

/**
 * Things with a name, the newest first, in one small file that only its owner may read. Each change is made to the file
 * as it is then, so that two programs on one folder keep both their work.
 */
export class SavedList<T extends { name: string }> {
  readonly #file: string | null;
  readonly #noun: string;
  readonly #is: (thing: unknown) => thing is T;
  readonly #onSetAside: OnSetAside;
  #items: T[] = [];
  /** Changes that could not be written: they hold for this run, and go with the next that can. */
  #unwritten: ((items: T[]) => T[])[] = [];
  /** Entries of the file that are none of ours: left as they are. */
  #others: unknown[] = [];

  /**
   * @param options.dir where to keep them; null keeps them in memory only
   * @param options.file the file's name, such as `endpoints.json`
   * @param options.noun one of them in words, for messages: `endpoint`
   * @param options.is whether something read from the file is one of them
   * @param options.onSetAside called when a file that is no such list was moved out of the way
   */
  constructor(options: {
    dir: string | null;
    file: string;
    noun: string;
    is: (thing: unknown) => thing is T;
    onSetAside?: OnSetAside | undefined;
  }) {
    this.#file = options.dir === null ? null : join(options.dir, options.file);
    this.#noun = options.noun;
    this.#is = options.is;
    this.#onSetAside = options.onSetAside ?? (() => {});
    this.#read();
  }

  list(): T[] {
    this.#read();
    return structuredClone(this.#changed());
  }

  /** Takes the place of the one that has its name. @throws Failure `cannot-save` */
  save(thing: T): void {
    this.#change((items) => [thing, ...items.filter((k) => k.name !== thing.name)].slice(0, MAX_ITEMS));
  }

  /** Nothing happens where none has that name. @throws Failure `cannot-save` */
  delete(name: string): void {
    this.#change((items) => items.filter((k) => k.name !== name));
  }

  #change(change: (items: T[]) => T[]): void {
    this.#unwritten.push(change);
    const file = this.#file;
    if (file === null) return;
    try {
      whileLocked(file, () => {
        if (!this.#read()) throw new Error('what is there is no list, and cannot be moved away');
        this.#items = this.#changed();
        writeWhole(file, JSON.stringify([...this.#items, ...this.#others], null, 2));
      });
      this.#unwritten = [];
    } catch (e) {
      throw new Failure({
        code: 'cannot-save',
        message: `The ${this.#noun} could not be written to ${file}: ${failureData(e).message}.`,
        hint: 'It stays in use for this run.',
        place: `${this.#noun}s`,
      });
    }
  }

  #changed(): T[] {
    return this.#unwritten.reduce((items, change) => change(items), this.#items);
  }

  /** What the file says now; one that is no list is set aside, so that nothing of it is lost. @returns whether it can be written */
  #read(): boolean {
    if (this.#file === null) return true;
    let kept: unknown;
    try {
      kept = JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch (e) {
      if (failureData(e).code === 'ENOENT')
        kept = []; // none yet is the usual case
      else if (!(e instanceof SyntaxError)) return true; // what is known stays known, and a write says why
    }
    if (!Array.isArray(kept)) {
      const aside = setAside(this.#file);
      if (aside !== null) this.#onSetAside(this.#file, aside);
      [this.#items, this.#others] = [[], []];
      return aside !== null;
    }
    this.#items = kept.filter(this.#is);
    this.#others = kept.filter((one) => !this.#is(one));
    return true;
  }
}
