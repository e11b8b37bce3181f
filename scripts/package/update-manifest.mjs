// @ts-check
// The list of a release's installers, as electron-updater reads it, and a signature over its very bytes in a file beside.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectManifest } from './app-files.mjs';

const KEY = 'HEARTLINE_UPDATE_KEY';
/** A raw ed25519 key of 32 bytes stands at the end of its container. */
const RAW = 32;

/** Which list names which installers. */
const LISTS = [
  { list: 'latest-linux.yml', kind: /\.(AppImage|deb|rpm)$/ },
  { list: 'latest-mac.yml', kind: /\.(dmg|zip)$/ },
  { list: 'latest.yml', kind: /\.exe$/ },
];

/** @returns {string} two lines: what the source says, and what only the release may know */
export function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const open = publicKey.export({ type: 'spki', format: 'der' }).subarray(-RAW).toString('base64');
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-RAW).toString('base64');
  return `public (src/main/updates/release-key.ts): ${open}\n${KEY} (a secret of the release, nowhere else): ${secret}`;
}

/** @param {string} secret base64 */
function privateKeyOf(secret) {
  const raw = Buffer.from(secret, 'base64');
  if (raw.length !== RAW) throw new Error(`${KEY} is not 32 bytes in base64, as npm run package -- key prints them.`);
  const head = Buffer.from('302e020100300506032b657004220420', 'hex'); // PKCS #8, ed25519
  return createPrivateKey({ key: Buffer.concat([head, raw]), format: 'der', type: 'pkcs8' });
}

/**
 * @param {object} what
 * @param {string} what.root of the project
 * @param {string} what.out where the installers are, and the lists go
 * @param {NodeJS.ProcessEnv} [what.env]
 * @returns {{ files: string[], key: string }} the files written, and the public half of the key they are signed with
 */
export function writeManifest({ root, out, env = process.env }) {
  const secret = env[KEY];
  if (!secret)
    throw new Error(`No list of updates without a signature: ${KEY} is not set. npm run package -- key makes a pair.`);
  const secretKey = privateKeyOf(secret);
  const { version } = projectManifest(root);
  const written = LISTS.flatMap(({ list, kind }) => {
    const names = readdirSync(out)
      .filter((name) => kind.test(name) && name.includes(version))
      .sort();
    if (!names.length) return [];
    const files = names.map((name) => {
      const bytes = readFileSync(join(out, name));
      return {
        url: name,
        sha512: createHash('sha512').update(bytes).digest('base64'),
        size: statSync(join(out, name)).size,
      };
    });
    // JSON is YAML; no writer of the latter is needed.
    const text = `${JSON.stringify({ version, files, releaseDate: new Date().toISOString() }, null, 2)}\n`;
    writeFileSync(join(out, list), text);
    writeFileSync(join(out, `${list}.sig`), `${sign(null, Buffer.from(text), secretKey).toString('base64')}\n`);
    return [join(out, list), join(out, `${list}.sig`)];
  });
  if (!written.length) throw new Error(`${out} has no installer of ${version}.`);
  const key = createPublicKey(secretKey).export({ type: 'spki', format: 'der' }).subarray(-RAW).toString('base64');
  return { files: written, key };
}
