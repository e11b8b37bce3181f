/** Parses a poll response by the endpoint's dialect. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from '../../../shared/protocol/dialect.ts';
import {
  lookUp,
  membersOf,
  parseMessage,
  usesPointers,
  textOf,
  type Message,
} from '../../client/connection/message.ts';
import { adviceOf, countOf } from '../../wire/numbers.ts';
import { unknownCoding, type BodyCoding } from '../../client/net/content-decoder.ts';
import { validators } from '../../client/connection/request-headers.ts';
import { mediaType } from '../../client/connection/refusal-words.ts';
import { isTooDeep, MAX_DEPTH, parseJson } from '../../wire/json.ts';
import { resolvePointer } from '../../wire/json-pointer.ts';

export type PollResult =
  | {
      kind: 'events';
      events: Message[];
      /** The cursor to go on from; null: unchanged. */
      cursor: string | null;
      /** Poll again at once: there is more, or this endpoint gives one message a response. */
      more: boolean;
      ended: boolean;
      pollAfterMs: number | null;
    }
  | { kind: 'gap'; requested: string | null; resume: string | null; missed: number | null; reason: string }
  | { kind: 'ended' }
  /** An error status. */
  | { kind: 'status' }
  | { kind: 'malformed'; code: string; detail: string };

type EventsResult = Extract<PollResult, { kind: 'events' }>;

const NO_EVENTS: EventsResult = {
  kind: 'events',
  events: [],
  cursor: null,
  more: false,
  ended: false,
  pollAfterMs: null,
};

/** More in one answer than any server here keeps, and all a lane can take in without keeping the others waiting. */
const MAX_EVENTS = 10_000;

export function parsePollResponse(
  dialect: Dialect,
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
  coding: BodyCoding | null = null,
): PollResult {
  const { poll } = dialect;
  if (poll.nothingNew.includes(status)) return NO_EVENTS;
  if (status === 410) return parseGone(body);
  if (status < 200 || status > 299) return { kind: 'status' };
  if (coding?.undo === null) return { kind: 'malformed', code: 'unknown-coding', detail: unknownCoding(coding) };
  return poll.body.kind === 'list' ? parseListBody(dialect, headers, body) : parseSingleBody(dialect, headers, body);
}

function parseListBody(dialect: Dialect, headers: IncomingHttpHeaders, body: Buffer): PollResult {
  const { poll } = dialect;
  if (poll.body.kind !== 'list') return NO_EVENTS;
  const text = body.toString('utf8');
  const json = parseJson(text);
  if (json === undefined) {
    if (isTooDeep(text)) {
      return { kind: 'malformed', code: 'not-json', detail: `answers what is nested deeper than ${MAX_DEPTH}` };
    }
    const type = mediaType(headers);
    const what = type === 'application/json' || type === '' ? 'what is not JSON' : `${type}, not JSON`;
    return { kind: 'malformed', code: 'not-json', detail: `answers ${what}` };
  }
  const list = resolvePointer(json, poll.body.events);
  if (!Array.isArray(list)) {
    return { kind: 'malformed', code: 'no-events', detail: `the answer has no list of events at ${poll.body.events}` };
  }
  if (list.length > MAX_EVENTS) {
    return { kind: 'malformed', code: 'too-many-events', detail: `the answer has more than ${MAX_EVENTS} events` };
  }
  const events = list.map((item: unknown) => parseMessage(poll, item, headers, JSON.stringify(item)));
  const after = poll.pollAfterMs === undefined ? undefined : resolvePointer(json, poll.pollAfterMs);
  return {
    kind: 'events',
    events,
    cursor: textOf(lookUp(poll.cursor, json, headers)) ?? events.at(-1)?.id ?? null,
    more: poll.more !== undefined && resolvePointer(json, poll.more) === true,
    ended: poll.ended !== undefined && resolvePointer(json, poll.ended) === true,
    pollAfterMs: adviceOf(after),
  };
}

function parseSingleBody(dialect: Dialect, headers: IncomingHttpHeaders, body: Buffer): PollResult {
  const { poll } = dialect;
  const usesValidators = poll.ask.in === 'validators';
  const text = body.toString('utf8');
  const json = usesPointers(poll) ? parseJson(text) : undefined;
  const items = membersOf(poll, json);
  const messages = items.map((item) =>
    parseMessage(poll, item, headers, items.length === 1 ? text : JSON.stringify(item)),
  );
  // headers name the id of one message
  const id = usesValidators ? validators.fromHeaders(headers['last-modified'], headers.etag) : null;
  const events = id === null ? messages : messages.map((message) => ({ ...message, id }));
  const cursor = events.at(-1)?.id ?? textOf(lookUp(poll.cursor, undefined, headers));
  return { ...NO_EVENTS, events, cursor, more: poll.ask.in !== 'none' && cursor !== null };
}

/** RFC 9457: `type` tells a gap one can go on from, and an end. Any other 410 is just a status. */
function parseGone(body: Buffer): PollResult {
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
