import type { ParamValues } from '../../../../shared/path/params.ts';
import type { CloseCommand, Fault, CloseMode } from './fault.ts';
import { affectsDirection, DIRECTION_PARAM, directionSuffix } from './direction.ts';
import { sizeText, durationText } from '../../../../shared/path/quantity-text.ts';

/** Ends every connection at an age, or once it has carried so many bytes. Those bytes still get through. */
export const closeAfter: Fault = {
  id: 'close-after',
  label: 'Close after',
  what: 'Every connection is ended at this age, or when this many bytes have come through.',
  params: {
    time: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 30_000, min: 0, max: 864_000_000 },
    bytes: {
      kind: 'size',
      label: 'Bytes',
      help: 'Counted in each direction from the moment this is set. 0 is no limit.',
      default: 0,
      min: 0,
      max: 1024 ** 4,
    },
    end: { kind: 'choice', label: 'How it ends', default: 'fin', options: { fin: 'FIN', rst: 'RST' } },
    dir: { ...DIRECTION_PARAM, label: 'Count bytes' },
  },
  disabledParams: { time: 0, bytes: 0 },
  impliedParams: (typed) => (typed.includes('bytes') && !typed.includes('time') ? { time: 0 } : {}),
  summary: (params) => {
    const time = Number(params['time']);
    const bytes = Number(params['bytes']);
    const limits = [time > 0 && durationText(time), bytes > 0 && `${sizeText(bytes)}${directionSuffix(params)}`].filter(
      Boolean,
    );
    return limits.length > 0 ? `closes after ${limits.join(' or ')}` : 'closes never';
  },
  affects: (dir, params) => Number(params['bytes']) > 0 && affectsDirection(dir, params),
  watch(params, conn) {
    const time = Number(params['time']);
    if (time <= 0) return;
    const left = Math.max(0, conn.openedAt + time - conn.clock.now());
    return conn.clock.after(left, () => conn.end(closeCommand(params, `${durationText(time)} old`)));
  },
  async *pipe(dir, chunks, params, conn) {
    let left = Number(params['bytes']);
    if (left <= 0) return yield* chunks;
    for await (const chunk of chunks) {
      // Settings that were replaced have no effect any more.
      if (conn.signal.aborted || chunk.bytes.length < left) {
        left -= chunk.bytes.length;
        yield chunk;
        continue;
      }
      yield { bytes: chunk.bytes.subarray(0, left), at: chunk.at };
      conn.end({ ...closeCommand(params, `${sizeText(Number(params['bytes']))} passed`), after: dir });
      return;
    }
  },
};

function closeCommand(params: ParamValues, detail: string): CloseCommand {
  const end = params['end'] as CloseMode;
  return { client: end, server: end, cause: 'close-after', detail };
}
