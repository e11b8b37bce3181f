import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where endpoints and recordings are kept, as the platform has it; `HEARTLINE_DATA_DIR` says otherwise. */
export function dataDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env['HEARTLINE_DATA_DIR']) return env['HEARTLINE_DATA_DIR'];
  if (process.platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData/Roaming'), 'Heartline');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Heartline');
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'heartline');
}
