import { isRecord } from '../../shared/guards.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { SavedList, type OnSetAside } from './saved-list.ts';

/** Saved endpoints. The file is for its owner alone: headers may hold tokens. */
export const savedEndpoints = (dir: string | null, onSetAside?: OnSetAside): SavedList<RemoteTarget> =>
  new SavedList({ dir, file: 'endpoints.json', noun: 'endpoint', is: isEndpoint, onSetAside });

function isEndpoint(e: unknown): e is RemoteTarget {
  const t: Partial<Record<keyof RemoteTarget, unknown>> | null = isRecord(e) ? e : null;
  return (
    t !== null &&
    t.kind === 'remote' &&
    typeof t.name === 'string' &&
    typeof t.channel === 'string' &&
    typeof t.dialect === 'string' &&
    (t.base === null || typeof t.base === 'string') &&
    isTextRecord(t.urls) &&
    isTextRecord(t.headers)
  );
}

const isTextRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
