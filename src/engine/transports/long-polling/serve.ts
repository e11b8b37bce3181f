import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolveCursor, formatCursor } from '../../../shared/cursor.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { LogEvent } from '../../../shared/events.ts';
import { answer, comeBack, eventsHeaders, type Headers } from '../../server/answer.ts';
import type { Ask } from '../../server/ask.ts';
import { Guest, type Farewell } from '../../server/guest.ts';
import type { Waiter } from '../../server/hub.ts';
import { answerEnded, answerEvents, answerGap, page, pollHeaders, whereFrom } from '../../server/poll.ts';
import type { ServeContext } from '../../server/serve-context.ts';

/** By `wait=25` or `Prefer: wait=25`. */
export const claims = (ask: Ask): boolean => ask.wait !== null;

/** Answers as soon as there is something to say, and with 204 after the hold (RFC 6202, section 2). */
export function serve(_req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void {
  const after = whereFrom(res, ctx);
  if (after === null) return;
  const events = page(ctx, after);
  if (events.length > 0) answerEvents(res, ctx, after, events, applied(ctx));
  else if (ctx.ask.wait === 0) answerNothing(res, ctx, after);
  else new HeldPoll(res, ctx, after).hold();
}

class HeldPoll extends Guest implements Waiter {
  readonly kind = 'held';
  #res: ServerResponse;
  #ctx: ServeContext;
  #after: number;
  #epoch: string;
  #since: number;
  #ageAt: number;
  #chance: number;

  constructor(res: ServerResponse, ctx: ServeContext, after: number) {
    super();
    this.#res = res;
    this.#ctx = ctx;
    this.#after = after;
    this.#epoch = ctx.channel.bounds().epoch;
    this.#since = ctx.clock.now();
    this.#ageAt = ctx.house.ageLimit();
    this.#chance = ctx.random.next();
  }

  hold(): void {
    const { house, hub } = this.#ctx;
    house.enter(this);
    hub.waiters.add(this);
    this.#res.on('close', () => this.#release());
    this.settingsChanged();
  }

  settingsChanged(): void {
    const hold = holdFor(this.#ctx, this.#chance);
    // a client counts an empty answer sooner than this as a failure
    const soonest = this.#since + Math.min(hold, 1500);
    this.#ctx.house.alarms.set(this, Math.min(this.#since + hold, Math.max(this.#ageAt, soonest)));
  }

  ring(): void {
    this.#nothing();
  }

  farewell(_why: Farewell, retryMs: number | null): void {
    if (this.#res.socket) this.#ctx.house.note(this.#res.socket, 'restart');
    this.#nothing({ Connection: 'close', ...(retryMs === null ? {} : comeBack(retryMs)) });
  }

  wake(fresh: readonly LogEvent[]): void {
    const { channel } = this.#ctx;
    const bounds = channel.bounds();
    const asked = formatCursor(this.#epoch, this.#after);
    let events = this.#epoch === bounds.epoch ? page(this.#ctx, this.#after) : [];
    // a burst longer than the log keeps: it was waiting, so it gets what is still in hand
    if (events[0]?.seq !== this.#after + 1 && fresh[0]?.seq === this.#after + 1) events = [...fresh];
    const verdict = resolveCursor(asked, bounds, 'earliest');
    if (events[0]?.seq === this.#after + 1) {
      this.#release();
      answerEvents(this.#res, this.#ctx, this.#after, events, applied(this.#ctx));
    } else if (verdict.verdict === 'gap') {
      this.#release();
      answerGap(this.#res, this.#ctx, verdict.gap, bounds);
    } else if (bounds.ended) {
      this.#release();
      answerEnded(this.#res, this.#ctx, bounds);
    }
  }

  #nothing(headers: Headers = {}): void {
    this.#release();
    answerNothing(this.#res, this.#ctx, this.#after, headers);
  }

  #release(): void {
    const { house, hub } = this.#ctx;
    house.alarms.clear(this);
    hub.waiters.delete(this);
    house.leave(this);
  }
}

function answerNothing(res: ServerResponse, ctx: ServeContext, after: number, headers: Headers = {}): void {
  answer(res, 204, {
    ...pollHeaders(res, ctx),
    ...eventsHeaders(ctx.channel.bounds(), after),
    ...applied(ctx),
    ...headers,
  });
}

/**
 * Milliseconds. Our own hold varies by ±10 %; what a client or the heartbeat switch asked for is a limit, so it varies
 * only downward.
 */
function holdFor({ ask, settings }: ServeContext, chance: number): number {
  const spread = DEFAULTS.holdJitter;
  const longest = Math.max(DEFAULTS.clientHoldCapMs, settings.holdMs);
  const own = typeof ask.wait !== 'number';
  const hold = typeof ask.wait === 'number' ? Math.min(ask.wait * 1000, longest) : settings.holdMs;
  if (settings.holdCapMs !== null && settings.holdCapMs < hold) return settings.holdCapMs * (1 - spread * chance);
  return hold * (own ? 1 - spread + 2 * spread * chance : 1 - spread * chance);
}

const applied = ({ ask }: ServeContext): Record<string, string> =>
  ask.preferred === null ? {} : { 'Preference-Applied': ask.preferred };
