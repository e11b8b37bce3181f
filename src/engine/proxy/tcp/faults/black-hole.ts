import { affectsDirection, DIRECTION_PARAM, directionSuffix } from './direction.ts';
import type { Fault } from './fault.ts';

/**
 * Nothing comes through, not even an end. As with a real outage under TCP, the bytes are not gone: whoever is still
 * there when the hole is lifted gets them, in order.
 */
export const blackHole: Fault = {
  id: 'black-hole',
  label: 'Black hole',
  what: 'Connections stay up but nothing comes through; what was sent arrives if the hole is lifted in time.',
  params: { dir: DIRECTION_PARAM },
  summary: (params) => `black hole${directionSuffix(params)}`,
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
