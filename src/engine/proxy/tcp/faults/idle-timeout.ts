import type { ParamValues } from '../../../../shared/path/params.ts';
import { directionSuffix } from './direction.ts';
import type { ConnectionContext, CloseCommand, Fault, CloseMode } from './fault.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';

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
  disabledParams: { after: 0 },
  summary: (params) => `idle limit ${durationText(Number(params['after']))}${directionSuffix(params)}`,
  idleLimitMs: (params) => Number(params['after']) || null,
  watch(params, conn) {
    const after = Number(params['after']);
    if (after <= 0) return;
    const end = params['end'] as CloseMode;
    const order: CloseCommand = {
      client: end,
      server: end,
      cause: 'idle-limit',
      detail: `${durationText(after)} without a byte${directionText(params)}`,
    };
    let cancel: () => void;
    const check = (): void => {
      const left = lastByte(conn, params) + after - conn.clock.now();
      if (left <= 0) conn.end(order);
      else cancel = conn.clock.after(left, check);
    };
    // Even when it is overdue at once, the close must not come before the caller has finished applying the fault.
    cancel = conn.clock.after(Math.max(0, lastByte(conn, params) + after - conn.clock.now()), check);
    return () => cancel();
  },
};

/** Engine time of the last byte that counts. */
function lastByte({ lastByteAt }: ConnectionContext, { dir }: ParamValues): number {
  return dir === 'up' || dir === 'down' ? lastByteAt[dir] : Math.max(lastByteAt.up, lastByteAt.down);
}

function directionText({ dir }: ParamValues): string {
  if (dir === 'up') return ' from the client';
  return dir === 'down' ? ' from the server' : '';
}
