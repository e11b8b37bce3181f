import type { SavedPath } from '../../shared/api.ts';
import { KeptList } from './kept-list.ts';

/** Paths that somebody put together and gave a name. */
export const pathsStore = (dir: string | null): KeptList<SavedPath> =>
  new KeptList(dir, 'paths.json', 'path', isSavedPath);

function isSavedPath(p: unknown): p is SavedPath {
  const { name, via } = (p ?? {}) as Partial<SavedPath>;
  return typeof name === 'string' && Array.isArray(via) && via.every((text) => typeof text === 'string');
}
