/** What a poll's answer says, by the endpoint's dialect. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect, MethodDialect } from '../../../shared/dialect/model.ts';
import type { Judge, Judged } from '../../client/dialect/judge.ts';
import { finder, pointerFinder, Subject, textOf } from '../../client/dialect/subject.ts';
import { mediaType } from '../../client/connection/refusal-words.ts';
import { unknownCoding, type BodyCoding } from '../../client/net/content-decoder.ts';
import { isTooDeep, MAX_DEPTH, parseJson } from '../../wire/json.ts';
import { resolvePointer } from '../../wire/json-pointer.ts';
import { adviceOf, adviceOfDigits, countOf } from '../../wire/numbers.ts';

/** A message of an answer, and what it is. */
export interface PollItem {
  judged: Judged | null;
  text: () => string;
  /** Its id was looked for, and was not there: where. */
  idNotFound: string | null;
}

export type PollAnswer =
  | {
      kind: 'messages';
      /** Oldest first, as the server orders them. */
      items: PollItem[];
      /** It is a list, and not the one message there is. */
      isList: boolean;
      /** The cursor to go on from; null: unchanged. */
      cursor: string | null;
      /** Poll again at once: there is more, or this endpoint gives one message a response. */
      more: boolean;
      ended: boolean;
      /** What the server says of the next request, ms. */
      paceMs: number | null;
      /** Where the next page is. */
      next: string | null;
    }
  | { kind: 'gap'; requested: string | null; resume: string | null; missed: number | null; reason: string }
  | { kind: 'ended' }
  /** An error status. */
  | { kind: 'status' }
  | { kind: 'malformed'; code: string; detail: string };

export type PollMessages = Extract<PollAnswer, { kind: 'messages' }>;

const NOTHING: PollMessages = {
  kind: 'messages',
  items: [],
  isList: false,
  cursor: null,
  more: false,
  ended: false,
  paceMs: null,
  next: null,
};

/** More in one answer than any server here keeps, and all a lane can take in without keeping the others waiting. */
const MAX_EVENTS = 10_000;

interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  coding?: BodyCoding | null | undefined;
}

/** @param asks whether a cursor can be asked for at all */
export function readPollAnswer(
  { dialect, method, judge, asks }: { dialect: Dialect; method: MethodDialect; judge: Judge; asks: boolean },
  { status, headers, body, coding = null }: Received,
): PollAnswer {
  const paceMs = paceOf(method, headers, undefined);
  if (method.nothingNew.includes(status)) {
    const cursor = cursorOf(method, headers, undefined);
    return { ...NOTHING, isList: method.framing === 'list', cursor, paceMs };
  }
  if (status === 410) return readGone(body);
  if (status < 200 || status > 299) return { kind: 'status' };
  if (coding?.undo === null) return { kind: 'malformed', code: 'unknown-coding', detail: unknownCoding(coding) };
  const text = body.toString('utf8');
  if (method.framing === 'ndjson') return readLines(method, judge, headers, text);
  const whole = new Subject().ofText(text, body.length);
  whole.headers = headers;
  return method.framing === 'list'
    ? readList(method, judge, headers, whole)
    : readOne(dialect, method, judge, asks, headers, whole);
}

function readList(method: MethodDialect, judge: Judge, headers: IncomingHttpHeaders, whole: Subject): PollAnswer {
  const { json } = whole;
  if (json === undefined) return notJson(headers, whole.text);
  const each = method.each ?? '';
  const list = pointerFinder(each)(json);
  const items = Array.isArray(list) ? list.map((member: unknown) => itemOf(judge, member, headers)) : [];
  if (items.length > MAX_EVENTS) {
    return { kind: 'malformed', code: 'too-many-events', detail: `the answer has more than ${MAX_EVENTS} events` };
  }
  if (!Array.isArray(list)) {
    // the message itself is judged
    const one = itemOf(judge, json, headers);
    if (one.judged === null || one.idNotFound !== null) {
      return {
        kind: 'malformed',
        code: 'no-events',
        detail: `the answer has no list of events at ${each === '' ? 'its root' : each}`,
      };
    }
    items.push(one);
  }
  if (method.pages?.order === 'newest-first') items.reverse();
  return {
    ...NOTHING,
    items,
    isList: true,
    cursor: cursorOf(method, headers, json) ?? lastId(items),
    more: isTrue(method.more, json),
    ended: isTrue(method.ended, json),
    paceMs: paceOf(method, headers, json),
    next: method.pages?.link == null ? null : linkTo(headers.link, method.pages.link),
  };
}

function readOne(
  dialect: Dialect,
  method: MethodDialect,
  judge: Judge,
  asks: boolean,
  headers: IncomingHttpHeaders,
  whole: Subject,
): PollAnswer {
  const given = method.cursor === 'validators' ? validatorsId(headers['last-modified'], headers.etag) : null;
  const members = judge.membersOf(whole);
  const items = members
    ? members.map((member) => itemOf(judge, member, headers, given))
    : [judgedItem(judge, withId(whole, given))];
  const byAnswer =
    method.cursor === 'validators' ? null : cursorOf(method, headers, method.cursor ? whole.json : undefined);
  const cursor = dialect.ids.next === 'answer' ? (byAnswer ?? lastId(items)) : (lastId(items) ?? byAnswer);
  return { ...NOTHING, items, cursor, more: asks && cursor !== null, paceMs: paceOf(method, headers, whole.json) };
}

function readLines(method: MethodDialect, judge: Judge, headers: IncomingHttpHeaders, text: string): PollAnswer {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > MAX_EVENTS) {
    return { kind: 'malformed', code: 'too-many-events', detail: `the answer has more than ${MAX_EVENTS} events` };
  }
  const items: PollItem[] = [];
  for (const line of lines) {
    const json = parseJson(line);
    if (json === undefined) return notJson(headers, line);
    items.push(itemOf(judge, json, headers));
  }
  if (method.pages?.order === 'newest-first') items.reverse();
  const next = method.pages?.link == null ? null : linkTo(headers.link, method.pages.link);
  const cursor = cursorOf(method, headers, undefined) ?? lastId(items);
  return { ...NOTHING, items, isList: true, cursor, paceMs: paceOf(method, headers, undefined), next };
}

function itemOf(judge: Judge, member: unknown, headers: IncomingHttpHeaders, id: string | null = null): PollItem {
  const subject = new Subject().ofJson(member, NaN);
  subject.headers = headers;
  return judgedItem(judge, withId(subject, id));
}

function withId(subject: Subject, id: string | null): Subject {
  subject.id = id;
  return subject;
}

function judgedItem(judge: Judge, subject: Subject): PollItem {
  if (Number.isNaN(subject.bytes)) subject.bytes = Buffer.byteLength(subject.text);
  const judged = judge.judge(subject);
  return { judged, text: () => subject.text, idNotFound: judge.idNotFound };
}

function lastId(items: readonly PollItem[]): string | null {
  for (let i = items.length - 1; i >= 0; i--) {
    const { judged } = items[i]!;
    if (judged?.is === 'event' && judged.id !== null) return judged.id;
  }
  return null;
}

function cursorOf({ cursor }: MethodDialect, headers: IncomingHttpHeaders, json: unknown): string | null {
  if (cursor === null || cursor === 'validators') return null;
  if ('header' in cursor) return textOf(headers[cursor.header]);
  return json === undefined ? null : textOf(pointerFinder(cursor.pointer)(json));
}

/** What the server says about the next request, in ms. */
function paceOf({ pace }: MethodDialect, headers: IncomingHttpHeaders, json: unknown): number | null {
  if (!pace?.place) return null;
  const subject = new Subject().ofJson(json, 0);
  subject.headers = headers;
  const value = finder(pace.place)(subject);
  const unit = pace.unit === 's' ? 1000 : 1;
  if (typeof value === 'number') return adviceOf(unit === 1 ? value : Math.round(value * unit));
  return typeof value === 'string' && 'header' in pace.place && /^\d+$/.test(value)
    ? adviceOfDigits(value, unit)
    : null;
}

const isTrue = (pointer: string | null, json: unknown): boolean =>
  pointer !== null && resolvePointer(json, pointer) === true;

/** `<https://h/x?page=2>; rel="next"` (RFC 8288) */
function linkTo(header: string | string[] | undefined, rel: string): string | null {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  for (const [, url = '', params = ''] of text.matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)/g)) {
    const rels = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i.exec(params);
    if ((rels?.[1] ?? rels?.[2] ?? '').split(/\s+/).includes(rel)) return url;
  }
  return null;
}

/** `Last-Modified` and `ETag` → the id that nchan calls them. */
function validatorsId(lastModified: string | undefined, etag: string | undefined): string | null {
  const ms = lastModified === undefined ? NaN : Date.parse(lastModified);
  if (Number.isNaN(ms)) return etag ?? null;
  return `${ms / 1000}:${etag ?? '0'}`;
}

function notJson(headers: IncomingHttpHeaders, text: string): PollAnswer {
  if (isTooDeep(text)) {
    return { kind: 'malformed', code: 'not-json', detail: `answers what is nested deeper than ${MAX_DEPTH}` };
  }
  const type = mediaType(headers);
  const what = type === 'application/json' || type === '' ? 'what is not JSON' : `${type}, not JSON`;
  return { kind: 'malformed', code: 'not-json', detail: `answers ${what}` };
}

/** RFC 9457: `type` tells a gap one can go on from, and an end. Any other 410 is just a status. */
function readGone(body: Buffer): PollAnswer {
  const json = parseJson(body.toString('utf8'));
  const type = json === undefined ? null : textOf(resolvePointer(json, '/type'));
  if (type?.endsWith('/ended')) return { kind: 'ended' };
  if (!type?.endsWith('/gap')) return { kind: 'status' };
  const missed = resolvePointer(json, '/missed') ?? resolvePointer(json, '/gap/missed');
  const field = (name: string): string | null =>
    textOf(resolvePointer(json, `/${name}`) ?? resolvePointer(json, `/gap/${name}`));
  return {
    kind: 'gap',
    requested: field('requested'),
    resume: field('resume'),
    missed: countOf(missed),
    reason: field('reason') ?? 'unknown',
  };
}
