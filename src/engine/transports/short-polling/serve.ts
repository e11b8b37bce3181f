import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatCursor } from '../../../shared/protocol/cursor.ts';
import { respond } from '../../http/response.ts';
import { eventsHeaders } from '../../server/http/response.ts';
import { respondEvents, readPage, pollHeaders, resolvePosition } from '../../server/http/poll-response.ts';
import type { ServeContext } from '../../server/http/serve-context.ts';

/** The default: a request that negotiates nothing else. */
export const claims = (): boolean => true;

/** Responds at once. The entity tag is the cursor that the response leads to. */
export function serve(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void {
  const after = resolvePosition(res, ctx);
  if (after === null) return;
  const bounds = ctx.log.bounds();
  const events = readPage(ctx, after);
  const last = events.at(-1)?.seq ?? after;
  const etag = formatCursor(bounds.epoch, last);
  const headers = { ETag: `W/"${etag}"`, 'Cache-Control': 'no-cache' };
  // never 304 once ended: the client would not learn of it
  if (!bounds.ended && etagMatches(req.headers['if-none-match'], etag)) {
    respond(res, 304, { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, last), ...headers });
  } else respondEvents(res, ctx, after, events, headers);
}

/** Weak comparison (RFC 9110, 8.8.3.2). Proxies that compress append `-gzip` to a tag they did not make. */
function etagMatches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((entry) => {
    const m = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(entry);
    return m?.[1]?.replace(/[-;](?:gzip|br|deflate|zstd)$/, '') === etag;
  });
}
