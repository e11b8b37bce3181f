/** How well what an endpoint sent fits a dialect. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from '../../shared/protocol/dialect.ts';
import { parseCursor } from '../../shared/protocol/cursor.ts';
import { parsePollResponse } from '../transports/polling/response.ts';
import { parseTextMessage } from '../transports/websocket/message.ts';
import { parseJsonObject } from '../wire/json.ts';
import type { SsePart } from '../wire/sse-parse.ts';

export type Sample =
  | { kind: 'poll'; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { kind: 'sse'; parts: SsePart[] }
  | { kind: 'websocket'; subprotocol: string; messages: string[] };

export interface Fit {
  /** `loose`: readable so, but nothing in it is this dialect's own. `unclear`: too little has come. */
  fit: 'fits' | 'loose' | 'unfit' | 'unclear';
  why: string;
}

const fits = (why: string): Fit => ({ fit: 'fits', why });
const loose = (why: string): Fit => ({ fit: 'loose', why });
const unfit = (why: string): Fit => ({ fit: 'unfit', why });
const unclear = (why: string): Fit => ({ fit: 'unclear', why });

export function fitOf(dialect: Dialect, sample: Sample): Fit {
  if (sample.kind === 'poll') return fitOfPoll(dialect, sample);
  if (sample.kind === 'sse') return fitOfSse(dialect, sample.parts);
  return fitOfWebSocket(dialect, sample);
}

function fitOfPoll(dialect: Dialect, { status, headers, body }: Extract<Sample, { kind: 'poll' }>): Fit {
  const { poll } = dialect;
  if (poll.nothingNew.includes(status)) return unclear('Nothing new has been answered, which fits many dialects.');
  const parsed = parsePollResponse(dialect, status, headers, body);
  if (parsed.kind === 'malformed') return unfit(`What it answers does not fit: it ${withoutSubject(parsed.detail)}.`);
  if (parsed.kind !== 'events') return unclear('The answer carries no events.');
  const [first] = parsed.events;
  if (poll.body.kind === 'list') {
    if (!first) return fits(`A list of events at ${poll.body.events}, empty for now.`);
    if (poll.id !== null && first.id === null)
      return unfit(`The events at ${poll.body.events} have no id where it stands.`);
    return fits(
      `${parsed.events.length} events at ${poll.body.events}, each with its id.`.replace(/^1 events/, '1 event'),
    );
  }
  if (poll.ask.in === 'validators') {
    // nchan's tag is a number, where a file server's ETag is text
    const tag = headers.etag?.replaceAll(/^(W\/)?"|"$/g, '') ?? '';
    if (headers['last-modified'] !== undefined && /^[\d,[\]-]+$/.test(tag))
      return fits('One message, its id in Last-Modified and ETag.');
    return unfit('The answer has no message id in Last-Modified and ETag.');
  }
  if (poll.id !== null) {
    return first?.id ? fits('One message, with its id.') : unfit('The answer has no id where this dialect has it.');
  }
  return loose('One message an answer, new when it differs from the last.');
}

function fitOfSse(dialect: Dialect, parts: readonly SsePart[]): Fit {
  const events = parts.filter((one) => one.part === 'event');
  const event = events.find((one) => one.ownId) ?? events[0];
  if (!event) {
    return unclear(
      parts.length > 0 ? 'An event stream, with no event in it yet.' : 'No event has come that it could be judged by.',
    );
  }
  if (dialect.sse.control) {
    if (event.type === 'hello' && parseJsonObject(event.data))
      return fits('The first event is the hello of this dialect.');
    if (event.ownId && parseCursor(event.lastEventId)) return fits('An event whose id is a cursor of this dialect.');
    return unfit(`The first event (${event.type}) has no cursor of this dialect as its id.`);
  }
  if (dialect.poll.ask.in === 'validators') {
    if (/^\d{9,}:[\d,[\]-]+$/.test(event.lastEventId)) return fits('An event whose id is a time and a tag.');
    return unfit('The first event has no id made of a time and a tag.');
  }
  return loose(
    event.ownId ? 'An event with an id, which a reconnect can resume from.' : 'An event; it has no id to resume from.',
  );
}

function fitOfWebSocket(dialect: Dialect, { subprotocol, messages }: Extract<Sample, { kind: 'websocket' }>): Fit {
  const { framing, subprotocols } = dialect.websocket;
  const agreed = subprotocol !== '' && subprotocols.includes(subprotocol);
  const [first] = messages;
  if (first === undefined) {
    if (agreed) return fits(`The server takes its subprotocol, ${subprotocol}.`);
    return unclear('No message has come that it could be judged by.');
  }
  const parsed = parseTextMessage(dialect.websocket, first);
  if (parsed.what === 'malformed') return unfit(`The first message does not fit: ${parsed.detail}.`);
  if (parsed.what === 'ignored') return unclear('The first message carries no event.');
  if (framing === 'text') return loose('Messages as text, without an id.');
  if (parsed.what === 'control') return fits('The first message is a control message of this dialect.');
  if (parsed.messages.some((one) => one.id !== null))
    return fits('The first message has its id where this dialect has it.');
  return unfit('The first message has no id where this dialect has it.');
}

const withoutSubject = (detail: string): string => detail.replace(/^the answer /, '');
