import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatCursor, parseCursor } from '../../../shared/protocol/cursor.ts';
import type { Gap } from '../../../shared/protocol/events.ts';
import { respond, type Headers } from '../../http/response.ts';
import { eventsHeaders, responseHeaders } from '../../server/http/response.ts';
import { resolveAfter, type ChannelRequest } from '../../server/http/request.ts';
import type { DrainReason } from '../../server/broker/session.ts';
import type { Broker } from '../../server/broker/broker.ts';
import type { ServeContext } from '../../server/http/serve-context.ts';
import { StreamSession } from '../../server/broker/stream-session.ts';
import type { Channel } from '../../server/broker/channel.ts';
import { Follower, type Fanout, type Format } from '../../wire/fanout.ts';
import { chunked, sseHeartbeat, sseControl, sseEvent, sseGap, sseRetry } from '../../wire/sse-encode.ts';

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
export const claims = (request: ChannelRequest): boolean => request.acceptsEventStream;

/** One endless response of events (WHATWG HTML, 9.2). An EventSource gives up on any status but 200. */
export function serve(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): void {
  const { broker, log, request } = ctx;
  const bounds = log.bounds();
  const requested = request.lastEventId ?? request.after;
  const verdict = resolveAfter(requested, bounds, 'now');
  const headers = { ...responseHeaders(broker), ...eventsHeaders(bounds, verdict.after) };
  const unavailable = ctx.overLimit ? 'limit' : broker.draining;
  if (unavailable) return respondUnavailable(res, broker, unavailable, headers);
  const atEnd = bounds.ended && requested === formatCursor(bounds.epoch, bounds.newest);
  if (atEnd) return respond(res, 204, headers); // which stops an EventSource
  if (req.method === 'HEAD') return respond(res, 200, { ...headers, 'Content-Type': 'text/event-stream' });
  const resumed = parseCursor(requested ?? '') !== null && verdict.verdict === 'ok';
  const gap = verdict.verdict === 'gap' ? verdict.gap : null;
  if (!ctx.pipelines.beginLastResponse(res.socket!)) return;
  new SseSession(req, res, ctx, verdict.after).open(headers, resumed, gap);
}

/** Over the limit, or draining: a 200 with `retry` and `bye`, since an EventSource gives up on other statuses. */
function respondUnavailable(res: ServerResponse, broker: Broker, reason: DrainReason, headers: Headers): void {
  const retryMs = broker.retryDelay(reason);
  respond(
    res,
    200,
    { ...headers, 'Content-Type': 'text/event-stream', Connection: 'close' },
    retryMs === null ? '' : sseRetry(retryMs) + sseControl('bye', { reason, retryMs }),
  );
}

class SseSession extends StreamSession {
  readonly kind = 'stream';
  #res: ServerResponse;
  #channel: Channel;
  #chunked: boolean;
  #fanout: Fanout;
  #follower: Follower;

  constructor(req: IncomingMessage, res: ServerResponse, { broker, channel: hub, log }: ServeContext, after: number) {
    super(res.socket!, broker);
    this.#res = res;
    this.#channel = hub;
    this.#chunked = req.httpVersion !== '1.0';
    this.#fanout = hub.fanout(this.#chunked ? CHUNKED : PLAIN);
    this.#follower = new Follower(this, log.bounds().epoch, after);
  }

  open(headers: Headers, resumed: boolean, gap: Gap | null): void {
    const { broker, socket } = this;
    broker.addSession(this);
    this.#res.on('close', () => this.#detach());
    this.#res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', ...headers });
    socket.cork(); // header section and hello in one packet
    this.#res.flushHeaders();
    this.#send(sseRetry(broker.retryMs) + this.#hello(resumed));
    if (gap) {
      broker.counters.increment(broker.counters.gaps, gap.reason);
      this.#send(sseGap(gap));
    }
    socket.uncork();
    this.armDeadline();
    this.#fanout.add(this.#follower);
  }

  finished(): void {
    const { epoch, position } = this.#follower;
    // with an id, so that a reader that began at the end comes back with it, and gets its 204
    const cursor = formatCursor(epoch, position);
    this.#send(sseControl('end', { cursor }, cursor));
    this.#close();
  }

  drain(reason: DrainReason, retryMs: number | null): void {
    if (reason !== 'age') this.broker.recordCause(this.socket, 'restart');
    if (retryMs !== null) {
      const ms = Math.round(retryMs);
      this.#send(sseRetry(ms) + sseControl('bye', { reason: reason, retryMs: ms }));
    }
    this.#close();
  }

  protected sendHeartbeat(): void {
    const bounds = this.#channel.log.bounds();
    if (this.#follower.position < bounds.newest) return; // it says "you have everything up to here"
    const chunks = this.#chunked;
    this.write(
      this.#channel.cached(chunks ? 'hb chunk' : 'hb', bounds, () => {
        const text = sseHeartbeat(formatCursor(bounds.epoch, bounds.newest));
        return Buffer.from(chunks ? chunked(text) : text);
      }),
    );
  }

  protected resume(): void {
    this.#fanout.pump(this.#follower);
  }

  protected announceHeartbeat(): void {
    this.#send(this.#hello(true));
  }

  protected terminate(): void {
    this.#detach();
    this.socket.destroy();
  }

  #hello(resumed: boolean): string {
    const { epoch, floor, newest } = this.#channel.log.bounds();
    return sseControl('hello', {
      v: 1,
      epoch,
      floor: formatCursor(epoch, floor),
      newest: formatCursor(epoch, newest),
      resumed,
      heartbeatMs: this.broker.settings.heartbeatMs,
    });
  }

  #send(text: string): void {
    this.write(this.#chunked ? chunked(text) : text);
  }

  #close(): void {
    this.#detach();
    this.#res.end();
    this.broker.linger(this.socket);
  }

  #detach(): void {
    this.closed = true;
    this.#fanout.remove(this.#follower);
    this.broker.deadlines.clear(this);
    this.broker.removeSession(this);
  }
}
