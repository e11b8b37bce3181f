import { affectsDirection, DIRECTION_PARAM, directionSuffix } from './direction.ts';
import type { Fault } from './fault.ts';
import { sleepUntil } from './sleep-until.ts';
import { sizeText, durationText } from '../../../../shared/path/quantity-text.ts';

/** Cuts what arrives into small pieces with a pause between them: finds readers that trust packet borders. */
export const slice: Fault = {
  id: 'slice',
  label: 'Slice',
  what: 'Messages arrive in small pieces, with a pause between the pieces.',
  params: {
    size: { kind: 'size', label: 'Piece', help: '0 leaves chunks whole.', default: 64, min: 0, max: 1024 * 1024 },
    variation: {
      kind: 'size',
      label: 'Variation',
      help: 'How far a piece may differ in size.',
      default: 0,
      min: 0,
      max: 1024 * 1024,
    },
    delay: { kind: 'duration', label: 'Pause between pieces', default: 10, min: 0, max: 60_000 },
    dir: DIRECTION_PARAM,
  },
  disabledParams: { size: 0 },
  summary: (params) => {
    const pause = Number(params['delay']);
    const variation = Number(params['variation']);
    const size = sizeText(Number(params['size'])) + (variation > 0 ? ` ± ${sizeText(variation)}` : '');
    return `${size} slices${pause > 0 ? ` every ${durationText(pause)}` : ''}${directionSuffix(params)}`;
  },
  affects: (dir, params) => affectsDirection(dir, params) && Number(params['size']) > 0,
  async *pipe(dir, chunks, params, conn) {
    const size = Number(params['size']);
    if (size <= 0) return yield* chunks;
    const variation = Number(params['variation']);
    const random = conn.random.fork(dir);
    const piece = (): number => (variation > 0 ? Math.max(1, size + random.int(-variation, variation)) : size);
    const pause = Number(params['delay']);
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
