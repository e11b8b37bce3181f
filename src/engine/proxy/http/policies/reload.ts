import { reload as definition } from '../../../../shared/path/policies/reload.ts';
import type { Exchange, PolicyImpl } from '../policy.ts';

const ATTRIBUTION = { cause: 'cut', detail: 'the proxy was reloaded' } as const;

/** The intermediary reads its configuration anew from time to time; what is open then may not survive it. */
export const reload: PolicyImpl<typeof definition> = {
  watch(x, params) {
    const { every } = params;
    if (every <= 0) return;
    let stop = x.clock.after(msUntilNext(x, every), function again() {
      const common = { server: 'fin', why: { by: definition.id, ...ATTRIBUTION } } as const;
      if (x.phase === 'tunnel' && params.ws !== 'none') x.end({ ...common, client: params.ws });
      else if (x.phase === 'answering' && params.stream === 'aborted') x.end({ ...common, client: 'fin' });
      else stop = x.clock.after(msUntilNext(x, every), again);
    });
    return { stop: () => stop() };
  },
  keepAliveMs({ every, idle }, _after, x) {
    if (!x || every <= 0 || idle === 'kept') return null;
    return reloadCount(x, every, x.clock.now()) > reloadCount(x, every, x.startedAt) ? 0 : null;
  },
  idle(x, { every, idle }, close) {
    if (every > 0 && idle === 'closed') return x.clock.after(msUntilNext(x, every), () => close(ATTRIBUTION));
  },
};

const msUntilNext = (x: Exchange, every: number): number => every - ((x.clock.now() - reloadEpoch(x)) % every);

/** How many there had been by then. */
const reloadCount = (x: Exchange, every: number, at: number): number => Math.floor((at - reloadEpoch(x)) / every);

/** All connections see the same reloads. */
function reloadEpoch(x: Exchange): number {
  const at = (x.store.get('reload') as number | undefined) ?? x.startedAt;
  x.store.set('reload', at);
  return at;
}
