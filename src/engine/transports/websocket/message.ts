/** What the subprotocol `events.v1` of our own server says. */
import { textOf } from '../../client/dialect/subject.ts';
import { parseJsonObject } from '../../wire/json.ts';
import { countOf, timestampOf } from '../../wire/numbers.ts';

/** What it says besides events. */
export interface Control {
  t: string;
  newest: string | null;
  requested: string | null;
  resume: string | null;
  missed: number | null;
  reason: string | null;
  /** What an `err` says to people, and the way out it names. */
  message: string | null;
  hint: string | null;
  status: number | null;
  /** The epoch the server's numbers belong to. */
  epoch: string | null;
  /** Present when the message announces a heartbeat period, or (null) that there is none. */
  heartbeatMs?: number | null;
}

interface OwnEvent {
  id: string | null;
  type: string;
  time: number | null;
  data: string;
}

type OwnMessage =
  { what: 'event'; event: OwnEvent } | { what: 'control'; control: Control } | { what: 'malformed'; detail: string };

export function parseEventsV1(text: string): OwnMessage {
  const m = parseJsonObject(text);
  const t = m?.['t'];
  if (!m || typeof t !== 'string')
    return { what: 'malformed', detail: `a message is not events.v1: ${text.slice(0, 60)}` };
  if (t === 'ev') {
    const data = typeof m['data'] === 'string' ? m['data'] : JSON.stringify(m['data'] ?? null);
    const time = timestampOf(m['time']);
    const type = textOf(m['type']) ?? 'message';
    return { what: 'event', event: { id: textOf(m['cursor']), type, time, data } };
  }
  const beat = m['heartbeatMs'];
  return {
    what: 'control',
    control: {
      t,
      epoch: textOf(m['epoch']),
      newest: newestOf(m['newest'], m['ch']),
      requested: textOf(m['requested']),
      resume: textOf(m['resume']) ?? textOf(m['cursor']),
      missed: countOf(m['missed']),
      reason: textOf(m['reason']) ?? textOf(m['detail']) ?? textOf(m['title']),
      message: textOf(m['message']),
      hint: textOf(m['hint']),
      status: countOf(m['status']),
      ...(beat === null || countOf(beat) !== null ? { heartbeatMs: countOf(beat) } : {}),
    },
  };
}

/** `"newest": C` or `"newest": {channel: C}`; a lane follows one channel. */
function newestOf(newest: unknown, channel: unknown): string | null {
  if (newest === null || typeof newest !== 'object') return textOf(newest);
  // cast: an object, as asked above
  const entries = newest as Record<string, unknown>;
  const own = typeof channel === 'string' && Object.hasOwn(entries, channel) ? entries[channel] : undefined;
  const all = Object.values(entries);
  return textOf(own ?? (all.length === 1 ? all[0] : undefined));
}
