// @ts-check
// npm run package: installers for this platform. electron-builder comes by npx, not as a dependency: it would double what
// `npm ci` installs. It fetches Electron and its own tools from GitHub.
import './ensure-node.mjs';
import { spawnSync } from 'node:child_process';
import { buildOrExit, ROOT } from './build.mjs';

const BUILDER = 'electron-builder@26.17.0';
const RELEASES = process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/';

await buildOrExit(console.log);
try {
  await fetch(RELEASES, { method: 'HEAD', signal: AbortSignal.timeout(5000) });
} catch {
  console.error(
    `${BUILDER} fetches Electron from ${RELEASES}, which cannot be reached from here. ` +
      'Run npm run package on a machine with a way to it, or name a mirror in ELECTRON_MIRROR.',
  );
  process.exit(3);
}
const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
const made = spawnSync(npx, ['--yes', BUILDER, '--publish', 'never', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (made.error) console.error(`npx does not start: ${made.error.message}`);
process.exit(made.status ?? 3);
