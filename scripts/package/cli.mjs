// @ts-check
// The command line as a package of its own for npm: no Electron, nothing to install beside it, the page for `heartline
// open` inside.
import { chmodSync, copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layOut, projectManifest } from './app-files.mjs';
import { run } from './linux-tree.mjs';

const NODE = '22.18.0';

// Written to run on any Node: an old one must be told what is missing, not trip over the syntax of what it loads.
const BIN = `#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) import('../out/main/cli.js');
else {
  process.stderr.write('Heartline needs Node 22.18 or newer, and this is Node ' + process.versions.node + '. Install Node 24 from https://nodejs.org.\\n');
  process.exit(3);
}
`;

/**
 * @param {object} what
 * @param {string} what.root of the project
 * @param {string} what.out where the package goes
 * @returns {{ file: string, folder: string }}
 */
export function makeCli({ root, out }) {
  const { name, version, description, author, license } = projectManifest(root);
  const folder = join(out, 'cli');
  layOut({
    root,
    to: folder,
    entry: 'cli.js',
    others: ['out/renderer', 'LICENSE'],
    manifest: {
      ...{ name, version, description, author, license, type: 'module', bin: { heartline: 'bin/heartline.js' } },
      engines: { node: `>=${NODE}` },
      keywords: ['sse', 'server-sent-events', 'websocket', 'long-polling', 'proxy', 'reconnect', 'testing'],
    },
  });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/heartline.js'), BIN);
  chmodSync(join(folder, 'bin/heartline.js'), 0o755);
  copyFileSync(join(root, 'build/cli-readme.md'), join(folder, 'README.md'));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const packed = JSON.parse(
    run(npm, ['pack', '--json', '--ignore-scripts'], { cwd: folder, shell: process.platform === 'win32' }),
  );
  const file = join(out, packed[0].filename);
  renameSync(join(folder, packed[0].filename), file);
  return { file, folder };
}
