/** What a close code (RFC 6455, 7.4, and ours above 4400) means for a client. */
import { DEFAULTS } from '../../../shared/defaults.ts';
import { endedSignal } from '../../client/connection/ended.ts';
import { parseJsonObject } from '../../wire/json.ts';
import { adviceOf } from '../../wire/numbers.ts';
import type { EndedSignal } from '../../client/connection/signal.ts';

interface CloseCode {
  label: string;
  /** `again`: announced, reconnect; `ended`: final; `drop`: back off; `bug`, `policy`: final, reconnecting changes nothing. */
  outcome: 'again' | 'ended' | 'drop' | 'bug' | 'policy';
  /** Not before so many ms, whatever the reason says. */
  floorMs?: number;
}

const CLOSE_CODES: Record<number, CloseCode> = {
  1000: { label: 'closed normally', outcome: 'ended' },
  1001: { label: 'going away', outcome: 'again' },
  1002: { label: 'protocol error', outcome: 'bug' },
  1003: { label: 'unsupported data', outcome: 'bug' },
  1007: { label: 'invalid text', outcome: 'bug' },
  1008: { label: 'policy violation', outcome: 'policy' },
  1009: { label: 'message too big', outcome: 'bug' },
  1010: { label: 'extension missing', outcome: 'bug' },
  1011: { label: 'server error', outcome: 'drop' },
  1012: { label: 'service restart', outcome: 'again' },
  1013: { label: 'try again later', outcome: 'drop', floorMs: DEFAULTS.tryLaterFloorMs },
  4400: { label: 'bad message', outcome: 'bug' },
  4401: { label: 'not signed in', outcome: 'policy' },
  4403: { label: 'not allowed', outcome: 'policy' },
  4408: { label: 'no subscription in time', outcome: 'bug' },
  4410: { label: 'cursor gone', outcome: 'drop' },
  4429: { label: 'slow or over the limit', outcome: 'drop', floorMs: DEFAULTS.tryLaterFloorMs },
};

/** @param isHeartline codes above 4000 are a server's own, and 1000 ends a channel only where we know it does */
export function endOfClose(code: number, reason: string, isHeartline: boolean): EndedSignal {
  const retryMs = retryMsOf(reason);
  const known = code >= 4000 && !isHeartline ? undefined : CLOSE_CODES[code];
  const detail = `closed with ${code}${known ? `, ${known.label}` : ''}${reason === '' || retryMs !== null ? '' : `: ${reason}`}`;
  const advice = known?.floorMs === undefined ? retryMs : Math.max(known.floorMs, retryMs ?? 0);
  const base = { by: 'server', detail, retryMs: advice } as const;
  const evidence = `close:${code}` as const;
  switch (known?.outcome) {
    case 'again':
      return endedSignal(evidence, { ...base, announced: true });
    case 'ended':
      return isHeartline
        ? endedSignal(evidence, { ...base, announced: true, final: true, why: 'ended' })
        : endedSignal(evidence, { ...base, announced: true });
    case 'bug':
      return endedSignal(evidence, { ...base, final: true, why: 'bad-input' });
    case 'policy':
      return endedSignal(evidence, { ...base, final: true, why: 'refused-by-server' });
    default:
      return endedSignal(evidence, base);
  }
}

/** Our server puts `{"retryMs":n}` into the reason. */
function retryMsOf(reason: string): number | null {
  return adviceOf(parseJsonObject(reason)?.['retryMs']);
}
