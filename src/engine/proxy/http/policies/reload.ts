import type { Values } from '../../../../shared/path/definition.ts';
import { reload as definition } from '../../../../shared/path/policies/reload.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Exchange, PolicyImpl } from '../policy.ts';

type Params = Values<typeof definition>;

const ATTRIBUTION = { cause: 'cut', detail: 'the proxy was reloaded' } as const;

/** The intermediary reads its configuration anew from time to time; what is open then may not survive it, or not for long. */
export const reload: PolicyImpl<typeof definition> = {
  watch(x, params) {
    const { delay, ws, stream } = params;
    const wait = msUntilNext(x, params);
    if (wait === null) return;
    const detail = delay > 0 ? `worker shut down ${durationText(delay)} after a reload` : ATTRIBUTION.detail;
    const why = { by: definition.id, ...ATTRIBUTION, detail };
    const cut = (): void => {
      if (x.phase === 'tunnel' && ws !== 'none') x.end({ client: ws, server: 'fin', why });
      else if (x.phase === 'answering' && stream === 'aborted') x.end({ client: 'fin', server: 'fin', why });
      else if (delay === 0) again();
    };
    // With a delay the old worker has the exchange until then, and later reloads are no longer its own.
    let stop = x.clock.after(wait + delay, cut);
    const again = (): void => {
      const next = msUntilNext(x, params);
      if (next !== null) stop = x.clock.after(next, cut);
    };
    return { stop: () => stop() };
  },
  keepAliveMs(params, _after, x) {
    if (!x || params.idle === 'kept') return null;
    return reloadCount(x, params, x.clock.now()) > reloadCount(x, params, x.startedAt) ? 0 : null;
  },
  idle(x, params, close) {
    const wait = params.idle === 'closed' ? msUntilNext(x, params) : null;
    if (wait !== null) return x.clock.after(wait, () => close(ATTRIBUTION));
  },
};

/** null where there is none any more. */
function msUntilNext(x: Exchange, { every, at }: Params): number | null {
  const age = x.clock.now() - reloadEpoch(x);
  const waits = [...(every > 0 ? [every - (age % every)] : []), ...(at > age ? [at - age] : [])];
  return waits.length > 0 ? Math.min(...waits) : null;
}

/** How many there had been by then. */
function reloadCount(x: Exchange, { every, at }: Params, now: number): number {
  const age = now - reloadEpoch(x);
  return (every > 0 ? Math.floor(age / every) : 0) + (at > 0 && age >= at ? 1 : 0);
}

/** All connections see the same reloads. */
function reloadEpoch(x: Exchange): number {
  // cast: nobody else writes under this key
  const at = (x.store.get('reload') as number | undefined) ?? x.startedAt;
  x.store.set('reload', at);
  return at;
}
