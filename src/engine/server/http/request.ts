import type { IncomingMessage } from 'node:http';
import { resolveCursor, type Bounds, type CursorResolution } from '../../../shared/protocol/cursor.ts';
import { HttpError } from './http-error.ts';

/** A parsed request to read a channel. */
export interface ChannelRequest {
  after: string | null;
  limit: number;
  /** Seconds, as asked for in the query or in `Prefer`; null when no hold was asked for, `'default'` for our own. */
  wait: number | 'default' | null;
  /** The `Prefer` that was honoured, for `Preference-Applied`. */
  appliedPreference: string | null;
  acceptsEventStream: boolean;
  /** Whether `Accept` names a media type, for a transport that is negotiated by one. */
  accepts(type: string): boolean;
  lastEventId: string | null;
  onGap: 'continue' | 'fail';
}

const MAX_EVENTS = 10_000;
const DEFAULT_EVENTS = 1000;

/** `/a/b?c=d` or `http://host/a/b?c=d` → path and query, without normalising either. */
export function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const target = url.replace(/^https?:\/\/[^/?#]*/i, '');
  const queryAt = target.indexOf('?');
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  return { path: path === '' ? '/' : path, query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)) };
}

/** `/events/{channel}` → the channel as written there; null when the path is another. @throws HttpError 400 */
export function channelNameOf(path: string): string | null {
  const m = /^\/events\/([^/]+)\/?$/.exec(path);
  if (!m) return null;
  try {
    return decodeURIComponent(m[1]!);
  } catch {
    throw new HttpError(400, {
      code: 'bad-channel',
      place: 'channel',
      message: `"${m[1]}" has broken percent-encoding.`,
      hint: 'Write a literal % as %25.',
    });
  }
}

/** @throws HttpError 400 naming what is wrong */
export function parseChannelRequest(req: IncomingMessage, query: URLSearchParams): ChannelRequest {
  const accept = headerValue(req, 'accept') ?? '';
  const prefer = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6}(?:\.\d{1,3})?)"?\s*(?:$|[,;])/i.exec(
    headerValue(req, 'prefer') ?? '',
  );
  return {
    after: query.get('after'),
    limit: parseLimit(query.get('limit')),
    wait: query.has('wait') ? parseWait(query.get('wait')!) : prefer ? Number(prefer[1]) : null,
    appliedPreference: !query.has('wait') && prefer ? `wait=${prefer[1]}` : null,
    acceptsEventStream: accepts(accept, 'text/event-stream'),
    accepts: (type) => accepts(accept, type),
    lastEventId: headerValue(req, 'last-event-id') || null,
    onGap: query.get('onGap') === 'fail' ? 'fail' : 'continue',
  };
}

export function headerValue(req: IncomingMessage, name: string): string | undefined {
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

/** Where a reader starts that gave this cursor, or none. @throws HttpError 400 */
export function resolveAfter(
  after: string | null,
  bounds: Bounds,
  start: 'earliest' | 'now',
): Exclude<CursorResolution, { verdict: 'malformed' }> {
  const resolution = resolveCursor(after, bounds, start);
  if (resolution.verdict !== 'malformed') return resolution;
  throw new HttpError(400, {
    code: 'malformed',
    place: 'after',
    message: `"${(after ?? '').slice(0, 64)}" is not a cursor.`,
    hint: 'Send back one you were given, or earliest or now.',
  });
}

function parseLimit(text: string | null): number {
  if (text === null) return DEFAULT_EVENTS;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Math.min(Number(text), MAX_EVENTS);
  throw new HttpError(400, {
    code: 'bad-limit',
    place: 'limit',
    message: `"${text.slice(0, 40)}" is not a number of events.`,
    hint: `Write a whole number from 1 to ${MAX_EVENTS}.`,
  });
}

function parseWait(text: string): number | 'default' {
  if (text === '') return 'default';
  if (/^\d{1,6}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new HttpError(400, {
    code: 'bad-wait',
    place: 'wait',
    message: `"${text.slice(0, 40)}" is not a number of seconds.`,
    hint: 'Write wait=25.',
  });
}
