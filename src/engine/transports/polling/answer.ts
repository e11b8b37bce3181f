/** What one complete answer to a poll says, in the endpoint's dialect. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from '../../../shared/dialect.ts';
import { lookUp, messageOf, textOf, type Message } from '../../client/message.ts';
import { adviceOf, countOf } from '../../client/numbers.ts';
import { validators } from '../../client/requests.ts';
import { mediaType } from '../../client/statuses.ts';
import { pointer } from '../../wire/pointer.ts';

export type Answer =
  | {
      say: 'news';
      events: Message[];
      /** The cursor to go on from; null: unchanged. */
      cursor: string | null;
      /** Ask again at once: there is more, or this door gives one message an answer. */
      more: boolean;
      ended: boolean;
      pollAfterMs: number | null;
    }
  | { say: 'gap'; requested: string | null; resume: string | null; missed: number | null; reason: string }
  | { say: 'ended' }
  /** A status that is no answer. */
  | { say: 'status' }
  | { say: 'nonsense'; code: string; detail: string };

type News = Extract<Answer, { say: 'news' }>;

const NOTHING: News = { say: 'news', events: [], cursor: null, more: false, ended: false, pollAfterMs: null };

/** More in one answer than any server here keeps, and all a lane can take in without keeping the others waiting. */
const MOST_EVENTS = 10_000;

export function readAnswer(dialect: Dialect, status: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const { poll } = dialect;
  if (poll.nothingNew.includes(status)) return NOTHING;
  if (status === 410) return readGone(body);
  if (status < 200 || status > 299) return { say: 'status' };
  return poll.body.kind === 'list' ? readList(dialect, headers, body) : readOne(dialect, headers, body);
}

function readList(dialect: Dialect, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const { poll } = dialect;
  if (poll.body.kind !== 'list') return NOTHING;
  const json = parse(body);
  if (json === undefined) {
    const type = mediaType(headers);
    const what = type === 'application/json' || type === '' ? 'what is not JSON' : `${type}, not JSON`;
    return { say: 'nonsense', code: 'not-json', detail: `answers ${what}` };
  }
  const list = pointer(json, poll.body.events);
  if (!Array.isArray(list)) {
    return { say: 'nonsense', code: 'no-events', detail: `the answer has no list of events at ${poll.body.events}` };
  }
  if (list.length > MOST_EVENTS) {
    return { say: 'nonsense', code: 'too-many-events', detail: `the answer has more than ${MOST_EVENTS} events` };
  }
  const events = list.map((item: unknown) => messageOf(poll, item, headers, JSON.stringify(item)));
  const after = poll.pollAfterMs === undefined ? undefined : pointer(json, poll.pollAfterMs);
  return {
    say: 'news',
    events,
    cursor: textOf(lookUp(poll.cursor, json, headers)) ?? events.at(-1)?.id ?? null,
    more: poll.more !== undefined && pointer(json, poll.more) === true,
    ended: poll.ended !== undefined && pointer(json, poll.ended) === true,
    pollAfterMs: adviceOf(after),
  };
}

function readOne(dialect: Dialect, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const { poll } = dialect;
  const walks = poll.ask.in === 'validators';
  const whole = body.toString('utf8');
  const needsJson = [poll.id, poll.type, poll.time, poll.data].some((w) => w !== null && 'pointer' in w);
  const message = messageOf(poll, needsJson ? parse(body) : undefined, headers, whole);
  const id = walks ? validators.fromHeaders(headers['last-modified'], headers.etag) : message.id;
  const cursor = id ?? textOf(lookUp(poll.cursor, undefined, headers));
  return { ...NOTHING, events: [{ ...message, id }], cursor, more: poll.ask.in !== 'none' && cursor !== null };
}

/** RFC 9457: `type` tells a gap one can go on from, and an end. Any other 410 is just a status. */
function readGone(body: Buffer): Answer {
  const json = parse(body);
  const type = json === undefined ? null : textOf(pointer(json, '/type'));
  if (type?.endsWith('/ended')) return { say: 'ended' };
  if (!type?.endsWith('/gap')) return { say: 'status' };
  const missed = pointer(json, '/missed') ?? pointer(json, '/gap/missed');
  const at = (name: string): string | null => textOf(pointer(json, `/${name}`) ?? pointer(json, `/gap/${name}`));
  return {
    say: 'gap',
    requested: at('requested'),
    resume: at('resume'),
    missed: countOf(missed),
    reason: at('reason') ?? 'unknown',
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
