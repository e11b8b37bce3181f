import { createPublicKey, verify } from 'node:crypto';
import { parse } from 'yaml';
import { Failure, messageOf } from '../../shared/failure.ts';
import { fieldOf, isRecord } from '../../shared/guards.ts';

/** An installer of a release. */
export interface ReleaseFile {
  /** Its plain name, beside the list. */
  url: string;
  /** SHA-512, base64. */
  sha512: string;
  /** Bytes. */
  size: number;
}

/** What a release says of itself, in the form that electron-updater works with. */
export interface ReleaseList {
  version: string;
  files: ReleaseFile[];
  releaseDate: string;
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** What stands before the bytes of an ed25519 key in its SPKI container (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * The list, once its signature holds over its very bytes; nothing of it is looked at before.
 * @param signature ed25519, base64
 * @param key the public key, 32 bytes in base64
 * @param place where the list came from
 * @throws Failure `update-signature`, `update-list`
 */
export function readSignedList(bytes: Buffer, signature: string, key: string, place: string): ReleaseList {
  const raw = Buffer.from(key, 'base64');
  const signed = Buffer.from(signature.trim(), 'base64');
  const holds =
    raw.length === KEY_BYTES &&
    signed.length === SIGNATURE_BYTES &&
    verify(null, bytes, createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' }), signed);
  if (!holds) {
    throw new Failure({
      code: 'update-signature',
      message: "The list of versions is refused: its signature is not by this project's key.",
      hint: 'Nothing was downloaded. Install new versions by hand until it is put right.',
      place,
    });
  }
  try {
    return checked(parse(bytes.toString('utf8')));
  } catch (error) {
    throw new Failure({
      code: 'update-list',
      message: `The list of versions is not understood: ${messageOf(error)}`,
      hint: 'Nothing was downloaded.',
      place,
    });
  }
}

function checked(data: unknown): ReleaseList {
  if (!isRecord(data)) throw new Error('it is no object.');
  const { version, files, releaseDate = '' } = data;
  if (typeof version !== 'string' || !numbersOf(version)) throw new Error(`version is ${JSON.stringify(version)}.`);
  if (!Array.isArray(files) || files.length === 0) throw new Error('it names no file.');
  return { version, files: files.map(fileOf), releaseDate: String(releaseDate) };
}

function fileOf(data: unknown): ReleaseFile {
  const url = fieldOf(data, 'url');
  const sha512 = fieldOf(data, 'sha512');
  const size = fieldOf(data, 'size');
  // A plain name: no folder, no other server.
  if (typeof url !== 'string' || !/^[\w.+~-]+$/.test(url) || url.startsWith('.'))
    throw new Error(`${JSON.stringify(url)} is no name of a file.`);
  if (typeof sha512 !== 'string' || Buffer.from(sha512, 'base64').length !== 64)
    throw new Error(`${url} has no SHA-512.`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size <= 0) throw new Error(`${url} has no size.`);
  return { url, sha512, size };
}

/** Whether a version is newer than the one that runs; one before a release (`1.0.0-beta.2`) is older than it. */
export function compareVersions(offered: string, running: string): 'newer' | 'same' | 'older' {
  const a = numbersOf(offered);
  const b = numbersOf(running);
  if (!a || !b) throw new RangeError(`${a ? running : offered} is no version.`);
  for (const [i, number] of a.entries()) {
    const other = b[i] ?? 0;
    if (number !== other) return number > other ? 'newer' : 'older';
  }
  return 'same';
}

/** Major, minor, patch, and 1 for a release or 0 for what comes before it. */
function numbersOf(version: string): number[] | null {
  const found = /^(\d+)\.(\d+)\.(\d+)(-[\w.-]+)?$/.exec(version);
  return found && [Number(found[1]), Number(found[2]), Number(found[3]), found[4] === undefined ? 1 : 0];
}
