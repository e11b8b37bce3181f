import { describe, expect, it } from 'vitest';
import { quitBy, WAYS } from '../helpers/quits.ts';

/** Of each way. */
const ROUNDS = 4;

describe.each(WAYS)('quitting by %s, on a real Electron', (way) => {
  it.each(Array.from({ length: ROUNDS }, (_, n) => n + 1))(
    'ends with 0, in silence, and leaves nothing behind (%i)',
    async () => {
      expect(await quitBy(way)).toMatchObject({ code: 0, signal: null, left: 0, said: '' });
    },
  );
});
