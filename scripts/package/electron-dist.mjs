// @ts-check
// The Electron that goes into a package: the one named, the one that is here, or the one that npm's package fetches.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../build.mjs';
import { findElectron } from '../find-electron.mjs';

const PROBE_MS = 5000;

/**
 * The folder of an unpacked Electron for Linux.
 * @param {string | undefined} named by the person, else looked for
 * @returns {Promise<{ dir: string, version: string } | { dir: null, reason: string }>}
 */
export async function electronDist(named) {
  if (named !== undefined) {
    if (existsSync(join(named, 'electron'))) return { dir: realpathSync(named), version: versionOf(named) };
    return { dir: null, reason: `${named} has no file "electron"` };
  }
  let found = findElectron();
  if (found.path === null && !process.env['ELECTRON_OVERRIDE_DIST_PATH']) {
    const base = process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/';
    if (!(await reachable(base))) {
      const way = 'Name the folder of one in --electron, or a mirror in ELECTRON_MIRROR';
      return { dir: null, reason: `no Electron is here and ${base} cannot be reached. ${way}` };
    }
    spawnSync(process.execPath, ['node_modules/electron/install.js'], { cwd: ROOT, stdio: 'inherit' });
    found = findElectron();
  }
  if (found.path === null) return { dir: null, reason: found.reason };
  const dir = realpathSync(dirname(found.path));
  return { dir, version: versionOf(dir) };
}

/** @param {string} url */
export async function reachable(url) {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} dir */
function versionOf(dir) {
  try {
    return readFileSync(join(dir, 'version'), 'utf8').trim().replace(/^v/, '');
  } catch {
    return 'of unknown version';
  }
}
