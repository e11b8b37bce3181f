/** What a close code (RFC 6455, 7.4, and ours above 4400) means for a client. */
import { DEFAULTS } from '../../../shared/defaults.ts';
import { endedSignal } from '../../client/connection/ended.ts';
import { parseJsonObject } from '../../wire/json.ts';
import { adviceOf } from '../../wire/numbers.ts';
import type { EndedSignal } from '../../client/connection/signal.ts';

interface CloseCode {
  label: string;
  /** From our server: `again`: announced, reconnect; `ended`: final; `drop`: back off; `bug`, `policy`: final. */
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

/** After these a client of any server stays away: asking again would be refused in the same way. */
const STOPS_ANYWHERE = [1003, 1007, 1008, 1010];

/**
 * What an end by close frame comes to. Only our own protocol announces its ends by code: anybody else's 1000 or 1001 ends the
 * connection against the client's will, and codes above 4000 are that server's own.
 */
export function endOfClose(code: number, reason: string, isHeartline: boolean): EndedSignal {
  const retryMs = retryMsOf(reason);
  const known = code >= 4000 && !isHeartline ? undefined : CLOSE_CODES[code];
  const said = reason === '' || retryMs !== null ? {} : { reason };
  const told = said.reason === undefined ? '' : `: ${said.reason}`;
  const detail = `closed with ${code}${known ? `, ${known.label}` : ''}${told}`;
  const advice = known?.floorMs === undefined ? retryMs : Math.max(known.floorMs, retryMs ?? 0);
  const base = { by: 'server', detail, retryMs: advice, ...said } as const;
  const evidence = `close:${code}` as const;
  const final = isHeartline || STOPS_ANYWHERE.includes(code);
  switch (known?.outcome) {
    case 'again':
      return endedSignal(evidence, { ...base, announced: isHeartline });
    case 'ended':
      return endedSignal(evidence, isHeartline ? { ...base, announced: true, final: true, why: 'ended' } : base);
    case 'bug':
      return endedSignal(evidence, final ? { ...base, final, why: 'bad-input' } : base);
    case 'policy':
      return endedSignal(evidence, final ? { ...base, final, why: 'refused-by-server' } : base);
    default:
      return endedSignal(evidence, base);
  }
}

/** Our server puts `{"retryMs":n}` into the reason. */
function retryMsOf(reason: string): number | null {
  return adviceOf(parseJsonObject(reason)?.['retryMs']);
}
