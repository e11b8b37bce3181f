import type { clientLeaves as definition } from '../../../../shared/path/policies/client-leaves.ts';
import type { PolicyImpl } from '../policy.ts';

/** Whether, and when, an origin hears that its client has gone. */
export const clientLeaves: PolicyImpl<typeof definition> = {
  clientAbort(x, how, params) {
    const set = x.phase === 'waiting' && params.waiting !== 'same' ? params.waiting : params.told;
    const onReset = how === 'rst' ? 'at-once' : 'on-write';
    return { when: set === 'on-reset' ? onReset : set, as: params.as };
  },
};
