import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Exchange, Policy } from '../policy.ts';

const ATTRIBUTION = { cause: 'cut', detail: 'the proxy was reloaded' } as const;

/** The intermediary reads its configuration anew from time to time; what is open then may not survive it. */
export const reload: Policy = {
  id: 'reload',
  label: 'Reload',
  what: 'Every so often the proxy is reloaded: idle connections are closed, WebSockets may be with 1001, streams live on.',
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
    idle: {
      kind: 'choice',
      label: 'A client connection between requests',
      default: 'closed',
      options: {
        closed: 'Is closed; one with an answer under way is closed behind it',
        behind: 'Is kept; one with an answer under way is closed behind it',
        kept: 'Is kept, and so is one with an answer under way',
      },
    },
  },
  disabledParams: { every: 0 },
  summary: (params) =>
    Number(params['every']) > 0 ? `reloads every ${durationText(Number(params['every']))}` : 'no reload',
  http: {
    watch(x, params) {
      const every = Number(params['every']);
      if (every <= 0) return;
      let stop = x.clock.after(msUntilNext(x, every), function again() {
        const common = { server: 'fin', why: { by: reload.id, ...ATTRIBUTION } } as const;
        if (x.phase === 'tunnel' && params['ws'] !== 'none') x.end({ ...common, client: params['ws'] as 'fin' });
        else if (x.phase === 'answering' && params['stream'] === 'aborted') x.end({ ...common, client: 'fin' });
        else stop = x.clock.after(msUntilNext(x, every), again);
      });
      return { stop: () => stop() };
    },
    keepAliveMs(params, _after, x) {
      const every = Number(params['every']);
      if (!x || every <= 0 || params['idle'] === 'kept') return null;
      return reloadCount(x, every, x.clock.now()) > reloadCount(x, every, x.startedAt) ? 0 : null;
    },
    idle(x, params, close) {
      const every = Number(params['every']);
      if (every > 0 && params['idle'] === 'closed')
        return x.clock.after(msUntilNext(x, every), () => close(ATTRIBUTION));
    },
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
