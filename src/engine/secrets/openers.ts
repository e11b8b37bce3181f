/** What is at hand to open the store with: the keychain, the environment, a key file, a passphrase that was typed. */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, Failure, messageOf } from '../../shared/failure.ts';
import type { SecretKeyKind } from '../../shared/secrets-status.ts';
import { writeWhole } from '../files/whole-file.ts';
import { unwrapKey, wrapKey, type WrappedKey } from './sealed-file.ts';

/** The keychain of the system, where the host has one. Its calls may throw. */
export interface Keychain {
  /** `basic`: the system has none, and what it would do instead hides nothing from anybody. */
  kind(): 'keychain' | 'basic' | 'none';
  wrap(text: string): Buffer;
  unwrap(data: Buffer): string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Shorter than this is guessed. */
const MIN_KEY_LENGTH = 8;
const OWN_KEY_FILE = 'secrets.key';

export class Openers {
  readonly #dir: string;
  readonly #env: Environment;
  readonly #keychain: Keychain | null;
  /** Typed by somebody since this process began. */
  passphrase: string | null = null;

  constructor(dir: string, env: Environment, keychain: Keychain | null) {
    this.#dir = dir;
    this.#env = env;
    this.#keychain = keychain;
  }

  /** What is at hand, the quickest first. */
  atHand(): SecretKeyKind[] {
    return [
      ...(this.keychain === 'keychain' ? (['os'] as const) : []),
      ...(this.#envKey === undefined ? [] : (['env'] as const)),
      ...(this.#keyFileText() === null ? [] : (['key-file'] as const)),
      ...(this.#phrase === null ? [] : (['passphrase'] as const)),
    ];
  }

  get keychain(): 'keychain' | 'basic' | 'none' {
    try {
      return this.#keychain?.kind() ?? 'none';
    } catch {
      return 'none';
    }
  }

  /** A key file that somebody named; null for the one that Heartline makes beside the store. */
  get namedKeyFile(): string | null {
    return this.#env['HEARTLINE_KEY_FILE'] || null;
  }

  get keyFile(): string {
    return this.namedKeyFile ?? join(this.#dir, OWN_KEY_FILE);
  }

  /** The data key, by one of them; null where it is not at hand or does not fit. */
  open(wrapped: WrappedKey): Buffer | null {
    if (wrapped.kind === 'os') return this.#openOs(wrapped.data);
    const text = this.#text(wrapped.kind);
    return text === null ? null : unwrapKey(wrapped, text);
  }

  /** Puts the data key under one that is at hand. @throws Failure `no-key` */
  wrap(kind: SecretKeyKind, dataKey: Buffer): WrappedKey {
    if (kind === 'os') {
      if (!this.#keychain) throw noKey(kind);
      return { kind, data: this.#keychain.wrap(dataKey.toString('base64')).toString('base64') };
    }
    const text = this.#text(kind);
    if (text === null) throw noKey(kind);
    return wrapKey(kind, dataKey, text);
  }

  /** Makes the key file beside the store, or the one that is named, where there is none. */
  makeKeyFile(): void {
    if (this.#keyFileText() === null) writeWhole(this.keyFile, `${randomBytes(32).toString('base64')}\n`);
  }

  /** Takes away the key file beside the store, which opens nothing any more. */
  dropKeyFile(): void {
    rmSync(join(this.#dir, OWN_KEY_FILE), { force: true });
  }

  get #envKey(): string | undefined {
    return this.#env['HEARTLINE_KEY'] || undefined;
  }

  get #phrase(): string | null {
    return this.passphrase ?? (this.#env['HEARTLINE_PASSPHRASE'] || null);
  }

  #text(kind: Exclude<SecretKeyKind, 'os'>): Buffer | null {
    if (kind === 'key-file') return this.#keyFileText();
    const text = kind === 'env' ? this.#envKey : this.#phrase;
    if (text == null) return null;
    if (text.length >= MIN_KEY_LENGTH) return Buffer.from(text.normalize('NFKC'));
    throw new Failure({
      code: 'weak-key',
      place: kind === 'env' ? 'HEARTLINE_KEY' : 'passphrase',
      message: `It has fewer than ${MIN_KEY_LENGTH} characters, and would be guessed.`,
      hint: 'Make a longer one; openssl rand -base64 32 makes a good HEARTLINE_KEY.',
      exit: 2,
    });
  }

  /** @throws Failure `cannot-read` for a file that is named and cannot be read, or says nothing */
  #keyFileText(): Buffer | null {
    const file = this.keyFile;
    try {
      const text = readFileSync(file);
      const bare = Buffer.from(text.toString('latin1').trim(), 'latin1');
      if (bare.length >= MIN_KEY_LENGTH) return bare;
      throw new Error(`it has fewer than ${MIN_KEY_LENGTH} characters`);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw new Failure({
        code: 'cannot-read',
        place: file,
        message: `The key file cannot be used: ${messageOf(error)}.`,
        hint: 'Put 32 random bytes into it, which only you can read.',
        exit: 3,
      });
    }
  }

  #openOs(data: string): Buffer | null {
    if (this.keychain !== 'keychain' || !this.#keychain) return null;
    try {
      return Buffer.from(this.#keychain.unwrap(Buffer.from(data, 'base64')), 'base64');
    } catch {
      return null; // another keychain, or one that stays locked
    }
  }
}

const noKey = (kind: SecretKeyKind): Failure =>
  new Failure({
    code: 'no-key',
    message: {
      os: 'This system has no keychain that could keep a key.',
      env: 'HEARTLINE_KEY is not set.',
      'key-file': 'There is no key file.',
      passphrase: 'There is no passphrase.',
    }[kind],
    hint: 'Choose another way: a passphrase, a key file or HEARTLINE_KEY.',
    exit: 2,
  });
