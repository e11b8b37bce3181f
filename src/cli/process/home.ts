import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder with our package.json, from the sources and from the build alike. */
const ROOT = ((): string => {
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir;
    if (dirname(dir) === dir) return import.meta.dirname;
  }
})();

export const RENDERER_DIR = join(ROOT, 'out/renderer');

export const VERSION = ((): string => {
  try {
    return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version; // cast: our own file
  } catch {
    return '0.0.0';
  }
})();
