import { originDies as definition } from '../../../../shared/path/policies/origin-dies.ts';
import type { ExchangeEnding, PolicyImpl } from '../policy.ts';
import { isStatus, statusOf } from './status.ts';

/** What a client sees when the connection to the origin breaks. */
export const originDies: PolicyImpl<typeof definition> = {
  keptConnectionClosed(x, { kept, close }) {
    if (kept === 'repeat') return false;
    const detail = 'the server closed a kept connection as a request came';
    const why = { by: definition.id, cause: 'kept-connection', detail } as const;
    if (isStatus(kept)) x.respond({ status: statusOf(kept), close: close === 'closed', server: 'fin', fired: why });
    else if (kept !== 'none') x.end({ client: kept, server: 'fin', why });
    return true;
  },
  upstreamClosed(x, how, params) {
    const close = params.close === 'closed' || (params.close === 'refused' && how === 'unreachable');
    const why = { by: definition.id, cause: 'target-unreachable', detail: 'the origin cannot be reached' } as const;
    // What the origin did by itself is passed on without a word.
    const ours = how === 'unreachable' ? { why } : {};
    if (x.phase === 'waiting') {
      const outcome = params[how === 'unreachable' ? 'refused' : 'poll'];
      const respond = (): void => {
        if (isStatus(outcome)) {
          const status = statusOf(outcome);
          x.respond({ status, close, server: 'fin', ...(how === 'unreachable' && { fired: why }) });
        } else if (outcome !== 'none') x.end({ client: outcome, server: 'fin', ...ours });
      };
      const after = how === 'unreachable' ? params['refused-after'] : 0;
      if (after > 0) x.onceOver(x.clock.after(after, respond));
      else respond();
      return true;
    }
    const outcome = params[how === 'rst' ? 'rst' : 'fin'];
    if (outcome === 'hang') return true;
    if (outcome === '502' && !x.headSent) {
      x.respond({ status: 502, close, server: 'fin' });
      return true;
    }
    const common: Omit<ExchangeEnding, 'client'> = { server: 'fin', ...ours };
    if (outcome === 'clean') x.end({ ...common, client: 'clean', flush: true });
    else if (outcome === 'clean-close') x.end({ ...common, client: 'clean', flush: true, close: true });
    else x.end({ ...common, client: 'fin', flush: outcome === 'aborted' });
    return true;
  },
};
