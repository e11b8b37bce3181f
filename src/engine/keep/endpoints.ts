import type { RemoteTarget } from '../../shared/target.ts';
import { KeptList } from './kept-list.ts';

/** Saved endpoints. The file is for its owner alone: headers may hold tokens. */
export const endpointsStore = (dir: string | null): KeptList<RemoteTarget> =>
  new KeptList(dir, 'endpoints.json', 'endpoint', isEndpoint);

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
