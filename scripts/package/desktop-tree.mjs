// @ts-check
// The desktop program as a folder: Electron under our name, our program in one asar beside it, its fuses set.
import { chmodSync, copyFileSync, cpSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createPackage } from '@electron/asar';
import { layOut, projectManifest } from './app-files.mjs';
import { setFuses, wantedFuses } from './fuses.mjs';

/** Another key to check updates by: for those who build releases of their own, and for tests. Base64, 32 bytes. */
const UPDATE_KEY = 'HEARTLINE_UPDATE_PUBLIC_KEY';
/** Where released versions are found; without it a build cannot ask, and says so. */
const UPDATE_URL = 'HEARTLINE_UPDATE_URL';

/**
 * The program alone, as it goes into the asar.
 * @param {string} root of the project
 * @param {string} to
 */
export function appFolder(root, to, env = process.env) {
  const { name, version, description, author, license, main } = projectManifest(root);
  const key = env[UPDATE_KEY];
  layOut({
    root,
    to,
    entry: 'index.js',
    others: ['out/preload', 'out/renderer', 'LICENSE'],
    // desktopName ties the window to its menu entry, and the program to its links and files.
    manifest: {
      ...{ name, version, description, author, license, type: 'module', main, desktopName: `${name}.desktop` },
      ...(key ? { updatePublicKey: key } : {}),
    },
  });
}

/**
 * What electron-updater reads beside the asar.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null} null where no address was given
 */
export function updateConfig(env = process.env) {
  const url = env[UPDATE_URL];
  return url ? `provider: generic\nurl: ${JSON.stringify(url)}\nupdaterCacheDirName: heartline-updater\n` : null;
}

/**
 * @param {object} what
 * @param {string} what.root of the project
 * @param {string} what.electron the folder of an unpacked Electron for Linux
 * @param {string} what.to emptied first
 * @param {string | null} what.kind what installs it: electron-updater asks for the same kind again
 * @param {NodeJS.ProcessEnv} [what.env] what says where updates are
 * @param {boolean} [what.fuses] false leaves them as they are, so that a test can look inside
 * @returns {Promise<{ asar: string, binary: string }>}
 */
export async function desktopTree({ root, electron, to, kind, env = process.env, fuses = true }) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(dirname(to), { recursive: true });
  // never the link to a folder: what is changed below is the copy
  cpSync(realpathSync(electron), to, {
    recursive: true,
    // an Electron that is laid out for development has a program of its own inside
    filter: (source) => !/[\\/]resources[\\/](app|app\.asar|default_app\.asar|app-update\.yml)$/.test(source),
  });
  const binary = join(to, 'heartline');
  renameSync(join(to, 'electron'), binary);
  const resources = join(to, 'resources');
  mkdirSync(resources, { recursive: true });
  const app = `${to}.app`;
  appFolder(root, app, env);
  const asar = join(resources, 'app.asar');
  await createPackage(app, asar);
  rmSync(app, { recursive: true });
  if (kind !== null) writeFileSync(join(resources, 'package-type'), kind);
  const updates = updateConfig(env);
  if (updates !== null) writeFileSync(join(resources, 'app-update.yml'), updates);
  copyFileSync(join(root, 'LICENSE'), join(to, 'LICENSE.heartline.txt'));
  if (fuses) await setFuses(binary, wantedFuses(root));
  chmodSync(binary, 0o755);
  chmodSync(join(to, 'chrome-sandbox'), 0o4755);
  return { asar, binary };
}
