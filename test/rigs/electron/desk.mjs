// @ts-check
// A place where the desktop app can run for tests: a display, a session bus, a user of its own (Chromium's sandbox refuses root),
// and a copy of what is built, which that user can read wherever the checkout is.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const USER = 'heartline-desk';
const ROOT = join(import.meta.dirname, '../../..');
const WANTED_MS = 20_000;

/**
 * @typedef {object} Desk
 * @property {string} electron the command that runs Electron, as its user
 * @property {string} binary the Electron behind that command
 * @property {string} app the folder of the app
 * @property {Record<string, string>} env for whatever runs there
 * @property {{ uid: number, gid: number } | null} user whose the app's files must be; null for this process's own
 */

/** What is missing for a desk, or null. */
export function noDesk() {
  for (const [command, by] of /** @type {const} */ ([
    ['Xvfb', 'xvfb'],
    ['dbus-daemon', 'dbus'],
    ['setpriv', 'util-linux'],
  ])) {
    if (spawnSync(command, ['--version']).error) return `${command} is missing (apt-get install ${by})`;
  }
  return null;
}

/**
 * @param {string} electron the binary
 * @returns {Promise<Desk & { close(): void, versions(): NodeJS.ProcessVersions }>}
 * @throws Error what could not be started
 */
export async function openDesk(electron) {
  const folder = mkdtempSync(join(tmpdir(), 'heartline-desk-'));
  chmodSync(folder, 0o755);
  const user = process.getuid?.() === 0 ? account() : null;
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = [];
  const close = () => {
    for (const child of children) child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const app = join(folder, 'app');
    for (const part of ['out', 'package.json', 'test/double/fixture']) {
      cpSync(join(ROOT, part), join(app, part), { recursive: true, filter: (from) => !from.endsWith('.map') });
    }
    spawnSync('chmod', ['-R', 'a+rX', app]);
    const home = join(folder, 'home');
    const runtime = join(folder, 'runtime');
    for (const own of [home, runtime]) {
      mkdirSync(own, { mode: 0o700 });
      if (user) chownSync(own, user.uid, user.gid);
    }
    const as = asUser(user);
    const launcher = launcherOf(user, electron, join(folder, 'electron'));

    const screen = ['-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'];
    const display = await firstLine(children, 'Xvfb', ['-displayfd', '3', ...screen], {});
    /** @type {Record<string, string>} */
    const env = { DISPLAY: `:${display}`, HOME: home, XDG_RUNTIME_DIR: runtime };
    const [command = '', ...args] = [...as, 'dbus-daemon', '--session', '--nofork', '--print-address=3'];
    env['DBUS_SESSION_BUS_ADDRESS'] = await firstLine(children, command, args, env);
    const desk = { electron: launcher, binary: electron, app, env, user };
    return { ...desk, close, versions: () => versionsOf(desk) };
  } catch (error) {
    close();
    throw error;
  }
}

/** @param {Desk} desk @param {string} path a file or folder that the app is to own */
export function giveTo({ user }, path) {
  if (user && existsSync(path)) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, path]);
}

/** What runs a command as that user. @param {Desk['user']} user */
const asUser = (user) =>
  user ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--'] : [];

/** Writes a script that runs a binary as that user. @param {Desk['user']} user @param {string} binary @param {string} file */
export function launcherOf(user, binary, file) {
  // Playwright adds the switch where it runs as root itself; Electron does not, and keeps its sandbox.
  const unswitched = user ? '[ "$1" = --no-sandbox ] && shift\n' : '';
  writeFileSync(file, `#!/bin/sh\n${unswitched}exec ${asUser(user).map(quoted).join(' ')} ${quoted(binary)} "$@"\n`, { mode: 0o755 });
  return file;
}

/** What the Electron of a desk is. @param {Desk} desk @throws Error when it does not run */
function versionsOf({ electron, app, env }) {
  const file = join(app, 'versions.mjs');
  writeFileSync(
    file,
    "import { app } from 'electron';\nprocess.stdout.write(JSON.stringify(process.versions), () => app.exit(0));\n",
  );
  const said = spawnSync(electron, [file], { env: { ...process.env, ...env }, encoding: 'utf8', timeout: WANTED_MS });
  try {
    return JSON.parse(said.stdout);
  } catch {
    throw new Error(`${electron} does not run (${said.signal ?? `exit code ${said.status}`}): ${said.stderr.trim()}`);
  }
}

function account() {
  const id = (/** @type {string} */ flag) => Number(spawnSync('id', [flag, USER], { encoding: 'utf8' }).stdout.trim() || NaN);
  if (Number.isNaN(id('-u'))) {
    const made = spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', USER], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`useradd ${USER} failed: ${made.error?.message ?? made.stderr.trim()}`);
  }
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * Starts a program that says where it can be found on its file descriptor 3, and waits for that.
 * @param {import('node:child_process').ChildProcess[]} children what is to be ended, to which it is added
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<string>}
 */
function firstLine(children, command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    children.push(child);
    let said = '';
    let complaints = '';
    const failed = (/** @type {string} */ why) => reject(new Error(`${command} does not come up: ${why} ${complaints}`.trim()));
    const late = setTimeout(() => failed(`nothing within ${WANTED_MS / 1000} s.`), WANTED_MS);
    child.once('error', (error) => failed(error.message));
    child.once('exit', (code) => failed(`it ended with ${code}.`));
    child.stderr?.on('data', (text) => (complaints += text));
    child.stdio[3]?.on('data', (text) => {
      said += text;
      if (!said.includes('\n')) return;
      clearTimeout(late);
      resolve(said.trim());
    });
  });
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
