// @ts-check
// npm run package: installers for this platform, and the command line for npm. deb and rpm are made with the system's own
// tools, the rest by electron-builder, which comes by npx (as a dependency it would double what `npm ci` installs) and
// fetches Electron and its tools from GitHub. docs/packaging.md tells more.
import './ensure-node.mjs';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { buildOrExit, ROOT } from './build.mjs';
import { makeCli } from './package/cli.mjs';
import { makeDeb } from './package/deb.mjs';
import { appFolder } from './package/desktop-tree.mjs';
import { electronDist, reachable } from './package/electron-dist.mjs';
import { readFuses } from './package/fuses.mjs';
import { makeRpm } from './package/rpm.mjs';
import { newKey, writeManifest } from './package/update-manifest.mjs';

const BUILDER = 'electron-builder@26.17.0';
const TOOLS = process.env['ELECTRON_BUILDER_BINARIES_MIRROR'] ?? 'https://github.com/electron-userland/';

/** @type {Record<string, { name: string, targets: string[] }>} */
const PLATFORMS = {
  linux: { name: 'Linux', targets: ['deb', 'rpm', 'AppImage'] },
  darwin: { name: 'macOS', targets: ['dmg', 'zip'] },
  win32: { name: 'Windows', targets: ['nsis'] },
};
const HERE = PLATFORMS[process.platform] ?? { name: process.platform, targets: [] };
const ANYWHERE = ['cli', 'manifest', 'key'];

const USAGE = `Usage: npm run package -- [TARGET…] [--electron DIR] [--out DIR] [--quick]
  TARGET          here (${HERE.name}): ${[...HERE.targets, ...ANYWHERE].join(', ')}; without one: ${[...HERE.targets, 'cli'].join(', ')}
    cli           the command line, for npm
    manifest      what an app that looks for updates reads, signed with HEARTLINE_UPDATE_KEY
    key           a new pair of keys for that; nothing is written
  --electron DIR  the Electron to pack (deb and rpm; else the one that is here, or a download)
  --out DIR       where to (default dist)
  --quick         compress lightly (deb and rpm): for trying out`;

/** @param {string} message @param {number} code @returns {never} */
function fail(message, code) {
  console.error(message);
  process.exit(code);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        electron: { type: 'string' },
        out: { type: 'string', default: 'dist' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const known = [...HERE.targets, ...ANYWHERE];
    const targets = positionals.map((said) => {
      const target = known.find((name) => name.toLowerCase() === said.toLowerCase());
      if (target) return target;
      const elsewhere = Object.values(PLATFORMS).find(({ targets: theirs }) => theirs.includes(said));
      throw new Error(elsewhere ? `${said} is made on ${elsewhere.name} only.` : `"${said}" is no target.`);
    });
    return { ...values, targets };
  } catch (error) {
    return fail(`${/** @type {Error} */ (error).message}\n${USAGE}`, 2);
  }
}

/** @param {number} bytes */
const mb = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)} MB`;

/** @param {string} file */
const made = (file) => console.log(`${relative(ROOT, file)}: ${mb(statSync(file).size)}`);

/** @param {string[]} files compressed one by one, as a floor for how well any package does */
const compressed = (files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);

const { targets: asked, electron, out: outArg, quick } = readArguments();
if (asked.includes('key')) {
  console.log(newKey());
  process.exit(0);
}
const out = resolve(ROOT, outArg);
mkdirSync(out, { recursive: true });
await buildOrExit(console.log);

/** Why a target was not made. @type {Map<string, string>} */
const missing = new Map();
const config = parse(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8'));

/** @param {'deb' | 'rpm'} kind @param {string} tool @param {string} from */
async function systemPackage(kind, tool, from) {
  if (spawnSync(tool, ['--version']).error) return void missing.set(kind, `${tool} is not installed (${from})`);
  const dist = await electronDist(electron);
  if (dist.dir === null) return void missing.set(kind, dist.reason);
  const make = kind === 'deb' ? makeDeb : makeRpm;
  const { file, own, binary } = await make({
    ...{ root: ROOT, electron: dist.dir, out, quick },
    maintainer: config.deb.maintainer,
  });
  const fuses = Object.entries(await readFuses(binary)).map(
    ([name, on]) => `${name} ${on === null ? 'unknown' : on ? 'on' : 'off'}`,
  );
  made(file);
  console.log(`  Electron ${dist.version}; the app's own part ${mb(compressed(own))} compressed`);
  console.log(`  fuses: ${fuses.join(', ')}`);
  rmSync(join(out, `.${kind}`), { recursive: true });
}

/** @param {string[]} names of electron-builder's targets */
async function builderPackages(names) {
  if (!(await reachable(TOOLS))) {
    for (const name of names)
      missing.set(name, `${BUILDER} fetches Electron and its tools from ${TOOLS}, which cannot be reached from here`);
    return;
  }
  const app = join(out, '.app');
  appFolder(ROOT, app);
  const url = process.env['HEARTLINE_UPDATE_URL'];
  const platform = { linux: '--linux', darwin: '--mac', win32: '--win' }[/** @type {'linux'} */ (process.platform)];
  const build = spawnSync(
    process.platform === 'win32' ? 'npx.cmd' : 'npx',
    [
      ...['--yes', BUILDER, platform, ...names, '--publish', 'never'],
      ...[`-c.directories.app=${app}`, `-c.directories.output=${out}`],
      ...(url ? ['-c.publish.provider=generic', `-c.publish.url=${url}`] : []),
    ],
    { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' },
  );
  rmSync(app, { recursive: true, force: true });
  if (build.error) for (const name of names) missing.set(name, `npx does not start: ${build.error.message}`);
  else if (build.status !== 0)
    for (const name of names) missing.set(name, `${BUILDER} failed; what it printed is above`);
}

const targets = asked.length ? asked : [...HERE.targets, 'cli'];
try {
  if (targets.includes('cli')) made(makeCli({ root: ROOT, out }).file);
  if (targets.includes('deb')) await systemPackage('deb', 'dpkg-deb', 'Debian and Ubuntu have it');
  if (targets.includes('rpm')) await systemPackage('rpm', 'rpmbuild', 'package rpm-build; on Debian rpm');
  const others = targets.filter((name) => ['AppImage', 'dmg', 'zip', 'nsis'].includes(name));
  if (others.length) await builderPackages(others);
  if (targets.includes('manifest')) {
    const { files, key } = writeManifest({ root: ROOT, out });
    for (const file of files) made(file);
    console.log(`  signed with the key whose public half is ${key}`);
  }
} catch (error) {
  fail(/** @type {Error} */ (error).message, 3);
}
for (const [name, why] of missing) console.error(`${name} is not made: ${why}.`);
// What was asked for by name must be there; of what a platform has, something must.
const done = targets.filter((name) => !missing.has(name));
if (asked.length ? missing.size : !done.some((name) => HERE.targets.includes(name))) process.exit(3);
