// @ts-check
// Builds when what would be built has changed, and only then. The stamp is a hash of contents: a fresh clone, a copied
// tree and a touched file all get the right answer.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STAMP = 'out/.stamp';
const OUTPUTS = ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.cjs', 'out/renderer/index.html'];
const SOURCES = ['src', 'electron.vite.config.ts', 'package.json', 'package-lock.json'];

/** @param {string} root */
export function sourceHash(root = ROOT) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '');
  /** @param {string} path */
  const add = (path) => {
    const full = join(root, path);
    if (statSync(full).isDirectory()) for (const name of readdirSync(full).sort()) add(`${path}/${name}`);
    else hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
  };
  for (const path of SOURCES) add(path);
  return hash.digest('hex');
}

/**
 * Why a build is needed, or null.
 * @param {string} root
 */
export function whyBuild(root = ROOT) {
  /** @type {string} */
  let stamp;
  try {
    stamp = readFileSync(join(root, STAMP), 'utf8');
    for (const file of OUTPUTS) statSync(join(root, file));
  } catch {
    return 'it has not been built yet';
  }
  return stamp === sourceHash(root) ? null : 'the sources have changed since the last build';
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One build at a time, over all processes: a folder is the lock, its file names the holder.
 * @template T
 * @param {() => T} work
 */
async function withLock(work) {
  const lock = join(ROOT, 'node_modules/.tmp/heartline-build.lock');
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (!alive(lock)) rmSync(lock, { recursive: true, force: true });
      else await pause(100);
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** @param {string} lock */
function alive(lock) {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM') return true; // there, and another user's
    try {
      return Date.now() - statSync(lock).mtimeMs < 2000; // just taken, its file not written yet
    } catch {
      return false;
    }
  }
}

/**
 * @param {{ force?: boolean, say?: (line: string) => void }} [options] `say` is told why, before the build
 * @returns {Promise<{ ok: true, built: boolean } | { ok: false, output: string }>} `output` is what the build printed
 */
export async function ensureBuilt({ force = false, say = () => {} } = {}) {
  if (!force && !whyBuild()) return { ok: true, built: false };
  return withLock(() => {
    const why = force ? 'asked for' : whyBuild(); // again: another process may just have built
    if (!why) return { ok: true, built: false };
    say(`Building Heartline: ${why}.`);
    const hash = sourceHash(); // before: what changes during the build is built next time
    rmSync(join(ROOT, STAMP), { force: true });
    const build = spawnSync(
      process.execPath,
      ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    if (build.status !== 0) return { ok: false, output: `${build.stdout}${build.stderr}${build.error ?? ''}`.trim() };
    writeFileSync(join(ROOT, STAMP), hash);
    return { ok: true, built: true };
  });
}

/**
 * For scripts that cannot go on without: builds, or ends the process with what went wrong.
 * @param {(line: string) => void} [say]
 */
export async function buildOrExit(say) {
  const result = await ensureBuilt(say ? { say } : {});
  if (result.ok) return;
  console.error(`${result.output}\n\nThe build failed; what it printed is above.`);
  process.exit(3);
}
