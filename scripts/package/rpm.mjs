// @ts-check
// The RPM package, by rpmbuild.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectManifest } from './app-files.mjs';
import { ARCH, linuxTree, run } from './linux-tree.mjs';

const REQUIRES = ['alsa-lib', 'at-spi2-core', 'cups-libs', 'gtk3', 'libX11', 'libXScrnSaver', 'libXtst', 'libdrm'];
const ALSO = ['libnotify', 'libxkbcommon', 'mesa-libgbm', 'nss', 'xdg-utils'];

/**
 * @param {object} what
 * @param {string} what.root of the project
 * @param {string} what.electron the folder of an unpacked Electron
 * @param {string} what.out where the package goes
 * @param {boolean} what.quick compressed lightly: for trying it out
 * @returns {Promise<{ file: string, own: string[], binary: string }>}
 */
export async function makeRpm({ root, electron, out, quick }) {
  const { name, version, description, license } = projectManifest(root);
  const arch = ARCH.rpm[/** @type {'x64' | 'arm64'} */ (process.arch)];
  const tree = resolve(out, '.rpm');
  const top = resolve(out, '.rpmbuild');
  const { own, binary } = await linuxTree({ root, electron, to: tree, kind: 'rpm' });
  rmSync(top, { recursive: true, force: true });
  mkdirSync(top, { recursive: true });
  const spec = [
    `Name: ${name}`,
    `Version: ${version.replace('-', '~')}`,
    'Release: 1',
    `Summary: ${description}`,
    `License: ${license}`,
    'AutoReqProv: no',
    ...[...REQUIRES, ...ALSO].map((need) => `Requires: ${need}`),
    '%description',
    'One event stream, followed by four methods side by side, over a path that can',
    'fail: who was dropped, by whom, and what a resume missed.',
    // What is packed is finished: rpm must neither strip Electron nor look for the sources of its debug data.
    '%global debug_package %{nil}',
    '%global __os_install_post %{nil}',
    `%define _binary_payload ${quick ? 'w1.gzdio' : 'w6.xzdio'}`,
    '%define _build_id_links none',
    '%install',
    `cp -a ${tree}/. %{buildroot}/`,
    '%files',
    '%defattr(-,root,root,-)',
    '/usr/bin/heartline',
    '%dir /usr/lib/heartline',
    ...readdirSync(join(tree, 'usr/lib/heartline'))
      .filter((file) => file !== 'chrome-sandbox')
      .map((file) => `"/usr/lib/heartline/${file}"`),
    '%attr(4755,root,root) /usr/lib/heartline/chrome-sandbox',
    '/usr/share/applications/heartline.desktop',
    '/usr/share/mime/packages/heartline.xml',
    '/usr/share/icons/hicolor/*/apps/heartline.*',
    '/usr/share/doc/heartline',
    '',
  ];
  writeFileSync(join(top, 'heartline.spec'), spec.join('\n'));
  run('rpmbuild', ['-bb', '--quiet', '--define', `_topdir ${top}`, '--target', arch, join(top, 'heartline.spec')]);
  const built = join(top, 'RPMS', arch);
  const file = join(out, `${name}-${version}.${arch}.rpm`);
  renameSync(join(built, /** @type {string} */ (readdirSync(built)[0])), file);
  rmSync(top, { recursive: true });
  return { file, own, binary };
}
