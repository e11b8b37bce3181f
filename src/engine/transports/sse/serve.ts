import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatCursor, parseCursor, resolveCursor } from '../../../shared/cursor.ts';
import type { Gap } from '../../../shared/events.ts';
import { answer, eventsHeaders, type Headers } from '../../server/answer.ts';
import type { Ask } from '../../server/ask.ts';
import type { Farewell } from '../../server/guest.ts';
import { malformedCursor } from '../../server/poll.ts';
import type { House, ServeContext } from '../../server/serve-context.ts';
import { Stayer } from '../../server/stayer.ts';
import type { Hub } from '../../server/hub.ts';
import { Follower, type Fanout, type Format } from '../../wire/fanout.ts';
import { chunked, sseBeat, sseControl, sseEvent, sseGap, sseRetry } from '../../wire/sse-encode.ts';

/** HTTP/1.1 wants chunks; HTTP/1.0 (nginx towards its upstream, before 1.29.7) cannot have them. */
const PLAIN: Format = {
  event: (event) => Buffer.from(sseEvent(event)),
  gap: (gap) => Buffer.from(sseGap(gap)),
};
const CHUNKED: Format = {
  event: (event) => Buffer.from(chunked(sseEvent(event))),
  gap: (gap) => Buffer.from(chunked(sseGap(gap))),
};

/** By `Accept: text/event-stream`. */
export const claims = (ask: Ask): boolean => ask.eventStream;

/** One long answer of events (WHATWG HTML, 9.2). An EventSource gives up on any status but 200. */
export function serve(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void {
  const { house, channel, ask } = ctx;
  const bounds = channel.bounds();
  const asked = ask.lastEventId ?? ask.after;
  const verdict = resolveCursor(asked, bounds, 'now');
  if (verdict.verdict === 'malformed') throw malformedCursor(asked ?? '');
  const headers = { ...house.headers, ...eventsHeaders(bounds, verdict.after) };
  const away = ctx.full ? 'limit' : house.leaving;
  if (away) return turnAway(res, house, away, headers);
  const atItsEnd = bounds.ended && asked === formatCursor(bounds.epoch, bounds.newest);
  if (atItsEnd) return answer(res, 204, headers); // which stops an EventSource
  if (req.method === 'HEAD') return answer(res, 200, { ...headers, 'Content-Type': 'text/event-stream' });
  const resumed = parseCursor(asked ?? '') !== null && verdict.verdict === 'ok';
  const gap = verdict.verdict === 'gap' ? verdict.gap : null;
  new SseStream(req, res, ctx, verdict.after).open(headers, resumed, gap);
}

/** Full, or leaving: said inside a 200, with a time to come back at. */
function turnAway(res: ServerResponse, house: House, reason: Farewell, headers: Headers): void {
  const retryMs = house.comeBackIn(reason);
  answer(
    res,
    200,
    { ...headers, 'Content-Type': 'text/event-stream', Connection: 'close' },
    retryMs === null ? '' : sseRetry(retryMs) + sseControl('bye', { reason, retryMs }),
  );
}

class SseStream extends Stayer {
  readonly kind = 'stream';
  #res: ServerResponse;
  #hub: Hub;
  #chunks: boolean;
  #fanout: Fanout;
  #follower: Follower;

  constructor(req: IncomingMessage, res: ServerResponse, { house, hub, channel }: ServeContext, after: number) {
    super(res.socket!, house);
    this.#res = res;
    this.#hub = hub;
    this.#chunks = req.httpVersion !== '1.0';
    this.#fanout = hub.fanout(this.#chunks ? CHUNKED : PLAIN);
    this.#follower = new Follower(this, channel.bounds().epoch, after);
  }

  open(headers: Headers, resumed: boolean, gap: Gap | null): void {
    const { house, socket } = this;
    if (!house.turns.last(socket)) return;
    house.enter(this);
    this.#res.on('close', () => this.#gone());
    this.#res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', ...headers });
    socket.cork(); // head and greeting in one packet
    this.#res.flushHeaders();
    this.#say(sseRetry(house.retryMs) + this.#hello(resumed));
    if (gap) {
      house.tally.count(house.tally.gaps, gap.reason);
      this.#say(sseGap(gap));
    }
    socket.uncork();
    this.arm();
    this.#fanout.add(this.#follower);
  }

  finished(): void {
    const { epoch, position } = this.#follower;
    // with an id, so that a reader that began at the end comes back with it, and gets its 204
    const cursor = formatCursor(epoch, position);
    this.#say(sseControl('end', { cursor }, cursor));
    this.#close();
  }

  farewell(why: Farewell, retryMs: number | null): void {
    if (why !== 'age') this.house.note(this.socket, 'restart');
    if (retryMs !== null) {
      const ms = Math.round(retryMs);
      this.#say(sseRetry(ms) + sseControl('bye', { reason: why, retryMs: ms }));
    }
    this.#close();
  }

  protected beat(): void {
    const bounds = this.#hub.log.bounds();
    if (this.#follower.position < bounds.newest) return; // it says "you have everything up to here"
    const chunks = this.#chunks;
    this.write(
      this.#hub.memo(chunks ? 'hb chunk' : 'hb', bounds, () => {
        const text = sseBeat(formatCursor(bounds.epoch, bounds.newest));
        return Buffer.from(chunks ? chunked(text) : text);
      }),
    );
  }

  protected resume(): void {
    this.#fanout.pump(this.#follower);
  }

  protected promise(): void {
    this.#say(this.#hello(true));
  }

  protected drop(): void {
    this.#gone();
    this.socket.destroy();
  }

  #hello(resumed: boolean): string {
    const { epoch, floor, newest } = this.#hub.log.bounds();
    return sseControl('hello', {
      v: 1,
      epoch,
      floor: formatCursor(epoch, floor),
      newest: formatCursor(epoch, newest),
      resumed,
      heartbeatMs: this.house.settings.heartbeatMs,
    });
  }

  #say(text: string): void {
    this.write(this.#chunks ? chunked(text) : text);
  }

  #close(): void {
    this.#gone();
    this.#res.end();
    this.house.linger(this.socket);
  }

  #gone(): void {
    this.over = true;
    this.#fanout.remove(this.#follower);
    this.house.alarms.clear(this);
    this.house.leave(this);
  }
}
