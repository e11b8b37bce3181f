/** A text message taken apart as its endpoint frames it. */
import type { WebSocketDialect } from '../../../shared/dialect.ts';
import { lookUp, messageOf, textOf, type Message } from '../../client/message.ts';
import { countOf, momentOf } from '../../client/numbers.ts';

/** What the `events.v1` subprotocol says besides events. */
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
  /** Present when the message promises a beat, or (null) takes the promise back. */
  heartbeatMs?: number | null;
}

export type Unframed =
  | { what: 'message'; message: Message }
  | { what: 'control'; control: Control }
  /** The endpoint's own small talk: a greeting, an acknowledgement. No event. */
  | { what: 'aside' }
  | { what: 'nonsense'; detail: string };

export function unframe(dialect: WebSocketDialect, text: string): Unframed {
  switch (dialect.framing) {
    case 'text':
      return {
        what: 'message',
        message: messageOf({ id: null, type: null, time: null, data: null }, undefined, {}, text),
      };
    case 'meta':
      return { what: 'message', message: metaMessage(dialect, text) };
    case 'json': {
      const json = parse(text);
      if (json === undefined) return { what: 'nonsense', detail: `a message is not JSON: ${text.slice(0, 60)}` };
      if (dialect.data !== null && lookUp(dialect.data, json, {}) === undefined) return { what: 'aside' };
      return { what: 'message', message: messageOf(dialect, json, {}, text) };
    }
    case 'events.v1':
      return eventsV1(text);
  }
}

function eventsV1(text: string): Unframed {
  const json = parse(text);
  const m = json !== null && typeof json === 'object' ? (json as Record<string, unknown>) : null;
  const t = m?.['t'];
  if (!m || typeof t !== 'string')
    return { what: 'nonsense', detail: `a message is not events.v1: ${text.slice(0, 60)}` };
  if (t === 'ev') {
    const data = typeof m['data'] === 'string' ? m['data'] : JSON.stringify(m['data'] ?? null);
    const time = momentOf(m['time']);
    const type = textOf(m['type']) ?? 'message';
    return { what: 'message', message: { id: textOf(m['cursor']), type, time, data, bytes: text.length } };
  }
  const beat = m['heartbeatMs'];
  return {
    what: 'control',
    control: {
      t,
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
  const entries = newest as Record<string, unknown>;
  const own = typeof channel === 'string' && Object.hasOwn(entries, channel) ? entries[channel] : undefined;
  const all = Object.values(entries);
  return textOf(own ?? (all.length === 1 ? all[0] : undefined));
}

/** A header block, an empty line, then the data (`ws+meta.nchan`). */
function metaMessage(dialect: WebSocketDialect, text: string): Message {
  const [, head = '', data = text] = /^((?:[^\n]*\n)*?)\n([^]*)$/.exec(text) ?? [];
  const headers: Record<string, string> = {};
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return messageOf(dialect, undefined, headers, data);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
