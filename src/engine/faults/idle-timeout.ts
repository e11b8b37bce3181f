import type { ParamValues } from '../../shared/params.ts';
import { oneWay } from './direction.ts';
import type { Conn, EndOrder, Fault, SideEnd } from './fault.ts';
import { spanText } from './words.ts';

/**
 * Ends a connection on which nothing was said for a while. Any byte in either direction starts the wait anew, unless one
 * direction alone is listened to: then what the other says is no sign of life. One timer a connection, set again only
 * when it fires, so that bytes cost nothing.
 */
export const idleTimeout: Fault = {
  id: 'idle-timeout',
  label: 'Idle timeout',
  what: 'After this long without a byte either way, or in one direction if so set, the connection is ended.',
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
    dir: {
      kind: 'choice',
      label: 'Silence of',
      default: 'both',
      options: {
        both: 'Both ways: any byte resets it',
        up: 'Client to server: only the client’s bytes do',
        down: 'Server to client: only the server’s bytes do',
      },
    },
  },
  off: { after: 0 },
  short: (params) => `idle limit ${spanText(Number(params['after']))}${oneWay(params)}`,
  idleLimitMs: (params) => Number(params['after']) || null,
  watch(params, conn) {
    const after = Number(params['after']);
    if (after <= 0) return;
    const end = params['end'] as SideEnd;
    const order: EndOrder = {
      client: end,
      server: end,
      cause: 'idle-limit',
      detail: `${spanText(after)} without a byte${from(params)}`,
    };
    let cancel: () => void;
    const look = (): void => {
      const left = lastByte(conn, params) + after - conn.clock.now();
      if (left <= 0) conn.end(order);
      else cancel = conn.clock.after(left, look);
    };
    // Even when it is overdue at once, the end must not come before the caller has finished taking hold.
    cancel = conn.clock.after(Math.max(0, lastByte(conn, params) + after - conn.clock.now()), look);
    return () => cancel();
  },
};

/** Engine time of the last byte that counts. */
function lastByte({ lastByteAt }: Conn, { dir }: ParamValues): number {
  return dir === 'up' || dir === 'down' ? lastByteAt[dir] : Math.max(lastByteAt.up, lastByteAt.down);
}

function from({ dir }: ParamValues): string {
  if (dir === 'up') return ' from the client';
  return dir === 'down' ? ' from the server' : '';
}
