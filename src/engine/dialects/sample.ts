/** What a dialect makes of real messages: which rule took which, and what stood at each pointer. */
import { METHODS, type Method } from '../../shared/catalog.ts';
import { methodOf, type Dialect, type MessageRule, type MethodDialect } from '../../shared/dialect/model.ts';
import { Judge } from '../client/dialect/judge.ts';
import { finder, Subject, textOf } from '../client/dialect/subject.ts';
import { streamReader } from '../transports/sse/stream-reader.ts';
import { frameReader } from '../transports/websocket/frames.ts';

/** What was found at one place of a rule. */
export interface FoundValue {
  key: string;
  /** `/seq`, or the name of a header or field. */
  at: string;
  /** Null: nothing stands there. */
  value: string | null;
}

/** One message, judged. */
export interface JudgedMessage {
  text: string;
  /** The rule that took it, from 1; null: none did. */
  rule: number | null;
  is: string | null;
  found: FoundValue[];
}

export interface SampleReading {
  method: Method;
  messages: JudgedMessage[];
  /** Rules, from 1, that took nothing. */
  unusedRules: number[];
  /** What could not be read at all. */
  malformed: string[];
}

/** The methods of a dialect, or those that were asked for. */
export const methodsOf = (dialect: Dialect): Method[] => METHODS.filter((method) => dialect.methods[method]);

/**
 * A text as it stood on the wire: an event stream, lines, a list, or one message a line for a WebSocket.
 * @param headers of the answer it came with, where there was one
 */
export function judgeSample(
  dialect: Dialect,
  method: Method,
  text: string,
  headers: Record<string, unknown> = {},
): SampleReading {
  const block = methodOf(dialect, method);
  const judge = new Judge(dialect, block);
  const out: SampleReading = { method, messages: [], unusedRules: [], malformed: [] };
  const used = new Set<number>();
  const take = (subject: Subject): void => {
    const members = subject.comment === null ? judge.membersOf(subject) : null;
    const { event } = subject;
    if (members === null) return one(subject);
    for (const member of members) {
      subject.ofJson(member, 0);
      subject.event = event;
      subject.headers = headers;
      one(subject);
    }
  };
  const one = (subject: Subject): void => {
    const judged = judge.judge(subject);
    const rule = judged === null ? null : judge.ruleTaken;
    if (rule !== null) used.add(rule);
    if (rule === null && subject.comment !== null) return;
    const found = rule === null ? [] : foundBy(block.messages[rule]!, subject);
    const shown = subject.comment === null ? subject.text : `: ${subject.comment}`;
    out.messages.push({ text: shown, rule: rule === null ? null : rule + 1, is: judged?.is ?? null, found });
    const list = judge.listTaken?.(subject.json);
    if (!Array.isArray(list)) return;
    for (const member of list) one(new Subject().ofJson(member, 0));
  };
  readMessages(method, block, text, headers, take, (bad) => out.malformed.push(bad));
  block.messages.forEach((_, i) => used.has(i) || out.unusedRules.push(i + 1));
  return out;
}

function readMessages(
  method: Method,
  block: MethodDialect,
  text: string,
  headers: Record<string, unknown>,
  take: (subject: Subject) => void,
  bad: (sentence: string) => void,
): void {
  if (method === 'sse') {
    const reader = streamReader(block.framing, false);
    const bytes = Buffer.from(text.endsWith('\n') ? `${text}\n` : `${text}\n\n`);
    for (const part of [...reader.feed(bytes), ...reader.end()]) {
      if (part.part === 'event') {
        const subject = new Subject().ofText(part.data, part.bytes);
        subject.event = part.type;
        subject.id = part.ownId && part.lastEventId !== '' ? part.lastEventId : null;
        subject.fields = part.extra;
        subject.headers = headers;
        take(subject);
      } else if (part.part === 'comment') {
        const subject = new Subject().ofText(part.text, part.bytes);
        subject.comment = part.text;
        take(subject);
      } else if (part.part === 'too-long') bad('A line of it is longer than 1 MiB.');
    }
    return;
  }
  if (method === 'websocket') {
    const read = frameReader(block.framing);
    const frames = block.framing === 'meta' ? [text] : text.split('\n').filter((line) => line.trim() !== '');
    for (const frame of frames) {
      const wrong = read(frame, Buffer.byteLength(frame), take);
      if (wrong) bad(`${wrong.malformed.charAt(0).toUpperCase()}${wrong.malformed.slice(1)}`);
    }
    return;
  }
  if (block.framing === 'ndjson') {
    for (const line of text.split('\n')) if (line.trim() !== '') take(withHeaders(line, headers));
    return;
  }
  const whole = withHeaders(text.trim(), headers);
  if (block.framing === 'list' && whole.json === undefined) return bad('It is not JSON.');
  const judge = block.each === null && block.framing === 'list' && Array.isArray(whole.json) ? whole.json : null;
  if (judge === null) return take(whole);
  for (const member of judge) take(new Subject().ofJson(member, 0));
}

function withHeaders(text: string, headers: Record<string, unknown>): Subject {
  const subject = new Subject().ofText(text, Buffer.byteLength(text));
  subject.headers = headers;
  return subject;
}

const PLACES = ['id', 'previous', 'type', 'time', 'data', 'text', 'newest', 'oldest', 'missed', 'reason'] as const;

function foundBy(rule: MessageRule, subject: Subject): FoundValue[] {
  return PLACES.flatMap((key) => {
    const place = rule[key];
    if (place === null) return [];
    const value = finder(place)(subject);
    const at =
      'pointer' in place ? place.pointer : 'header' in place ? `header ${place.header}` : `field ${place.field}`;
    return [{ key, at, value: value === undefined ? null : (textOf(value) ?? JSON.stringify(value)) }];
  });
}
