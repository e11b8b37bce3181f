import { fieldOf } from '../../shared/guards.ts';
import type { SavedPath } from '../../shared/api.ts';
import { SavedList, type OnSetAside } from './saved-list.ts';

/** Paths that somebody put together and gave a name. */
export const savedPathList = (dir: string | null, onSetAside?: OnSetAside): SavedList<SavedPath> =>
  new SavedList({ dir, file: 'paths.json', noun: 'path', is: isSavedPath, onSetAside });

function isSavedPath(p: unknown): p is SavedPath {
  const via = fieldOf(p, 'via');
  return typeof fieldOf(p, 'name') === 'string' && Array.isArray(via) && via.every((text) => typeof text === 'string');
}
