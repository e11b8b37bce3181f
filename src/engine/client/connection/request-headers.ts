import type { Signal } from './signal.ts';
import type { Method } from '../../../shared/catalog.ts';
import type { CursorPlacement, Dialect } from '../../../shared/protocol/dialect.ts';

/** Adds a query parameter; the rest of the URL stays as it was typed. */
export function withQuery(url: string, name: string, value: string): string {
  const hash = url.indexOf('#');
  const bare = hash < 0 ? url : url.slice(0, hash);
  return `${bare}${bare.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`;
}

/** `1700000000:2` → the validators nchan calls a message id; `Last-Modified` and `ETag` back → that id. */
export const validators = {
  toHeaders(cursor: string): Record<string, string> {
    const [, seconds, tag] = /^(-?\d+):(.*)$/.exec(cursor) ?? [];
    if (seconds === undefined) return { 'if-none-match': cursor };
    return { 'if-modified-since': new Date(Number(seconds) * 1000).toUTCString(), 'if-none-match': tag! };
  },
  fromHeaders(lastModified: string | undefined, etag: string | undefined): string | null {
    const ms = lastModified === undefined ? NaN : Date.parse(lastModified);
    if (Number.isNaN(ms)) return etag ?? null;
    return `${ms / 1000}:${etag ?? '0'}`;
  },
};

export function cursorPlacement({ poll, sse, websocket }: Dialect, method: Method): CursorPlacement {
  if (method === 'sse') return sse.ask;
  return method === 'websocket' ? websocket.ask : poll.ask;
}

/** Where a question for what follows a cursor goes. */
export interface CursorRequest {
  url: string;
  headers: Record<string, string>;
  /** The cursor that is asked from; null: none is named. */
  cursor: string | null;
  /** The cursor has characters that no header may carry: it is left out. */
  cursorOmitted?: true;
}

/** A header's value goes out as Latin-1, one byte a character: this makes those bytes UTF-8 (WHATWG HTML, 9.2.4). */
const utf8Bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
/** What RFC 9110, 5.5 lets stand in a value, as Node checks it. */

const isHeaderSafe = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** Puts the cursor where the endpoint looks for it. */
export function placeCursor(how: CursorPlacement, url: string, cursor: string | null): CursorRequest {
  if (cursor === null || how.in === 'none') return { url, headers: {}, cursor: null };
  if (how.in === 'query') return { url: withQuery(url, how.name, cursor), headers: {}, cursor };
  // validators came in headers, and go back as the bytes they were
  const headers = how.in === 'header' ? { [how.name.toLowerCase()]: utf8Bytes(cursor) } : validators.toHeaders(cursor);
  return Object.values(headers).every(isHeaderSafe)
    ? { url, headers, cursor }
    : { url, headers: {}, cursor: null, cursorOmitted: true };
}

/** Reports once per lane that a cursor was left out. @param memory the lane's */
export function reportOmittedCursor(
  { cursorOmitted }: CursorRequest,
  memory: Map<string, string>,
  emit: (s: Signal) => void,
): void {
  if (!cursorOmitted || memory.has('unsaid')) return;
  memory.set('unsaid', 'yes');
  const message = 'The last ID has characters that no header may carry: the lane resumes without it.';
  emit({ kind: 'notice', level: 'warn', code: 'cursor-unsaid', message });
}
