import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolveCursor, formatCursor } from '../../../shared/protocol/cursor.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { LogEvent } from '../../../shared/protocol/events.ts';
import { respond, type Headers } from '../../http/response.ts';
import { retryAfterHeaders, eventsHeaders } from '../../server/http/response.ts';
import type { ChannelRequest } from '../../server/http/request.ts';
import { Deadline } from '../../server/broker/deadlines.ts';
import type { DrainReason, Session } from '../../server/broker/session.ts';
import type { Waiter } from '../../server/broker/channel.ts';
import {
  respondEnded,
  respondEvents,
  respondGap,
  readPage,
  pollHeaders,
  resolvePosition,
} from '../../server/http/poll-response.ts';
import type { ServeContext } from '../../server/http/serve-context.ts';

/** By `wait=25` or `Prefer: wait=25`. */
export const claims = (request: ChannelRequest): boolean => request.wait !== null;

/** Responds as soon as there is an event, and with 204 after the hold (RFC 6202, section 2). */
export function serve(_req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void {
  const after = resolvePosition(res, ctx);
  if (after === null) return;
  const events = readPage(ctx, after);
  if (events.length > 0) respondEvents(res, ctx, after, events, preferenceHeaders(ctx));
  else if (ctx.request.wait === 0) respondEmpty(res, ctx, after);
  else new HeldPoll(res, ctx, after).hold();
}

class HeldPoll implements Session, Waiter {
  readonly kind = 'held';
  #res: ServerResponse;
  #ctx: ServeContext;
  #after: number;
  #epoch: string;
  #heldSince: number;
  #expiresAt: number;
  #jitter: number;
  #deadline = new Deadline(this);

  constructor(res: ServerResponse, ctx: ServeContext, after: number) {
    this.#res = res;
    this.#ctx = ctx;
    this.#after = after;
    this.#epoch = ctx.log.bounds().epoch;
    this.#heldSince = ctx.clock.now();
    this.#expiresAt = ctx.broker.ageDeadline();
    this.#jitter = ctx.random.next();
  }

  hold(): void {
    const { broker, channel } = this.#ctx;
    broker.addSession(this);
    channel.waiters.add(this);
    this.#res.on('close', () => this.#detach());
    this.settingsChanged();
  }

  settingsChanged(): void {
    const hold = holdMsFor(this.#ctx, this.#jitter);
    // a client counts an empty answer sooner than this as a failure
    const earliest = this.#heldSince + Math.min(hold, 1500);
    this.#ctx.broker.deadlines.set(
      this.#deadline,
      Math.min(this.#heldSince + hold, Math.max(this.#expiresAt, earliest)),
    );
  }

  onDeadline(): void {
    this.#respondEmpty();
  }

  drain(_reason: DrainReason, retryMs: number | null): void {
    if (this.#res.socket) this.#ctx.broker.recordCause(this.#res.socket, 'restart');
    this.#respondEmpty({ Connection: 'close', ...(retryMs === null ? {} : retryAfterHeaders(retryMs)) });
  }

  notify(fresh: readonly LogEvent[]): void {
    const { log: channel } = this.#ctx;
    const bounds = channel.bounds();
    const requested = formatCursor(this.#epoch, this.#after);
    let events = this.#epoch === bounds.epoch ? readPage(this.#ctx, this.#after) : [];
    // a burst longer than the log keeps: it was waiting, so it gets what is still in hand
    if (events[0]?.seq !== this.#after + 1 && fresh[0]?.seq === this.#after + 1) events = [...fresh];
    const verdict = resolveCursor(requested, bounds, 'earliest');
    if (events[0]?.seq === this.#after + 1) {
      this.#detach();
      respondEvents(this.#res, this.#ctx, this.#after, events, preferenceHeaders(this.#ctx));
    } else if (verdict.verdict === 'gap') {
      this.#detach();
      respondGap(this.#res, this.#ctx, verdict.gap, bounds);
    } else if (bounds.ended) {
      this.#detach();
      respondEnded(this.#res, this.#ctx, bounds);
    }
  }

  #respondEmpty(headers: Headers = {}): void {
    this.#detach();
    respondEmpty(this.#res, this.#ctx, this.#after, headers);
  }

  #detach(): void {
    const { broker, channel } = this.#ctx;
    broker.deadlines.clear(this.#deadline);
    channel.waiters.delete(this);
    broker.removeSession(this);
  }
}

function respondEmpty(res: ServerResponse, ctx: ServeContext, after: number, headers: Headers = {}): void {
  respond(res, 204, {
    ...pollHeaders(res, ctx),
    ...eventsHeaders(ctx.log.bounds(), after),
    ...preferenceHeaders(ctx),
    ...headers,
  });
}

/**
 * Milliseconds. Our own hold varies by ±10 %; what a client or the heartbeat switch asked for is a limit, so it varies
 * only downward.
 */
function holdMsFor({ request, settings }: ServeContext, jitter: number): number {
  const spread = DEFAULTS.holdJitter;
  const longest = Math.max(DEFAULTS.clientHoldCapMs, settings.holdMs);
  const isDefault = typeof request.wait !== 'number';
  const hold = typeof request.wait === 'number' ? Math.min(request.wait * 1000, longest) : settings.holdMs;
  if (settings.holdCapMs !== null && settings.holdCapMs < hold) return settings.holdCapMs * (1 - spread * jitter);
  return hold * (isDefault ? 1 - spread + 2 * spread * jitter : 1 - spread * jitter);
}

const preferenceHeaders = ({ request }: ServeContext): Record<string, string> =>
  request.appliedPreference === null ? {} : { 'Preference-Applied': request.appliedPreference };
