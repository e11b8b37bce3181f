import { DEFAULTS } from '../../../shared/defaults.ts';
import type { PollStrategy } from '../polling/strategy.ts';

/** After so many responses without events the interval is stretched, to at most twice its length. */
const UNCHANGED_BEFORE_STRETCH = 3;
const STRETCH_STEP = 0.25;
const MAX_STRETCH = 2;

/** Polls every interval, with the last ETag; at once while there is more; later when the server advises it. */
export const shortPolling: PollStrategy = {
  requestFor: (url) => ({ url, headers: {} }),
  holdSettable: false,
  conditional: true,
  holdMs: () => 0,
  timeoutMs: ({ headMs }) => headMs ?? DEFAULTS.answerTimeoutMs,
  nextDelay: ({ more, unchanged, pollAfterMs }, { pollMs }) => {
    if (more) return 0;
    const factor = Math.min(MAX_STRETCH, 1 + Math.max(0, unchanged - UNCHANGED_BEFORE_STRETCH) * STRETCH_STEP);
    return Math.max(pollMs * factor, pollAfterMs ?? 0);
  },
};
