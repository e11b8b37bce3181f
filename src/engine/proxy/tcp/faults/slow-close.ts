import type { slowClose as definition } from '../../../../shared/path/faults/slow-close.ts';
import { affectsDirection } from './direction.ts';
import type { FaultImpl } from './fault.ts';
import { sleepUntil } from './sleep-until.ts';

/** Bytes pass at full speed; the end that follows them, FIN or RST, is held back. */
export const slowClose: FaultImpl<typeof definition> = {
  affects: (dir, params) => affectsDirection(dir, params) && params.delay > 0,
  async *pipe(_dir, chunks, params, conn) {
    const { delay } = params;
    for await (const chunk of chunks) {
      if (chunk.bytes.length === 0) await sleepUntil(conn, chunk.at + delay); // the end on its way
      yield chunk;
    }
  },
};
