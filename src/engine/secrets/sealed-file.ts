/** The file of secrets: AES-256-GCM under a data key, which stands in it once for each thing that opens it. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { fieldOf, isOneOf, isRecord } from '../../shared/guards.ts';
import { SECRET_KEYS, type SecretKeyKind } from '../../shared/secrets-status.ts';

/** Bytes under AES-256-GCM, in base64. */
export interface Box {
  iv: string;
  tag: string;
  data: string;
}

/** The data key under one of the things that open the store; for `os`, as the system's keychain gave it. */
export type WrappedKey =
  { kind: 'os'; data: string } | ({ kind: Exclude<SecretKeyKind, 'os'>; salt: string; cost: number } & Box);

export interface SealedFile {
  v: 1;
  keys: WrappedKey[];
  box: Box;
}

export const KEY_BYTES = 32;
/** scrypt's N, with r = 8 and p = 1: 32 MiB and about a tenth of a second, once a process. */
const COST = 2 ** 15;
const MAX_COST = 2 ** 18;

/** @param purpose is authenticated too: a box is of no use in another place */
export function seal(plain: Buffer, key: Buffer, purpose: string): Box {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

/** What was sealed; null where the key or the purpose is another, or a byte was changed. */
export function unseal(box: Box, key: Buffer, purpose: string): Buffer | null {
  try {
    const options = { authTagLength: 16 };
    const cipher = createDecipheriv('aes-256-gcm', key, Buffer.from(box.iv, 'base64'), options)
      .setAAD(Buffer.from(purpose))
      .setAuthTag(Buffer.from(box.tag, 'base64'));
    return Buffer.concat([cipher.update(Buffer.from(box.data, 'base64')), cipher.final()]);
  } catch {
    return null;
  }
}

/** Puts the data key under a text: a passphrase, or what a key file or the environment has. */
export function wrapKey(kind: Exclude<SecretKeyKind, 'os'>, dataKey: Buffer, text: Buffer): WrappedKey {
  const salt = randomBytes(16);
  return { kind, salt: salt.toString('base64'), cost: COST, ...seal(dataKey, derived(text, salt, COST), kind) };
}

/** The data key; null where the text is another. */
export function unwrapKey(wrapped: WrappedKey, text: Buffer): Buffer | null {
  if (wrapped.kind === 'os' || wrapped.cost > MAX_COST) return null;
  return unseal(wrapped, derived(text, Buffer.from(wrapped.salt, 'base64'), wrapped.cost), wrapped.kind);
}

const derived = (text: Buffer, salt: Buffer, cost: number): Buffer =>
  scryptSync(text, salt, KEY_BYTES, { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 });

/** What a file says; null where it is none of ours. */
export function parseSealed(text: string): SealedFile | null {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  const keys = fieldOf(file, 'keys');
  const box = fieldOf(file, 'box');
  if (fieldOf(file, 'v') !== 1 || !Array.isArray(keys) || !isBox(box)) return null;
  return { v: 1, keys: keys.filter(isWrapped), box };
}

const isBox = (value: unknown): value is Box =>
  isRecord(value) && ['iv', 'tag', 'data'].every((key) => typeof value[key] === 'string');

const isWrapped = (value: unknown): value is WrappedKey => {
  const kind = fieldOf(value, 'kind');
  if (!isOneOf(SECRET_KEYS, kind)) return false;
  if (kind === 'os') return typeof fieldOf(value, 'data') === 'string';
  return isBox(value) && typeof fieldOf(value, 'salt') === 'string' && Number.isSafeInteger(fieldOf(value, 'cost'));
};
