import { redirect as definition } from '../../../../shared/path/policies/redirect.ts';
import type { PolicyImpl } from '../policy.ts';
import { statusOf } from './status.ts';

/** Sends requests elsewhere, as login walls and load balancers do. */
export const redirect: PolicyImpl<typeof definition> = {
  request(x, params) {
    const n = x.count(params);
    if (params.first > 0 && n > params.first) return;
    if (x.request.target.startsWith('/login')) return;
    const fired = { by: definition.id, cause: 'refuse', detail: `request ${n}` } as const;
    const to = params.to === 'login' ? '/login' : x.request.target;
    x.respond({ status: statusOf(params.status), fields: [['Location', to]], server: 'none', fired });
  },
};
