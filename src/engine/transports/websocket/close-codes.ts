/** What a close code (RFC 6455, 7.4, and ours above 4400) means for a client. */
import { DEFAULTS } from '../../../shared/defaults.ts';
import { ended } from '../../client/ended.ts';
import { adviceOf } from '../../client/numbers.ts';
import type { Ended } from '../../client/signal.ts';

interface Meaning {
  words: string;
  /** `again`: announced, come back; `ended`: for good; `drop`: back off; `bug`, `policy`: coming back changes nothing. */
  then: 'again' | 'ended' | 'drop' | 'bug' | 'policy';
  /** Not before so many ms, whatever the reason says. */
  floorMs?: number;
}

const MEANINGS: Record<number, Meaning> = {
  1000: { words: 'closed normally', then: 'ended' },
  1001: { words: 'going away', then: 'again' },
  1002: { words: 'protocol error', then: 'bug' },
  1003: { words: 'unsupported data', then: 'bug' },
  1007: { words: 'invalid text', then: 'bug' },
  1008: { words: 'policy violation', then: 'policy' },
  1009: { words: 'message too big', then: 'bug' },
  1010: { words: 'extension missing', then: 'bug' },
  1011: { words: 'server error', then: 'drop' },
  1012: { words: 'service restart', then: 'again' },
  1013: { words: 'try again later', then: 'drop', floorMs: DEFAULTS.tryLaterFloorMs },
  4400: { words: 'bad message', then: 'bug' },
  4401: { words: 'not signed in', then: 'policy' },
  4403: { words: 'not allowed', then: 'policy' },
  4408: { words: 'no subscription in time', then: 'bug' },
  4410: { words: 'cursor gone', then: 'drop' },
  4429: { words: 'slow or over the limit', then: 'drop', floorMs: DEFAULTS.tryLaterFloorMs },
};

/** @param ours codes above 4000 are a server's own, and 1000 ends a channel only where we know it does */
export function endOfClose(code: number, reason: string, ours: boolean): Ended {
  const retryMs = retryIn(reason);
  const m = code >= 4000 && !ours ? undefined : MEANINGS[code];
  const detail = `closed with ${code}${m ? `, ${m.words}` : ''}${reason === '' || retryMs !== null ? '' : `: ${reason}`}`;
  const advice = m?.floorMs === undefined ? retryMs : Math.max(m.floorMs, retryMs ?? 0);
  const base = { by: 'server', detail, retryMs: advice } as const;
  const evidence = `close:${code}` as const;
  switch (m?.then) {
    case 'again':
      return ended(evidence, { ...base, announced: true });
    case 'ended':
      return ours
        ? ended(evidence, { ...base, announced: true, final: true, why: 'ended' })
        : ended(evidence, { ...base, announced: true });
    case 'bug':
      return ended(evidence, { ...base, final: true, why: 'bad-input' });
    case 'policy':
      return ended(evidence, { ...base, final: true, why: 'refused-by-server' });
    default:
      return ended(evidence, base);
  }
}

/** Our server puts `{"retryMs":n}` into the reason. */
function retryIn(reason: string): number | null {
  if (!reason.startsWith('{')) return null;
  try {
    return adviceOf((JSON.parse(reason) as { retryMs?: unknown }).retryMs);
  } catch {
    return null;
  }
}
