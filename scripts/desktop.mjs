// @ts-check
// npm run desktop: the desktop suite alone, on a real Electron. It says which, and ends with `N passed, N failed`.
// Arguments go on to vitest; `--lay-out` lays out the Electron of test/rigs/electron first where there is none.
import './ensure-node.mjs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cannotLayOut, laidOut, layOut, RIG_DIR } from '../test/rigs/electron/lay-out.mjs';
import { noDesk, openDesk } from '../test/rigs/electron/desk.mjs';
import { buildOrExit, ROOT } from './build.mjs';
import { findElectron } from './find-electron.mjs';

const args = process.argv.slice(2);
const toLayOut = args.includes('--lay-out');

/** What is missing is no failure where the suite is one of several that run on whatever is there. @param {string} reason @returns {never} */
function without(reason) {
  if (toLayOut) console.log(`skipped: the desktop suite: ${reason}\n0 passed, 0 failed`);
  else console.error(`npm run desktop needs a real Electron: ${reason}`);
  process.exit(toLayOut ? 0 : 3);
}

/** @returns {string} the binary */
function findBinary() {
  const found = findElectron();
  if (found.path) return found.path;
  const dir = laidOut();
  if (dir) return join(dir, 'electron');
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH']) without(`${found.reason}.`);
  const cannot = cannotLayOut();
  if (!toLayOut)
    without(
      `${found.reason}, and none is laid out in ${RIG_DIR}.${cannot ? '' : ' `npm run desktop -- --lay-out` does that (196 MB).'}`,
    );
  if (cannot) without(`${cannot}.`);
  return join(layOut(console.log), 'electron');
}

const binary = findBinary();
const missing = noDesk();
if (missing) without(`${missing}.`);
await buildOrExit(console.log);
const desk = await openDesk(binary);
const { electron, chrome, node } = desk.versions();
console.log(`Electron ${electron} (Chromium ${chrome}, Node ${node}): ${binary}`);
const vitest = spawn(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'desktop', ...args.filter((a) => a !== '--lay-out')],
  {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, HEARTLINE_DESK: JSON.stringify(desk) },
  },
);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => vitest.kill(signal));
vitest.once('close', (code) => {
  desk.close();
  process.exitCode = code ?? 1;
});
