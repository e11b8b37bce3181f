import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** A request to read a channel, taken apart. */
export interface Ask {
  after: string | null;
  limit: number;
  /** Seconds, as asked for in the query or in `Prefer`; null when no hold was asked for, `'default'` for our own. */
  wait: number | 'default' | null;
  /** The `Prefer` that was honoured, for `Preference-Applied`. */
  preferred: string | null;
  eventStream: boolean;
  /** Whether `Accept` names a media type, for a method that is asked for by one. */
  accepts(type: string): boolean;
  lastEventId: string | null;
  onGap: 'continue' | 'fail';
}

const MOST_EVENTS = 10_000;
const USUAL_EVENTS = 1000;

/** `/a/b?c=d` or `http://host/a/b?c=d` → path and query, without normalising either. */
export function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const local = url.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = local.indexOf('?');
  const path = mark < 0 ? local : local.slice(0, mark);
  return { path: path === '' ? '/' : path, query: new URLSearchParams(mark < 0 ? '' : local.slice(mark + 1)) };
}

/** `/events/{channel}` → the channel as written there; null when the path is another. @throws Refusal 400 */
export function channelOf(path: string): string | null {
  const m = /^\/events\/([^/]+)\/?$/.exec(path);
  if (!m) return null;
  try {
    return decodeURIComponent(m[1]!);
  } catch {
    throw new Refusal(400, {
      code: 'bad-channel',
      place: 'channel',
      message: `"${m[1]}" has broken percent-encoding.`,
      hint: 'Write a literal % as %25.',
    });
  }
}

/** @throws Refusal 400 naming what is wrong */
export function readAsk(req: IncomingMessage, query: URLSearchParams): Ask {
  const accept = header(req, 'accept') ?? '';
  const prefer = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6}(?:\.\d{1,3})?)"?\s*(?:$|[,;])/i.exec(header(req, 'prefer') ?? '');
  return {
    after: query.get('after'),
    limit: readLimit(query.get('limit')),
    wait: query.has('wait') ? readWait(query.get('wait')!) : prefer ? Number(prefer[1]) : null,
    preferred: !query.has('wait') && prefer ? `wait=${prefer[1]}` : null,
    eventStream: accepts(accept, 'text/event-stream'),
    accepts: (type) => accepts(accept, type),
    lastEventId: header(req, 'last-event-id') || null,
    onGap: query.get('onGap') === 'fail' ? 'fail' : 'continue',
  };
}

export function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Whether a media type is named in Accept, other than to say no (`q=0`). A wildcard does not name it. */
function accepts(accept: string, type: string): boolean {
  return accept.split(',').some((range) => {
    const [name, ...params] = range.split(';').map((part) => part.trim().toLowerCase());
    return name === type && !params.some((param) => /^q=0(\.0*)?$/.test(param));
  });
}

function readLimit(text: string | null): number {
  if (text === null) return USUAL_EVENTS;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Math.min(Number(text), MOST_EVENTS);
  throw new Refusal(400, {
    code: 'bad-limit',
    place: 'limit',
    message: `"${text.slice(0, 40)}" is not a number of events.`,
    hint: `Write a whole number from 1 to ${MOST_EVENTS}.`,
  });
}

function readWait(text: string): number | 'default' {
  if (text === '') return 'default';
  if (/^\d{1,6}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new Refusal(400, {
    code: 'bad-wait',
    place: 'wait',
    message: `"${text.slice(0, 40)}" is not a number of seconds.`,
    hint: 'Write wait=25.',
  });
}
