import type { idleTimeout as definition } from '../../../../shared/path/faults/idle-timeout.ts';
import type { Values } from '../../../../shared/path/definition.ts';
import type { ConnectionContext, CloseCommand, FaultImpl } from './fault.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';

type Params = Values<typeof definition>;

/**
 * Ends a connection that carried nothing for a while. Any byte in either direction starts the wait anew, unless one
 * direction alone counts: then bytes of the other do not. One timer a connection, set again only
 * when it fires, so that bytes cost nothing.
 */
export const idleTimeout: FaultImpl<typeof definition> = {
  watch(params, conn) {
    const { after } = params;
    if (after <= 0) return;
    const { end } = params;
    const command: CloseCommand = {
      client: end,
      server: end,
      cause: 'idle-limit',
      detail: `${durationText(after)} without a byte${directionText(params)}`,
    };
    let cancel: () => void;
    const check = (): void => {
      const left = lastByte(conn, params) + after - conn.clock.now();
      if (left <= 0) conn.end(command);
      else cancel = conn.clock.after(left, check);
    };
    // Even when it is overdue at once, the close must not come before the caller has finished applying the fault.
    cancel = conn.clock.after(Math.max(0, lastByte(conn, params) + after - conn.clock.now()), check);
    return () => cancel();
  },
};

/** Engine time of the last byte that counts. */
function lastByte({ lastByteAt }: ConnectionContext, { dir }: Params): number {
  return dir === 'up' || dir === 'down' ? lastByteAt[dir] : Math.max(lastByteAt.up, lastByteAt.down);
}

function directionText({ dir }: Params): string {
  if (dir === 'up') return ' from the client';
  return dir === 'down' ? ' from the server' : '';
}
