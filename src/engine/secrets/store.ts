import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, Failure, messageOf } from '../../shared/failure.ts';
import { fieldOf, isRecord } from '../../shared/guards.ts';
import { SECRET_KEY_LABEL, type SecretKeyKind, type SecretsStatus } from '../../shared/secrets-status.ts';
import { whileHeld } from '../files/lock.ts';
import { writeWhole } from '../files/whole-file.ts';
import { Openers, type Environment, type Keychain } from './openers.ts';
import { KEY_BYTES, parseSealed, seal, unseal, type SealedFile, type WrappedKey } from './sealed-file.ts';

/** What a store keeps: values by name, and which commands their owner has confirmed. */
interface Contents {
  values: Record<string, string>;
  /** SHA-256 of each command's text. */
  commands: string[];
}

interface Opened {
  file: SealedFile | null;
  dataKey: Buffer | null;
  contents: Contents;
}

const PURPOSE = 'heartline secrets';

/**
 * The secrets of saved endpoints, in one encrypted file that several programs share. Every read is of the file as it is
 * then, every change is made to that, and written whole. Nothing is asked of the keys before something is needed.
 */
export class SecretStore {
  readonly #file: string | null;
  readonly #openers: Openers | null;
  readonly #memory: Contents = { values: {}, commands: [] };
  /** The file as it was read last, so that a key is derived once. */
  #known: { text: string; dataKey: Buffer } | null = null;

  /**
   * @param options.dir where to keep them; null keeps them in memory only
   * @param options.env where `HEARTLINE_KEY`, `HEARTLINE_KEY_FILE` and `HEARTLINE_PASSPHRASE` are looked for
   * @param options.keychain the system's, where the host has one
   */
  constructor(options: { dir: string | null; env?: Environment | undefined; keychain?: Keychain | undefined }) {
    this.#file = options.dir === null ? null : join(options.dir, 'secrets');
    this.#openers =
      options.dir === null ? null : new Openers(options.dir, options.env ?? process.env, options.keychain ?? null);
  }

  /** @throws Failure `secrets-locked`, `secrets-broken` */
  value(name: string): string | undefined {
    const { values } = this.#read().contents;
    return Object.hasOwn(values, name) ? values[name] : undefined;
  }

  /** @throws Failure `secrets-locked`, `secrets-broken` */
  names(): string[] {
    return Object.keys(this.#read().contents.values).toSorted();
  }

  /** Keeps them, each in the place of one of its name. @throws Failure `secrets-locked`, `cannot-save` … */
  put(values: Readonly<Record<string, string>>): void {
    if (Object.keys(values).length === 0) return;
    this.#change((contents) => ({ ...contents, values: { ...contents.values, ...values } }));
  }

  remove(names: readonly string[]): void {
    const gone = names.filter((name) => this.value(name) !== undefined);
    if (gone.length === 0) return;
    this.#change(({ values, ...rest }) => ({
      ...rest,
      values: Object.fromEntries(Object.entries(values).filter(([name]) => !gone.includes(name))),
    }));
  }

  /** Whether somebody who may has confirmed that this command is run. False where that cannot be read. */
  isConfirmed(command: string): boolean {
    try {
      return this.#read().contents.commands.includes(digest(command));
    } catch {
      return false;
    }
  }

  confirm(command: string): void {
    if (this.isConfirmed(command)) return;
    this.#change(({ commands, ...rest }) => ({ ...rest, commands: [...commands, digest(command)] }));
  }

  /** Never throws. */
  status(): SecretsStatus {
    if (this.#file === null || !this.#openers) {
      return {
        state: 'memory',
        keys: [],
        names: Object.keys(this.#memory.values).toSorted(),
        text: 'Kept for this run only.',
        weak: false,
      };
    }
    try {
      const { file, contents } = this.#read();
      const keys = (file?.keys ?? []).map(({ kind }) => kind);
      const names = Object.keys(contents.values).toSorted();
      return { state: file ? 'open' : 'empty', keys, names, ...this.#words(file ? keys : this.#wouldUse()) };
    } catch (error) {
      const hint = error instanceof Failure ? error.hint : undefined;
      return {
        state: codeOf(error) === 'secrets-locked' ? 'locked' : 'broken',
        keys: this.#sealed()?.file.keys.map(({ kind }) => kind) ?? [],
        names: [],
        text: messageOf(error),
        weak: false,
        ...(hint === undefined ? {} : { hint }),
      };
    }
  }

  /** @throws Failure `wrong-passphrase`; `secrets-locked` where no passphrase opens this store */
  unlock(passphrase: string): void {
    if (!this.#openers) return;
    const before = this.#openers.passphrase;
    this.#openers.passphrase = passphrase;
    const sealed = this.#sealed();
    const wrapped = sealed?.file.keys.filter(({ kind }) => kind === 'passphrase') ?? [];
    if (sealed && wrapped.length === 0) throw this.#locked(sealed.file);
    const dataKey = wrapped.map((one) => this.#openers?.open(one) ?? null).find((key) => key !== null);
    if (sealed && dataKey) {
      this.#known = { text: sealed.text, dataKey };
      return;
    }
    this.#openers.passphrase = before;
    throw new Failure({
      code: 'wrong-passphrase',
      place: 'passphrase',
      message: sealed ? 'This is not the passphrase.' : 'There are no secrets yet.',
      hint: sealed ? 'Type it again; upper and lower case count.' : 'Save an endpoint first.',
    });
  }

  /**
   * Lets one more thing open the store. A key that comes from elsewhere takes the place of the key file that Heartline
   * made by itself, beside which nothing is secret.
   * @throws Failure `no-key`, `weak-key`, `secrets-locked`, `cannot-save`
   */
  addKey(kind: SecretKeyKind, passphrase?: string): void {
    const openers = this.#openers;
    if (!openers) return;
    const dataKey = this.#read().dataKey; // opened before another passphrase takes the place of the one that opens it
    if (passphrase !== undefined) openers.passphrase = passphrase;
    if (kind === 'key-file') openers.makeKeyFile();
    this.#change((contents) => contents, dataKey, (keys, key) => [
      ...keys.filter((one) => one.kind !== kind && (one.kind !== 'key-file' || openers.namedKeyFile !== null)),
      openers.wrap(kind, key),
    ]); // prettier-ignore
    if (kind !== 'key-file' && openers.namedKeyFile === null) openers.dropKeyFile();
  }

  /** @throws Failure `last-key` where nothing else opens it */
  dropKey(kind: SecretKeyKind): void {
    this.#read(); // whoever cannot open them changes nothing
    if (kind === 'passphrase' && this.#openers) this.#openers.passphrase = null;
    this.#change((contents) => contents, undefined, (keys) => {
      const left = keys.filter((one) => one.kind !== kind);
      if (left.length > 0) return left;
      throw new Failure({
        code: 'last-key',
        message: `Nothing else opens the secrets but ${SECRET_KEY_LABEL[kind]}.`,
        hint: 'Add another way first.',
        exit: 2,
      });
    }); // prettier-ignore
  }

  // ---- within

  /** What is in the file now. A key that has come to hand since then opens it too from here on. */
  #read(): Opened {
    if (!this.#openers) return { file: null, dataKey: null, contents: this.#memory };
    const sealed = this.#sealed();
    if (!sealed) return { file: null, dataKey: null, contents: { values: {}, commands: [] } };
    const dataKey = this.#dataKey(sealed);
    const plain = unseal(sealed.file.box, dataKey, PURPOSE);
    const contents = plain && contentsOf(plain);
    if (!contents) throw this.#broken('was changed by something else');
    return { file: sealed.file, dataKey, contents };
  }

  #sealed(): { text: string; file: SealedFile } | null {
    if (this.#file === null || !existsSync(this.#file)) return null;
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      throw this.#broken(messageOf(error));
    }
    const file = parseSealed(text);
    if (!file) throw this.#broken('is no file of secrets that this version knows');
    return { text, file };
  }

  #dataKey({ text, file }: { text: string; file: SealedFile }): Buffer {
    if (this.#known?.text === text) return this.#known.dataKey;
    // most changes keep the data key: no key has to be derived again
    if (this.#known && unseal(file.box, this.#known.dataKey, PURPOSE)) {
      this.#known = { text, dataKey: this.#known.dataKey };
      return this.#known.dataKey;
    }
    for (const wrapped of file.keys.toSorted((a, b) => SPEED.indexOf(a.kind) - SPEED.indexOf(b.kind))) {
      const dataKey = this.#openers?.open(wrapped);
      if (!dataKey) continue;
      this.#known = { text, dataKey };
      return dataKey;
    }
    throw this.#locked(file);
  }

  #change(
    change: (contents: Contents) => Contents,
    dataKey?: Buffer | null,
    rekey: (keys: WrappedKey[], dataKey: Buffer) => WrappedKey[] = (keys) => keys,
  ): void {
    const file = this.#file;
    const openers = this.#openers;
    if (file === null || !openers) return void Object.assign(this.#memory, change(this.#memory));
    try {
      whileHeld(file, () => {
        const now = this.#read();
        const key = now.dataKey ?? dataKey ?? randomBytes(KEY_BYTES);
        const next = change(now.contents);
        const keys = rekey(this.#withNewKeys(now.file?.keys ?? [], key), key);
        const box = seal(Buffer.from(JSON.stringify(next)), key, PURPOSE);
        const text = `${JSON.stringify({ v: 1, keys, box } satisfies SealedFile, null, 2)}\n`;
        writeWhole(file, text);
        this.#known = { text, dataKey: key };
      });
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure({
        code: 'cannot-save',
        place: file,
        message: `The secrets could not be written: ${messageOf(error)}.`,
        hint: 'Make room, or let Heartline write there; what was typed is still in the form.',
      });
    }
  }

  /** What is set up on this machine opens the store as well, so that the desktop and the command line share it. */
  #withNewKeys(keys: WrappedKey[], dataKey: Buffer): WrappedKey[] {
    const openers = this.#openers!;
    const have = keys.map(({ kind }) => kind);
    const wanted = this.#wouldUse().filter((kind) => !have.includes(kind));
    if (keys.length === 0 && wanted.includes('key-file')) openers.makeKeyFile();
    const fresh = wanted.filter((kind) => kind !== 'key-file' || keys.length === 0 || openers.namedKeyFile !== null);
    return [...keys, ...fresh.map((kind) => openers.wrap(kind, dataKey))];
  }

  /** What a new store would be opened by: all that is set up, else a key file of its own. */
  #wouldUse(): SecretKeyKind[] {
    const atHand = this.#openers?.atHand() ?? [];
    return atHand.length > 0 ? atHand : ['key-file'];
  }

  #words(keys: SecretKeyKind[]): { text: string; hint?: string; weak: boolean } {
    const own = this.#openers?.namedKeyFile === null;
    const weak = keys.includes('key-file') && own;
    const by = keys.map((kind) => SECRET_KEY_LABEL[kind]).join(' or ');
    if (!weak) return { text: `Encrypted; ${by} opens them.`, weak };
    const basic =
      this.#openers.keychain === 'basic' ? 'This system has no keychain (it offers only “basic_text”). ' : '';
    return {
      text: `${basic}Encrypted with a key file in the data folder: whoever can read your files can read them.`,
      hint: 'Set a passphrase, or HEARTLINE_KEY, and the key file is no longer needed.',
      weak,
    };
  }

  #locked(file: SealedFile): Failure {
    const kinds = [...new Set(file.keys.map(({ kind }) => kind))];
    const tried = this.#openers ? this.#openers.atHand().filter((kind) => kinds.includes(kind)) : [];
    const by = kinds.map((kind) => SECRET_KEY_LABEL[kind]).join(' or ');
    return new Failure({
      code: 'secrets-locked',
      place: this.#file ?? 'secrets',
      message:
        tried.length > 0
          ? `The secrets are locked: ${tried.map((kind) => SECRET_KEY_LABEL[kind]).join(' and ')} does not open them.`
          : `The secrets are locked: ${by || 'nothing'} opens them.`,
      hint: kinds.map((kind) => WAYS_OUT[kind]).join(' ') || 'Move the file away to begin anew.',
      exit: 3,
    });
  }

  #broken(why: string): Failure {
    return new Failure({
      code: 'secrets-broken',
      place: this.#file ?? 'secrets',
      message: `The file of secrets cannot be used: it ${why}.`,
      hint: 'It is left as it is. Put a copy back, or move it away to begin anew.',
      exit: 3,
    });
  }
}

/** Which are tried first: scrypt takes a tenth of a second. */
const SPEED: readonly SecretKeyKind[] = ['os', 'env', 'key-file', 'passphrase'];

const WAYS_OUT: Record<SecretKeyKind, string> = {
  os: 'Open them in the desktop app, and add a passphrase there for the command line.',
  env: 'Set HEARTLINE_KEY to what it was when they were saved.',
  'key-file': 'Put the key file back, or name it by HEARTLINE_KEY_FILE.',
  passphrase: 'Unlock them with the passphrase: in the Endpoints view, or by HEARTLINE_PASSPHRASE.',
};

const digest = (command: string): string => createHash('sha256').update(command).digest('hex');

function contentsOf(plain: Buffer): Contents | null {
  try {
    const all: unknown = JSON.parse(plain.toString('utf8'));
    const values = fieldOf(all, 'values');
    const commands = fieldOf(all, 'commands');
    if (!isRecord(values)) return null;
    return {
      values: Object.fromEntries(
        Object.entries(values).filter((one): one is [string, string] => typeof one[1] === 'string'),
      ),
      commands: Array.isArray(commands) ? commands.filter((one) => typeof one === 'string') : [],
    };
  } catch {
    return null;
  }
}
