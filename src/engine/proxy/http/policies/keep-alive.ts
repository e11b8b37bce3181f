import type { keepAlive as definition } from '../../../../shared/path/policies/keep-alive.ts';
import type { PolicyImpl } from '../policy.ts';

/** How long the client's connection outlives its last answer. */
export const keepAlive: PolicyImpl<typeof definition> = {
  keepAliveMs: (params, after) => (after === 'origin' && params.after === 'closed' ? 0 : params.idle),
};
