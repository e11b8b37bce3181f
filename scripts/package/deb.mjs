// @ts-check
// The Debian package, by Debian's own dpkg-deb. (electron-installer-debian has no way to bring a kind of file along.)
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { projectManifest } from './app-files.mjs';
import { ARCH, linuxTree, run } from './linux-tree.mjs';

/** What Electron is linked with or opens as it runs; where Debian and Ubuntu renamed one for 64-bit time, either. */
const DEPENDS = [
  'libc6 (>= 2.31)',
  ...['libasound2', 'libatk-bridge2.0-0', 'libatk1.0-0', 'libatspi2.0-0', 'libcups2', 'libglib2.0-0', 'libgtk-3-0'].map(
    (name) => `${name} | ${name}t64`,
  ),
  ...[
    'libcairo2',
    'libdbus-1-3',
    'libdrm2',
    'libexpat1',
    'libgbm1',
    'libnotify4',
    'libnspr4',
    'libnss3',
    'libpango-1.0-0',
  ],
  ...['libudev1', 'libuuid1', 'libx11-6', 'libxcb1', 'libxcomposite1', 'libxdamage1', 'libxext6', 'libxfixes3'],
  ...[
    'libxkbcommon0',
    'libxrandr2',
    'libxss1',
    'libxtst6',
    'xdg-utils',
    'desktop-file-utils',
    'hicolor-icon-theme',
    'shared-mime-info',
  ],
];

/**
 * @param {object} what
 * @param {string} what.root of the project
 * @param {string} what.electron the folder of an unpacked Electron
 * @param {string} what.out where the package goes
 * @param {boolean} what.quick compressed lightly: for trying it out
 * @param {string} what.maintainer as `Name <address>`
 * @returns {Promise<{ file: string, own: string[], binary: string }>}
 */
export async function makeDeb({ root, electron, out, quick, maintainer }) {
  const { name, version, description } = projectManifest(root);
  const arch = ARCH.deb[/** @type {'x64' | 'arm64'} */ (process.arch)];
  const tree = join(out, '.deb');
  const { own, binary } = await linuxTree({ root, electron, to: tree, kind: 'deb' });
  const files = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const control = [
    `Package: ${name}`,
    `Version: ${version.replace('-', '~')}`,
    `Architecture: ${arch}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${Math.ceil(files.reduce((sum, file) => sum + statSync(file).size, 0) / 1024)}`,
    `Depends: ${DEPENDS.join(', ')}`,
    'Section: devel',
    'Priority: optional',
    `Description: ${description.slice(0, 1).toLowerCase()}${description.slice(1)}`,
    ' One event stream, followed by four methods side by side, over a path that can',
    ' fail: who was dropped, by whom, and what a resume missed.',
    '',
  ];
  mkdirSync(join(tree, 'DEBIAN'));
  writeFileSync(join(tree, 'DEBIAN/control'), control.join('\n'), { mode: 0o644 });
  const sums = files.map((file) => {
    const hash = createHash('md5').update(readFileSync(file)).digest('hex'); // dpkg's own format; not for safety
    return `${hash}  ${file.slice(tree.length + 1)}\n`;
  });
  writeFileSync(join(tree, 'DEBIAN/md5sums'), sums.join(''), { mode: 0o644 });
  const file = join(out, `${name}_${version}_${arch}.deb`);
  rmSync(file, { force: true });
  const compression = quick ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6'];
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, file]);
  return { file, own, binary };
}
