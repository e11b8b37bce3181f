import type { blackHole as definition } from '../../../../shared/path/faults/black-hole.ts';
import { affectsDirection } from './direction.ts';
import type { FaultImpl } from './fault.ts';

/**
 * Nothing comes through, not even an end. As with a real outage under TCP, the bytes are not gone: whoever is still
 * there when the hole is lifted gets them, in order.
 */
export const blackHole: FaultImpl<typeof definition> = {
  affects: affectsDirection,
  watch: (_params, conn) => conn.blackhole('black-hole'),
  async *pipe(_dir, chunks, _params, conn) {
    if (!conn.signal.aborted) {
      await new Promise<void>((lifted) => conn.signal.addEventListener('abort', () => lifted(), { once: true }));
    }
    if (conn.over) return;
    yield* chunks;
  },
};
