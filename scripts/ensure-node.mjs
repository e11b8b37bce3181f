// @ts-check
// Imported first by every script: a Node that is new enough goes on, an old one hands over to the Node that `npm ci`
// brought (Linux x64), and where there is none the reader is told what to do.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 18];

/** @param {string} version such as `20.20.2` */
export function newEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (
    major > /** @type {number} */ (NEEDED[0]) || (major === NEEDED[0] && minor >= /** @type {number} */ (NEEDED[1]))
  );
}

/**
 * @param {string} version
 * @param {boolean} installed whether node_modules is there at all
 */
export function tooOld(version, installed) {
  const way = installed
    ? 'Install Node 24 from https://nodejs.org (npm brings one along on Linux x64 only)'
    : 'Run `npm ci` first (on Linux x64 it brings Node 24 along), or install Node 24 from https://nodejs.org';
  return `Heartline needs Node ${NEEDED.join('.')} or newer, and this is Node ${version}. ${way}.`;
}

if (!newEnough(process.versions.node)) {
  const root = new URL('../', import.meta.url);
  const own = fileURLToPath(new URL('node_modules/.bin/node', root));
  if (process.execPath === own || !existsSync(own)) {
    console.error(tooOld(process.versions.node, existsSync(new URL('node_modules', root))));
    process.exit(3);
  }
  const child = spawn(own, process.argv.slice(1), { stdio: 'inherit' });
  // From a terminal the child hears Ctrl-C itself; forwarding it would make it two.
  process.on('SIGINT', () => void (process.stdin.isTTY || child.kill('SIGINT')));
  process.on('SIGTERM', () => void child.kill('SIGTERM'));
  await new Promise(() => {
    child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
if (!existsSync(new URL('../node_modules/vite', import.meta.url))) {
  console.error('The packages are not installed. Run `npm ci` first.');
  process.exit(3);
}
