import type { RemoteTarget } from '../../shared/target.ts';
import { SavedList } from './saved-list.ts';

/** Saved endpoints. The file is for its owner alone: headers may hold tokens. */
export const savedEndpoints = (dir: string | null): SavedList<RemoteTarget> =>
  new SavedList(dir, 'endpoints.json', 'endpoint', isEndpoint);

function isEndpoint(e: unknown): e is RemoteTarget {
  const t = e as Partial<RemoteTarget> | null;
  return (
    typeof t === 'object' &&
    t !== null &&
    t.kind === 'remote' &&
    typeof t.name === 'string' &&
    typeof t.channel === 'string' &&
    typeof t.dialect === 'string' &&
    typeof t.urls === 'object' &&
    typeof t.headers === 'object'
  );
}
