/** What short and long polling have in common: one read of the log, one complete response. */
import type { ServerResponse } from 'node:http';
import { formatCursor, type Bounds } from '../../../shared/protocol/cursor.ts';
import type { Gap, LogEvent } from '../../../shared/protocol/events.ts';
import { respond, respondProblem, type Headers } from '../../http/response.ts';
import { resolveAfter } from './request.ts';
import { retryAfterHeaders, eventsHeaders, responseHeaders } from './response.ts';
import { closeIfUnread } from '../broker/slow-consumer.ts';
import { HttpError } from './http-error.ts';
import type { ServeContext } from './serve-context.ts';

/** A long response is cut here (and says `more`), so that it stays below what a client accepts. */
const MAX_RESPONSE_BYTES = 2 * 1024 * 1024;

export const retryLaterError = (ctx: ServeContext, status: 429 | 503): HttpError =>
  new HttpError(
    status,
    status === 429
      ? { code: 'limit', message: 'The server has as many connections as it takes.', hint: 'Come back later.' }
      : { code: 'draining', message: 'The server is about to restart.', hint: 'Come back in a moment.' },
    {
      ...(status === 503 && ctx.broker.settings.advice === 'off'
        ? {}
        : retryAfterHeaders(1000 + 2000 * ctx.random.next())),
      Connection: 'close',
    },
  );

/** The position a poll reads from; null when a response was sent (gap, ended). @throws HttpError */
export function resolvePosition(res: ServerResponse, ctx: ServeContext): number | null {
  if (ctx.overLimit) throw retryLaterError(ctx, 429);
  if (ctx.broker.draining) throw retryLaterError(ctx, 503);
  if (ctx.unavailable !== null) throw ctx.unavailable;
  const bounds = ctx.log.bounds();
  const verdict = resolveAfter(ctx.request.after, bounds, 'earliest');
  if (verdict.verdict === 'gap') {
    respondGap(res, ctx, verdict.gap, bounds);
    return null;
  }
  if (bounds.ended && verdict.after >= bounds.newest) {
    respondEnded(res, ctx, bounds);
    return null;
  }
  return verdict.after;
}

export function respondGap(res: ServerResponse, ctx: ServeContext, gap: Gap, bounds: Bounds): void {
  ctx.broker.counters.increment(ctx.broker.counters.gaps, gap.reason);
  respondProblem(
    res,
    410,
    { code: 'gap', message: 'The log does not go back to that cursor.', hint: 'Go on from `resume`.' },
    { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, bounds.floor) },
    { ...gap },
  );
}

export function respondEnded(res: ServerResponse, ctx: ServeContext, bounds: Bounds): void {
  respondProblem(
    res,
    410,
    {
      code: 'ended',
      message: `The channel ${ctx.log.name} has ended and you have all of it.`,
      hint: 'Stop asking.',
    },
    { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, bounds.newest) },
    { cursor: formatCursor(bounds.epoch, bounds.newest) },
  );
}

/** At most `limit` events and some 2 MiB after a position, oldest first. */
export function readPage(ctx: ServeContext, after: number): LogEvent[] {
  const events = ctx.log.read(after, ctx.request.limit);
  let bytes = 0;
  const cut = events.findIndex((event, i) => (bytes += event.data.length) > MAX_RESPONSE_BYTES && i > 0);
  return cut < 0 ? events : events.slice(0, cut);
}

/** 200 with these events, which follow `after`. */
export function respondEvents(
  res: ServerResponse,
  ctx: ServeContext,
  after: number,
  events: readonly LogEvent[],
  headers: Headers,
): void {
  const bounds = ctx.log.bounds();
  const last = events.at(-1)?.seq ?? after;
  const more = last < bounds.newest;
  ctx.broker.counters.polled += events.length;
  const key = `poll ${after} ${events.length} ${bounds.floor} ${bounds.ended} ${ctx.channel.pollAfterMs}`;
  const body = ctx.channel.cached(key, bounds, () =>
    Buffer.from(
      `${JSON.stringify({
        events: events.map(({ cursor, type, time, data }) => ({ cursor, type, time, data })),
        cursor: formatCursor(bounds.epoch, last),
        floor: formatCursor(bounds.epoch, bounds.floor),
        newest: formatCursor(bounds.epoch, bounds.newest),
        more,
        ended: bounds.ended && !more,
        pollAfterMs: ctx.channel.pollAfterMs,
      })}\n`,
    ),
  );
  respond(
    res,
    200,
    { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, last), 'Content-Type': 'application/json', ...headers },
    body,
  );
  closeIfUnread(res, body.length, ctx.broker);
}

/** The headers of every poll response; a connection past its age is closed. */
export function pollHeaders(res: ServerResponse, ctx: ServeContext): Headers {
  const closing = res.socket !== null && ctx.broker.isPastMaxAge(res.socket);
  return closing ? { ...responseHeaders(ctx.broker), Connection: 'close' } : responseHeaders(ctx.broker);
}
