import type { closeAfter as definition } from '../../../../shared/path/faults/close-after.ts';
import type { Values } from '../../../../shared/path/definition.ts';
import type { CloseCommand, FaultImpl } from './fault.ts';
import { affectsDirection } from './direction.ts';
import { sizeText, durationText } from '../../../../shared/path/quantity-text.ts';

/** Ends every connection at an age, or once it has carried so many bytes. Those bytes still get through. */
export const closeAfter: FaultImpl<typeof definition> = {
  affects: (dir, params) => params.bytes > 0 && affectsDirection(dir, params),
  watch(params, conn) {
    const { time } = params;
    if (time <= 0) return;
    const left = Math.max(0, conn.openedAt + time - conn.clock.now());
    return conn.clock.after(left, () => conn.end(closeCommand(params, `${durationText(time)} old`)));
  },
  async *pipe(dir, chunks, params, conn) {
    let left = params.bytes;
    if (left <= 0) return yield* chunks;
    for await (const chunk of chunks) {
      // Settings that were replaced have no effect any more.
      if (conn.signal.aborted || chunk.bytes.length < left) {
        left -= chunk.bytes.length;
        yield chunk;
        continue;
      }
      yield { bytes: chunk.bytes.subarray(0, left), at: chunk.at };
      conn.end({ ...closeCommand(params, `${sizeText(params.bytes)} passed`), after: dir });
      return;
    }
  },
};

function closeCommand({ end }: Values<typeof definition>, detail: string): CloseCommand {
  return { client: end, server: end, cause: 'close-after', detail };
}
