import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Rhythm } from '../polling/core.ts';

/** After so many answers without news the interval stretches, and never beyond twice its length. */
const PATIENT = 3;
const STRETCH = 0.25;
const MOST = 2;

/** Asks every interval, with the last ETag; at once while there is more; later when the server says so. */
export const shortPolling: Rhythm = {
  shape: (url) => ({ url, headers: {} }),
  tellsHold: false,
  conditional: true,
  holdMs: () => 0,
  giveUpMs: () => DEFAULTS.answerTimeoutMs,
  rest: ({ more, unchanged, pollAfterMs }, { pollMs }) => {
    if (more) return 0;
    const stretch = Math.min(MOST, 1 + Math.max(0, unchanged - PATIENT) * STRETCH);
    return Math.max(pollMs * stretch, pollAfterMs ?? 0);
  },
};
