import type { ConnectContext } from './signal.ts';
import type { CursorAsk } from '../../shared/dialect.ts';

/** Adds a query parameter; the rest of the URL stays as it was typed. */
export function withQuery(url: string, name: string, value: string): string {
  const hash = url.indexOf('#');
  const bare = hash < 0 ? url : url.slice(0, hash);
  return `${bare}${bare.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
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

/** Puts the cursor where the endpoint looks for it. */
export function ask(
  how: CursorAsk,
  url: string,
  cursor: string | null,
): { url: string; headers: Record<string, string> } {
  if (cursor === null || how.in === 'none') return { url, headers: {} };
  if (how.in === 'query') return { url: withQuery(url, how.name, cursor), headers: {} };
  if (how.in === 'header') return { url, headers: { [how.name.toLowerCase()]: cursor } };
  return { url, headers: validators.toHeaders(cursor) };
}

/** What every request of a lane says: identity only, as bytes are counted and shown as they are. */
export function baseHeaders(ctx: Pick<ConnectContext, 'headers'>, accept: string): Record<string, string> {
  const own = Object.fromEntries(Object.entries(ctx.headers).map(([k, v]) => [k.toLowerCase(), v]));
  return { accept, 'accept-encoding': 'identity', 'user-agent': 'heartline', ...own };
}
