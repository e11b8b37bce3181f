import type { retry as definition } from '../../../../shared/path/policies/retry.ts';
import { NON_IDEMPOTENT, type PolicyImpl } from '../policy.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** An intermediary that asks again when it got no answer. */
export const retry: PolicyImpl<typeof definition> = {
  shouldRetry({ request: { method } }, params, tries, why) {
    if (tries > params.times || (params.on === 'timeout' && why !== 'silent')) return false;
    if (why === 'unreachable' || params.methods === 'all') return true;
    return params.methods === 'safe' ? SAFE_METHODS.includes(method) : !NON_IDEMPOTENT.includes(method);
  },
};
