import type { bandwidth as definition } from '../../../../shared/path/faults/bandwidth.ts';
import { affectsDirection } from './direction.ts';
import type { FaultImpl } from './fault.ts';
import { sleepUntil } from './sleep-until.ts';

/** How often a slow line hands over what has come through, in engine milliseconds. */
const STEP_MS = 50;

/** A line that takes size ÷ rate for every chunk. It keeps its own timetable, so late timers do not slow it down. */
export const bandwidth: FaultImpl<typeof definition> = {
  affects: (dir, params) => affectsDirection(dir, params) && params.rate > 0,
  async *pipe(_dir, chunks, params, conn) {
    const perMs = params.rate / 1000;
    if (perMs <= 0) return yield* chunks;
    const piece = Math.max(1, Math.floor(perMs * STEP_MS));
    let free = 0;
    for await (const chunk of chunks) {
      free = Math.max(free, chunk.at);
      let from = 0;
      do {
        // once the settings are replaced, the rest goes on at once
        const to = conn.signal.aborted ? chunk.bytes.length : Math.min(chunk.bytes.length, from + piece);
        free += (to - from) / perMs;
        await sleepUntil(conn, free);
        yield { bytes: chunk.bytes.subarray(from, to), at: chunk.at };
        from = to;
      } while (from < chunk.bytes.length);
    }
  },
};
