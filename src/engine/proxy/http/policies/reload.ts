import { spanText } from '../../../faults/words.ts';
import type { Exchange, Policy } from '../policy.ts';

/** The intermediary reads its configuration anew from time to time; what is open then may not survive it. */
export const reload: Policy = {
  id: 'reload',
  label: 'Reload',
  what: 'Every so often the proxy is reloaded: streams live on, WebSockets may be closed with 1001.',
  params: {
    every: { kind: 'duration', label: 'Every', help: '0 is never.', default: 60_000, min: 0, max: 864_000_000 },
    ws: {
      kind: 'choice',
      label: 'A WebSocket gets',
      default: 'close-1001',
      options: { 'close-1001': 'A close frame with 1001, then FIN', fin: 'FIN', none: 'Nothing: it goes on' },
    },
    stream: {
      kind: 'choice',
      label: 'A stream gets',
      default: 'none',
      options: { none: 'Nothing: it goes on', aborted: 'FIN, the answer cut short' },
    },
  },
  off: { every: 0 },
  short: (params) => `reloads every ${spanText(Number(params['every']))}`,
  http: {
    watch(x, params) {
      const every = Number(params['every']);
      if (every <= 0) return;
      const began = begins(x);
      const left = every - ((x.clock.now() - began) % every);
      let stop = x.clock.after(left, function again() {
        const why = { by: reload.id, cause: 'cut', detail: 'the proxy was reloaded' } as const;
        const common = { server: 'fin', why } as const;
        if (x.phase === 'tunnel' && params['ws'] !== 'none') x.end({ ...common, client: params['ws'] as 'fin' });
        else if (x.phase === 'answering' && params['stream'] === 'aborted') x.end({ ...common, client: 'fin' });
        else stop = x.clock.after(every, again);
      });
      return { stop: () => stop() };
    },
  },
};

/** All connections see the same reloads. */
function begins(x: Exchange): number {
  const at = (x.store.get('reload') as number | undefined) ?? x.clock.now();
  x.store.set('reload', at);
  return at;
}
