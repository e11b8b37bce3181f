import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../shared/book/book.ts';
import type { Entry } from '../../shared/book/entry.ts';
import { BookFile, type BookText } from '../../shared/book/file.ts';
import { sealTarget, sealVars, secretsNamed } from '../../shared/endpoint/seal.ts';
import { codeOf, Failure, messageOf } from '../../shared/failure.ts';
import { isRecord } from '../../shared/guards.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { sameValue } from '../../shared/yaml/format-value.ts';
import { whileHeld } from '../files/lock.ts';
import { setAside, writeWhole } from '../files/whole-file.ts';
import type { SecretStore } from '../secrets/store.ts';
import type { OnSetAside } from './saved-list.ts';

const FILE = 'endpoints.yaml';
/** As older versions wrote them: a list with everything in clear text. */
const OLD_FILE = 'endpoints.json';

/**
 * Saved endpoints and their environments, in one file without secrets, which people may edit. Every read is of the file as
 * it is then, so that two programs on one folder keep both their work.
 */
export class SavedEndpoints {
  readonly file: string | null;
  readonly #old: string | null;
  readonly #secrets: SecretStore;
  readonly #onSetAside: OnSetAside;
  #inMemory = '';
  /** Why what an older version wrote has not been moved yet; null: it has. */
  notMoved: Failure | null = null;

  /** @param options.dir where to keep them; null keeps them in memory only */
  constructor(options: { dir: string | null; secrets: SecretStore; onSetAside?: OnSetAside | undefined }) {
    this.file = options.dir === null ? null : join(options.dir, FILE);
    this.#old = options.dir === null ? null : join(options.dir, OLD_FILE);
    this.#secrets = options.secrets;
    this.#onSetAside = options.onSetAside ?? (() => {});
  }

  /** In the order of the file. @throws Failure `bad-endpoints` for a file that cannot be read */
  list(): RemoteTarget[] {
    return this.read().entries.map(({ target }) => target);
  }

  find(name: string): RemoteTarget | null {
    return this.list().find((target) => target.name === name) ?? null;
  }

  /** @throws Failure `bad-endpoints` */
  read(): BookText {
    const waiting = this.#move();
    const text = this.#open().read();
    const more = waiting.filter(({ name }) => !text.entries.some(({ target }) => target.name === name));
    return { ...text, entries: [...text.entries, ...more.map((target) => ({ target, folder: null }))] };
  }

  /**
   * Keeps one in the place of the one that has its name, or had the name `before`. What in it is a secret goes into the store.
   * @returns the endpoint as it is kept @throws Failure `cannot-save`, `secrets-locked`, `name-taken` …
   */
  save(target: RemoteTarget, options: { folder?: string | null; before?: string } = {}): RemoteTarget {
    const all = this.read().entries;
    const before = options.before ?? target.name;
    const old = all.find((entry) => entry.target.name === before);
    if (before !== target.name && all.some((entry) => entry.target.name === target.name)) {
      const message = `Another endpoint is called "${target.name}".`;
      throw new Failure({ code: 'name-taken', place: 'name', message, hint: 'Give it another name.', exit: 2 });
    }
    const sealed = this.#seal(target);
    const folder = options.folder === undefined ? (old?.folder ?? null) : options.folder;
    this.#change((book) => book.save({ target: sealed, folder }, before));
    if (old) this.#forget(secretsNamed(old.target));
    return sealed;
  }

  /** Nothing happens where none has that name. Secrets that nobody else names go with it. @throws Failure `cannot-save` */
  delete(name: string): void {
    const old = this.find(name);
    if (!old) return;
    this.#change((book) => book.remove(name));
    this.#forget(secretsNamed(old));
  }

  /** @throws Failure `cannot-save` */
  arrange(order: readonly { name: string; folder: string | null }[]): void {
    this.read(); // what an older version kept is arranged too
    this.#change((book) => book.arrange(order));
  }

  /** Values of variables whose names tell of secrets go into the store. @throws Failure `cannot-save`, `secrets-locked` */
  setEnvironments(environments: readonly Environment[], chosen: string | null): void {
    const before = secretsNamed(this.read().environments);
    const sealed = environments.map(({ name, vars }) => {
      const one = sealVars(name, vars, (taken) => this.#secrets.value(taken) !== undefined);
      this.#secrets.put(one.secrets);
      return { name, vars: one.vars };
    });
    this.#change((book) => book.setEnvironments(sealed, chosen));
    this.#forget(before);
  }

  #seal(target: RemoteTarget): RemoteTarget {
    const { target: sealed, secrets } = sealTarget(target, (name) => this.#secrets.value(name) !== undefined);
    this.#secrets.put(secrets);
    return sealed;
  }

  /** Takes those out of the store that nothing names any more. */
  #forget(names: readonly string[]): void {
    if (names.length === 0) return;
    const { entries, environments } = this.read();
    const still = secretsNamed([entries, environments]);
    const gone = names.filter((name) => !still.includes(name));
    try {
      this.#secrets.remove(gone);
    } catch (error) {
      if (codeOf(error) !== 'secrets-locked') throw error; // one that cannot be read may keep what nobody asks for
    }
  }

  #open(): BookFile {
    try {
      return new BookFile(this.file === null ? this.#inMemory : textOf(this.file));
    } catch (error) {
      if (!(error instanceof Failure) || this.file === null) throw error;
      const { place = 'line 1', ...rest } = error.toData();
      throw new Failure({ ...rest, place: `${this.file}:${place.replace('line ', '')}` });
    }
  }

  #change(change: (book: BookFile) => void): void {
    const file = this.file;
    const write = (): string => {
      const book = this.#open();
      change(book);
      return book.toString();
    };
    if (file === null) return void (this.#inMemory = write());
    try {
      whileHeld(file, () => writeWhole(file, write()));
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure({
        code: 'cannot-save',
        message: `The endpoint could not be written to ${file}: ${messageOf(error)}.`,
        hint: 'Make room, or let Heartline write there; what was typed is still in the form.',
        place: 'endpoints',
      });
    }
  }

  /**
   * Moves what an older version kept; its file goes only when all of it has been read back from where it is kept now.
   * @returns what could not be moved yet
   */
  #move(): RemoteTarget[] {
    const old = this.#old;
    if (old === null || !existsSync(old)) return [];
    let kept: unknown = null;
    try {
      kept = JSON.parse(readFileSync(old, 'utf8'));
    } catch (error) {
      if (!(error instanceof SyntaxError)) return []; // not ours to read: it stays
    }
    if (!Array.isArray(kept)) {
      const aside = setAside(old);
      if (aside !== null) this.#onSetAside(old, aside);
      return [];
    }
    const ours = kept.filter(isOldEndpoint);
    if (ours.length === 0) return [];
    try {
      for (const target of ours) this.#moveOne(target);
      // what no version of this program wrote stays where it is
      const others = kept.filter((one) => !isOldEndpoint(one));
      if (others.length > 0) writeWhole(old, JSON.stringify(others, null, 2));
      else rmSync(old);
      this.notMoved = null;
      return [];
    } catch (error) {
      this.notMoved =
        error instanceof Failure ? error : new Failure({ code: 'cannot-save', message: messageOf(error) });
      return ours;
    }
  }

  #moveOne(target: RemoteTarget): void {
    const { entries } = this.#open().read();
    const taken = (name: string): boolean => entries.some((entry) => entry.target.name === name);
    const { target: sealed, secrets } = sealTarget(target, (name) => this.#secrets.value(name) !== undefined);
    const twin = entries.find((entry) => entry.target.name === target.name);
    if (twin && Object.keys(secrets).length === 0 && sameValue(twin.target, sealed)) return;
    let name = target.name;
    for (let n = 2; taken(name); n++) name = `${target.name} (${n})`;
    this.#secrets.put(secrets);
    const entry: Entry = { target: { ...sealed, name }, folder: null };
    this.#change((book) => book.save(entry));
    const back = this.#open().read().entries.find((one) => one.target.name === name); // prettier-ignore
    const whole =
      back !== undefined &&
      sameValue(back, entry) &&
      Object.entries(secrets).every(([secret, value]) => this.#secrets.value(secret) === value);
    if (!whole) throw new Error(`"${name}" was written, and reads differently`);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw new Failure({
      code: 'cannot-read',
      place: file,
      message: `The endpoints cannot be read: ${messageOf(error)}.`,
      hint: 'Let Heartline read it, or name another folder by HEARTLINE_DATA_DIR.',
      exit: 3,
    });
  }
}

function isOldEndpoint(e: unknown): e is RemoteTarget {
  const t: Partial<Record<keyof RemoteTarget, unknown>> | null = isRecord(e) ? e : null;
  return (
    t !== null &&
    t.kind === 'remote' &&
    typeof t.name === 'string' &&
    typeof t.channel === 'string' &&
    typeof t.dialect === 'string' &&
    (t.base === null || typeof t.base === 'string') &&
    isTextRecord(t.urls) &&
    isTextRecord(t.headers)
  );
}

const isTextRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
