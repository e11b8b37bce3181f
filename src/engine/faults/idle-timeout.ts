import type { EndOrder, Fault, SideEnd } from './fault.ts';
import { spanText } from './words.ts';

/**
 * Ends a connection on which nothing was said for a while. Any byte in either direction starts the wait anew. One timer
 * a connection, set again only when it fires, so that bytes cost nothing.
 */
export const idleTimeout: Fault = {
  id: 'idle-timeout',
  label: 'Idle timeout',
  what: 'After this long without a byte either way, the connection is ended.',
  params: {
    after: { kind: 'duration', label: 'Idle limit', help: '0 is no limit.', default: 60_000, min: 0, max: 864_000_000 },
    end: {
      kind: 'choice',
      label: 'How it ends',
      default: 'fin',
      options: {
        fin: 'FIN, as most proxies do',
        rst: 'RST',
        silence: 'Silence, then RST to whoever sends next',
        'black-hole': 'Silence for good, as a NAT that forgot',
      },
    },
  },
  off: { after: 0 },
  short: (params) => `idle limit ${spanText(Number(params['after']))}`,
  idleLimitMs: (params) => Number(params['after']) || null,
  watch(params, conn) {
    const after = Number(params['after']);
    if (after <= 0) return;
    const end = params['end'] as SideEnd;
    const order: EndOrder = {
      client: end,
      server: end,
      cause: 'idle-limit',
      detail: `${spanText(after)} without a byte`,
    };
    let cancel: () => void;
    const look = (): void => {
      const left = Math.max(conn.lastByteAt.up, conn.lastByteAt.down) + after - conn.clock.now();
      if (left <= 0) conn.end(order);
      else cancel = conn.clock.after(left, look);
    };
    // Even when it is overdue at once, the end must not come before the caller has finished taking hold.
    cancel = conn.clock.after(
      Math.max(0, Math.max(conn.lastByteAt.up, conn.lastByteAt.down) + after - conn.clock.now()),
      look,
    );
    return () => cancel();
  },
};
