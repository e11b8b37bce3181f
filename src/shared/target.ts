import type { RemoteTarget } from './endpoint/remote-target.ts';

export type { RemoteTarget };

/** What the lanes follow. */
export type Target = { kind: 'embedded' } | RemoteTarget;
