import { join } from 'node:path';
import { giveTo } from '../rigs/electron/desk.mjs';

/** Where a real Electron runs (test/rigs/electron/desk.mjs); it comes from `npm run desktop`. */
export interface Desk {
  electron: string;
  binary: string;
  app: string;
  env: Record<string, string>;
  user: { uid: number; gid: number } | null;
}

export function deskHere(): Desk | null {
  const told = process.env['HEARTLINE_DESK'];
  return told === undefined ? null : (JSON.parse(told) as Desk); // cast: scripts/desktop.mjs wrote it
}

/** A start of the app on the desk. Its data folder then belongs to the desk's user. @param entry below the app's folder */
export function onDesk(
  desk: Desk,
  { entry = '.', args = [], env = {} }: { entry?: string; args?: string[]; env?: Record<string, string> },
): { command: string; args: string[]; env: Record<string, string> } {
  const dataDir = env['HEARTLINE_DATA_DIR'];
  if (dataDir !== undefined) giveTo(desk, dataDir);
  return {
    command: desk.electron,
    args: [join(desk.app, entry), ...args],
    // cast: what is undefined is not in the environment of a child
    env: { ...(process.env as Record<string, string>), NODE_OPTIONS: '', ...desk.env, ...env },
  };
}
