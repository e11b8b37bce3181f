import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatCursor } from '../../../shared/cursor.ts';
import { answer, eventsHeaders } from '../../server/answer.ts';
import { answerEvents, page, pollHeaders, whereFrom } from '../../server/poll.ts';
import type { ServeContext } from '../../server/serve-context.ts';

/** Whoever asks for nothing else polls. */
export const claims = (): boolean => true;

/** Answers at once: what is new, or that nothing is. The entity tag is the cursor the answer leads to. */
export function serve(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void {
  const after = whereFrom(res, ctx);
  if (after === null) return;
  const bounds = ctx.channel.bounds();
  const events = page(ctx, after);
  const last = events.at(-1)?.seq ?? after;
  const tag = formatCursor(bounds.epoch, last);
  const headers = { ETag: `W/"${tag}"`, 'Cache-Control': 'no-cache' };
  // never 304 once ended: the client would not learn of it
  if (!bounds.ended && names(req.headers['if-none-match'], tag)) {
    answer(res, 304, { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, last), ...headers });
  } else answerEvents(res, ctx, after, events, headers);
}

/** Weak comparison (RFC 9110, 8.8.3.2). Proxies that compress append `-gzip` to a tag they did not make. */
function names(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((one) => {
    const m = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(one);
    return m?.[1]?.replace(/[-;](?:gzip|br|deflate|zstd)$/, '') === tag;
  });
}
