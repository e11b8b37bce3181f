// @ts-check
// What a Linux package puts where, by the file system's and the desktop's own rules. The deb and the rpm carry the same
// tree; caches of menus, icons and kinds of file are renewed by triggers of the packages that own them.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { desktopTree } from './desktop-tree.mjs';

export const ARCH = { deb: { x64: 'amd64', arm64: 'arm64' }, rpm: { x64: 'x86_64', arm64: 'aarch64' } };

/**
 * @param {object} what
 * @param {string} what.root of the project
 * @param {string} what.electron the folder of an unpacked Electron
 * @param {string} what.to emptied first
 * @param {'deb' | 'rpm'} what.kind
 * @returns {Promise<{ asar: string, binary: string, own: string[] }>} `own`: every file that is not Electron's
 */
export async function linuxTree({ root, electron, to, kind }) {
  rmSync(to, { recursive: true, force: true });
  const share = join(to, 'usr/share');
  const home = join(to, 'usr/lib/heartline');
  const { asar, binary } = await desktopTree({ root, electron, to: home, kind });
  /** @param {string} from @param {string} file */
  const put = (from, file) => {
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(from, file);
    return file;
  };
  const own = [
    put(join(root, 'build/linux/heartline.desktop'), join(share, 'applications/heartline.desktop')),
    put(join(root, 'build/linux/heartline.xml'), join(share, 'mime/packages/heartline.xml')),
    put(join(root, 'build/icon.svg'), join(share, 'icons/hicolor/scalable/apps/heartline.svg')),
    put(join(root, 'LICENSE'), join(share, 'doc/heartline/copyright')),
  ];
  for (const name of readdirSync(join(root, 'build/icons'))) {
    const size = basename(name, '.png');
    own.push(put(join(root, 'build/icons', name), join(share, `icons/hicolor/${size}/apps/heartline.png`)));
  }
  mkdirSync(join(to, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/heartline/heartline', join(to, 'usr/bin/heartline'));
  for (const name of ['package-type', 'app-update.yml']) {
    const file = join(home, 'resources', name);
    if (existsSync(file)) own.push(file);
  }
  settleModes(to);
  return { asar, binary, own: [asar, ...own] };
}

/** Readable by all, writable by the owner only, whatever the builder's umask was. @param {string} path */
function settleModes(path) {
  const { mode } = lstatSync(path);
  if (lstatSync(path).isSymbolicLink()) return;
  if (lstatSync(path).isDirectory()) {
    chmodSync(path, 0o755);
    for (const name of readdirSync(path)) settleModes(join(path, name));
  } else chmodSync(path, mode & 0o4000 ? 0o4755 : mode & 0o100 ? 0o755 : 0o644);
}

/** @param {string} command @param {string[]} args @throws with what the command printed */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (done.error) throw new Error(`${command} does not start: ${done.error.message}`);
  if (done.status !== 0)
    throw new Error(`${command} failed (${done.status}): ${`${done.stdout}${done.stderr}`.trim()}`);
  return done.stdout;
}
