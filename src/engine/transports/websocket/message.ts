/** Parses a text message by its endpoint's framing. */
import type { WebSocketDialect } from '../../../shared/protocol/dialect.ts';
import { lookUp, membersOf, parseMessage, textOf, type Message } from '../../client/connection/message.ts';
import { parseJson, parseJsonObject } from '../../wire/json.ts';
import { countOf, timestampOf } from '../../wire/numbers.ts';

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
  /** The epoch the server's numbers belong to. */
  epoch: string | null;
  /** Present when the message announces a heartbeat period, or (null) that there is none. */
  heartbeatMs?: number | null;
}

export type ParsedTextMessage =
  | { what: 'messages'; messages: Message[] }
  | { what: 'control'; control: Control }
  /** A message without an event: a greeting, an acknowledgement. */
  | { what: 'ignored' }
  | { what: 'malformed'; detail: string };

export function parseTextMessage(dialect: WebSocketDialect, text: string): ParsedTextMessage {
  switch (dialect.framing) {
    case 'text':
      return one(parseMessage({ id: null, type: null, time: null, data: null }, undefined, {}, text));
    case 'meta':
      return one(parseMetaMessage(dialect, text));
    case 'json': {
      const json = parseJson(text);
      if (json === undefined) return { what: 'malformed', detail: `a message is not JSON: ${text.slice(0, 60)}` };
      const isEvent = (item: unknown): boolean => dialect.data === null || lookUp(dialect.data, item, {}) !== undefined;
      // a frame may be a list: every member counts
      const items = membersOf(dialect, json).filter(isEvent);
      if (items.length === 0) return { what: 'ignored' };
      const whole = (item: unknown): string => (item === json ? text : JSON.stringify(item));
      return { what: 'messages', messages: items.map((item) => parseMessage(dialect, item, {}, whole(item))) };
    }
    case 'events.v1':
      return parseEventsV1(text);
  }
}

const one = (message: Message): ParsedTextMessage => ({ what: 'messages', messages: [message] });

function parseEventsV1(text: string): ParsedTextMessage {
  const m = parseJsonObject(text);
  const t = m?.['t'];
  if (!m || typeof t !== 'string')
    return { what: 'malformed', detail: `a message is not events.v1: ${text.slice(0, 60)}` };
  if (t === 'ev') {
    const data = typeof m['data'] === 'string' ? m['data'] : JSON.stringify(m['data'] ?? null);
    const time = timestampOf(m['time']);
    const type = textOf(m['type']) ?? 'message';
    return one({ id: textOf(m['cursor']), type, time, data, bytes: text.length });
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

/** A header block, an empty line, then the data (`ws+meta.nchan`). */
function parseMetaMessage(dialect: WebSocketDialect, text: string): Message {
  const [, head = '', data = text] = /^((?:[^\n]*\n)*?)\n([^]*)$/.exec(text) ?? [];
  const headers: Record<string, string> = {};
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return parseMessage(dialect, undefined, headers, data);
}
