// @ts-check
// Which of the built files a program needs. Both programs, the desktop's and the command line's, come from one build and
// share chunks; each package takes what its own entry reaches, and nothing of the other's.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/**
 * The entry and every file of `out/main` that it reaches, by name: a chunk is only ever asked for by a quoted relative path.
 * @param {string} root of the project
 * @param {string} entry such as `index.js`
 * @returns {string[]} paths from `root`, sorted
 */
export function reachedFrom(root, entry) {
  const home = 'out/main';
  const names = readdirSync(join(root, home), { recursive: true, encoding: 'utf8' });
  const all = new Set(names.map((file) => file.replaceAll('\\', '/')).filter((file) => /\.(js|cjs|mjs)$/.test(file)));
  const reached = new Set([entry]);
  for (const file of reached) {
    const text = readFileSync(join(root, home, file), 'latin1');
    for (const [, name = ''] of text.matchAll(/["'`](\.{1,2}\/[\w./-]+)["'`]/g)) {
      const found = posix.join(posix.dirname(file), name);
      if (all.has(found)) reached.add(found);
    }
  }
  return [...reached].sort().map((file) => `${home}/${file}`);
}

/**
 * A folder that holds one program: its files as they were built, without source maps, and a package.json of its own.
 * @param {object} what
 * @param {string} what.root of the project
 * @param {string} what.to emptied first
 * @param {string} what.entry in `out/main`
 * @param {string[]} what.others files and folders from `root` that go along whole
 * @param {Record<string, unknown>} what.manifest what its package.json says
 */
export function layOut({ root, to, entry, others, manifest }) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const file of [...reachedFrom(root, entry), ...others]) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(root, file), join(to, file), { recursive: true, filter: (source) => !source.endsWith('.map') });
  }
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * What both packages say of themselves.
 * @param {string} root
 * @returns {{ name: string, version: string, description: string, author: string, license: string, main: string }}
 */
export function projectManifest(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}
