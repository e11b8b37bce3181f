import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
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

/** Where endpoints and recordings are kept, as the platform has it; `HEARTLINE_DATA_DIR` says otherwise. */
export function dataDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env['HEARTLINE_DATA_DIR']) return env['HEARTLINE_DATA_DIR'];
  if (process.platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData/Roaming'), 'Heartline');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Heartline');
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'heartline');
}
