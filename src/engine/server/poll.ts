/** What short and long polling have in common: one question of the log, one whole answer. */
import type { ServerResponse } from 'node:http';
import { formatCursor, resolveCursor, type Bounds } from '../../shared/cursor.ts';
import type { Gap, LogEvent } from '../../shared/events.ts';
import { answer, answerProblem, comeBack, eventsHeaders, type Headers } from './answer.ts';
import { mustBeTaken } from './backlog.ts';
import { Refusal } from './refusal.ts';
import type { ServeContext } from './serve-context.ts';

/** A long answer is cut here (and says `more`), so that it stays below what a client accepts. */
const ANSWER_BYTES = 2 * 1024 * 1024;

export const malformedCursor = (cursor: string): Refusal =>
  new Refusal(400, {
    code: 'malformed',
    place: 'after',
    message: `"${cursor.slice(0, 64)}" is not a cursor.`,
    hint: 'Send back one you were given, or earliest or now.',
  });

export const tryLater = (ctx: ServeContext, status: 429 | 503): Refusal =>
  new Refusal(
    status,
    status === 429
      ? { code: 'limit', message: 'The server has as many connections as it takes.', hint: 'Come back later.' }
      : { code: 'draining', message: 'The server is about to restart.', hint: 'Come back in a moment.' },
    {
      ...(status === 503 && ctx.house.settings.advice === 'off' ? {} : comeBack(1000 + 2000 * ctx.random.next())),
      Connection: 'close',
    },
  );

/** Where a poll goes on from, or null when it has been answered: gap, ended. @throws Refusal */
export function whereFrom(res: ServerResponse, ctx: ServeContext): number | null {
  if (ctx.full) throw tryLater(ctx, 429);
  if (ctx.house.leaving) throw tryLater(ctx, 503);
  const bounds = ctx.channel.bounds();
  const verdict = resolveCursor(ctx.ask.after, bounds, 'earliest');
  if (verdict.verdict === 'malformed') throw malformedCursor(ctx.ask.after ?? '');
  if (verdict.verdict === 'gap') {
    answerGap(res, ctx, verdict.gap, bounds);
    return null;
  }
  if (bounds.ended && verdict.after >= bounds.newest) {
    answerEnded(res, ctx, bounds);
    return null;
  }
  return verdict.after;
}

export function answerGap(res: ServerResponse, ctx: ServeContext, gap: Gap, bounds: Bounds): void {
  ctx.house.tally.count(ctx.house.tally.gaps, gap.reason);
  answerProblem(
    res,
    410,
    { code: 'gap', message: 'The log does not go back to that cursor.', hint: 'Go on from `resume`.' },
    { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, bounds.floor) },
    { ...gap },
  );
}

export function answerEnded(res: ServerResponse, ctx: ServeContext, bounds: Bounds): void {
  answerProblem(
    res,
    410,
    {
      code: 'ended',
      message: `The channel ${ctx.channel.name} has ended and you have all of it.`,
      hint: 'Stop asking.',
    },
    { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, bounds.newest) },
    { cursor: formatCursor(bounds.epoch, bounds.newest) },
  );
}

/** At most `limit` events and some 2 MiB after a position, oldest first. */
export function page(ctx: ServeContext, after: number): LogEvent[] {
  const events = ctx.channel.read(after, ctx.ask.limit);
  let bytes = 0;
  const cut = events.findIndex((event, i) => (bytes += event.data.length) > ANSWER_BYTES && i > 0);
  return cut < 0 ? events : events.slice(0, cut);
}

/** 200 with these events, which follow `after`. */
export function answerEvents(
  res: ServerResponse,
  ctx: ServeContext,
  after: number,
  events: readonly LogEvent[],
  headers: Headers,
): void {
  const bounds = ctx.channel.bounds();
  const last = events.at(-1)?.seq ?? after;
  const more = last < bounds.newest;
  ctx.house.tally.polled += events.length;
  const key = `poll ${after} ${events.length} ${bounds.floor} ${bounds.ended} ${ctx.hub.pollAfterMs}`;
  const body = ctx.hub.memo(key, bounds, () =>
    Buffer.from(
      `${JSON.stringify({
        events: events.map(({ cursor, type, time, data }) => ({ cursor, type, time, data })),
        cursor: formatCursor(bounds.epoch, last),
        floor: formatCursor(bounds.epoch, bounds.floor),
        newest: formatCursor(bounds.epoch, bounds.newest),
        more,
        ended: bounds.ended && !more,
        pollAfterMs: ctx.hub.pollAfterMs,
      })}\n`,
    ),
  );
  answer(
    res,
    200,
    { ...pollHeaders(res, ctx), ...eventsHeaders(bounds, last), 'Content-Type': 'application/json', ...headers },
    body,
  );
  mustBeTaken(res, body.length, ctx.house);
}

/** What every answer to a poll carries; a connection of age is asked to close. */
export function pollHeaders(res: ServerResponse, ctx: ServeContext): Headers {
  const leaving = res.socket !== null && ctx.house.tooOld(res.socket);
  return leaving ? { ...ctx.house.headers, Connection: 'close' } : { ...ctx.house.headers };
}
