import { upgrade as definition } from '../../../../shared/path/policies/upgrade.ts';
import type { PolicyImpl } from '../policy.ts';
import { isStatus, statusOf } from './status.ts';

/** What becomes of a request to switch protocols, as WebSocket makes it. */
export const upgrade: PolicyImpl<typeof definition> = {
  request(x, { how, plain }) {
    if (x.upgrade === null && plain !== 'pass') {
      const fired = { by: definition.id, cause: 'refuse', detail: 'no Upgrade was asked for' } as const;
      return x.respond({ status: statusOf(plain), server: 'none', fired });
    }
    if (x.upgrade === null || how === 'pass' || how === 'hang') return;
    const fired = { by: definition.id, cause: 'refuse', detail: 'the Upgrade was blocked' } as const;
    if (how === 'strip') x.upgrade = null;
    else if (isStatus(how)) x.respond({ status: statusOf(how), server: 'none', fired });
    else x.end({ client: 'fin', server: 'none', why: fired });
  },
  response(x, params) {
    if (x.response?.status === 101 && params.how === 'hang') x.discardResponse();
  },
};
