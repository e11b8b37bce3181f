import { affectsDirection, DIRECTION_PARAM, directionSuffix } from './direction.ts';
import type { Fault } from './fault.ts';
import { sleepUntil } from './sleep-until.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';

/** Bytes pass at full speed; the end that follows them, FIN or RST, is held back. */
export const slowClose: Fault = {
  id: 'slow-close',
  label: 'Slow close',
  what: 'What was said arrives at once, but the end of the connection arrives this much later.',
  params: {
    delay: { kind: 'duration', label: 'Delay of the end', default: 1000, min: 0, max: 600_000 },
    dir: DIRECTION_PARAM,
  },
  disabledParams: { delay: 0 },
  summary: (params) => `ends ${durationText(Number(params['delay']))} late${directionSuffix(params)}`,
  affects: (dir, params) => affectsDirection(dir, params) && Number(params['delay']) > 0,
  async *pipe(_dir, chunks, params, conn) {
    const delay = Number(params['delay']);
    for await (const chunk of chunks) {
      if (chunk.bytes.length === 0) await sleepUntil(conn, chunk.at + delay); // the end on its way
      yield chunk;
    }
  },
};
