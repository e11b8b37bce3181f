import type { slice as definition } from '../../../../shared/path/faults/slice.ts';
import { affectsDirection } from './direction.ts';
import type { FaultImpl } from './fault.ts';
import { sleepUntil } from './sleep-until.ts';

/** Cuts what arrives into small pieces with a pause between them: finds readers that trust packet borders. */
export const slice: FaultImpl<typeof definition> = {
  affects: (dir, params) => affectsDirection(dir, params) && params.size > 0,
  async *pipe(dir, chunks, params, conn) {
    const { size } = params;
    if (size <= 0) return yield* chunks;
    const { variation } = params;
    const random = conn.random.fork(dir);
    const piece = (): number => (variation > 0 ? Math.max(1, size + random.int(-variation, variation)) : size);
    const pause = params.delay;
    for await (const chunk of chunks) {
      let from = 0;
      do {
        const to = conn.signal.aborted ? chunk.bytes.length : Math.min(chunk.bytes.length, from + piece());
        yield { bytes: chunk.bytes.subarray(from, to), at: chunk.at };
        from = to;
        if (from < chunk.bytes.length) await sleepUntil(conn, conn.clock.now() + pause);
      } while (from < chunk.bytes.length);
    }
  },
};
