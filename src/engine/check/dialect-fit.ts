/** How well what an endpoint sent fits a dialect. */
import type { IncomingHttpHeaders } from 'node:http';
import { methodOf, type Dialect } from '../../shared/dialect/model.ts';
import { asksForCursor } from '../../shared/dialect/plan.ts';
import { judgeOf } from '../client/dialect/judge.ts';
import { Subject } from '../client/dialect/subject.ts';
import { parseCursor } from '../../shared/protocol/cursor.ts';
import { readPollAnswer } from '../transports/polling/answer.ts';
import { frameReader } from '../transports/websocket/frames.ts';
import { parseEventsV1 } from '../transports/websocket/message.ts';
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
  const method = methodOf(dialect, 'short-polling');
  if (method.nothingNew.includes(status)) return unclear('Nothing new has been answered, which fits many dialects.');
  const asks = asksForCursor(dialect, 'short-polling');
  const read = readPollAnswer({ dialect, method, judge: judgeOf(dialect, method), asks }, { status, headers, body });
  if (read.kind === 'malformed') return unfit(`What it answers does not fit: it ${withoutSubject(read.detail)}.`);
  if (read.kind !== 'messages') return unclear('The answer carries no events.');
  const events = read.items.flatMap(({ judged }) => (judged?.is === 'event' ? [judged] : []));
  const [first] = events;
  const idPlace = method.messages.find((rule) => rule.is === 'event')?.id ?? null;
  if (method.framing === 'list') {
    const at = method.each === null || method.each === '' ? 'its root' : method.each;
    const { cursor } = method;
    if (cursor && cursor !== 'validators' && 'header' in cursor && headers[cursor.header] === undefined) {
      return unfit(`The answer has no ${cursor.header}, which names where to go on.`);
    }
    if (idPlace === null && cursor === null) return loose(`A list at ${at}, without ids.`);
    if (!first)
      return read.items.length > 0
        ? unfit('No rule takes its messages as events.')
        : fits(`A list of events at ${at}, empty for now.`);
    if (idPlace !== null && first.id === null) return unfit(`The events at ${at} have no id where it stands.`);
    return fits(`${events.length} events at ${at}, each with its id.`.replace(/^1 events/, '1 event'));
  }
  if (method.cursor === 'validators') {
    // nchan's tag is a number, where a file server's ETag is text
    const tag = headers.etag?.replaceAll(/^(W\/)?"|"$/g, '') ?? '';
    if (headers['last-modified'] !== undefined && /^[\d,[\]-]+$/.test(tag))
      return fits('One message, its id in Last-Modified and ETag.');
    return unfit('The answer has no message id in Last-Modified and ETag.');
  }
  if (!first) return unfit('No rule takes what it answers as an event.');
  if (idPlace !== null) {
    return first.id !== null
      ? fits('One message, with its id.')
      : unfit('The answer has no id where this dialect has it.');
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
  const method = methodOf(dialect, 'sse');
  if (method.framing === 'events.v1') {
    if (event.type === 'hello' && parseJsonObject(event.data))
      return fits('The first event is the hello of this dialect.');
    if (event.ownId && parseCursor(event.lastEventId)) return fits('An event whose id is a cursor of this dialect.');
    return unfit(`The first event (${event.type}) has no cursor of this dialect as its id.`);
  }
  if (methodOf(dialect, 'short-polling').cursor === 'validators') {
    if (/^\d{9,}:[\d,[\]-]+$/.test(event.lastEventId)) return fits('An event whose id is a time and a tag.');
    return unfit('The first event has no id made of a time and a tag.');
  }
  if (method.framing !== 'sse') return unfit(`This dialect reads ${method.framing}, and an event stream came.`);
  if (method.messages.length > 1 || method.messages[0]?.id != null) {
    const judge = judgeOf(dialect, method);
    const subject = new Subject().ofText(event.data, event.bytes);
    subject.event = event.type;
    subject.id = event.ownId ? event.lastEventId : null;
    const judged = judge.judge(subject);
    if (judged === null) return unfit('No rule of this dialect takes the first message.');
    if (judge.idNotFound !== null) return unfit(`The first message has no id at ${judge.idNotFound}.`);
    return fits(`The first message is what this dialect calls ${judged.is}.`);
  }
  return loose(
    event.ownId ? 'An event with an id, which a reconnect can resume from.' : 'An event; it has no id to resume from.',
  );
}

function fitOfWebSocket(dialect: Dialect, { subprotocol, messages }: Extract<Sample, { kind: 'websocket' }>): Fit {
  const method = methodOf(dialect, 'websocket');
  const { framing, subprotocols } = method;
  const agreed = subprotocol !== '' && subprotocols.includes(subprotocol);
  const [first] = messages;
  if (first === undefined) {
    if (agreed) return fits(`The server takes its subprotocol, ${subprotocol}.`);
    return unclear('No message has come that it could be judged by.');
  }
  if (framing === 'text') return loose('Messages as text, without an id.');
  if (framing === 'events.v1') return fitOfOwn(first);
  if (framing === 'socket.io') {
    return /^0\{"sid"/.test(first)
      ? fits('The first message is the handshake of Engine.IO.')
      : unfit('The first message is no handshake of Engine.IO.');
  }
  const judge = judgeOf(dialect, method);
  const kinds: string[] = [];
  const withoutId: boolean[] = [];
  const bad = frameReader(framing)(first, Buffer.byteLength(first), (subject) => {
    for (const member of judge.membersOf(subject) ?? [null]) {
      if (member !== null) subject.ofJson(member, 0);
      kinds.push(judge.judge(subject)?.is ?? '');
      withoutId.push(judge.idNotFound !== null);
    }
  });
  if (bad) return unfit(`The first message does not fit: ${bad.malformed}.`);
  if (withoutId.includes(true) || kinds.every((kind) => kind === ''))
    return unfit('The first message has no id where this dialect has it.');
  if (kinds.every((kind) => kind === 'ignore')) return unclear('The first message carries no event.');
  return kinds.includes('event')
    ? fits('The first message has its id where this dialect has it.')
    : fits('The first message is a control message of this dialect.');
}

function fitOfOwn(first: string): Fit {
  const parsed = parseEventsV1(first);
  if (parsed.what === 'malformed') return unfit(`The first message does not fit: ${parsed.detail}.`);
  if (parsed.what === 'control') return fits('The first message is a control message of this dialect.');
  return parsed.event.id === null
    ? unfit('The first message has no id where this dialect has it.')
    : fits('The first message has its id where this dialect has it.');
}

const withoutSubject = (detail: string): string => detail.replace(/^the answer /, '');
