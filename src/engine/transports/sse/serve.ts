import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatCursor, parseCursor } from '../../../shared/protocol/cursor.ts';
import type { Gap } from '../../../shared/protocol/events.ts';
import { respond, type Headers } from '../../http/response.ts';
import { eventsHeaders, responseHeaders } from '../../server/http/response.ts';
import { resolveAfter, type ChannelRequest } from '../../server/http/request.ts';
import type { DrainReason, Session } from '../../server/broker/session.ts';
import { SessionTimer, type TimedSession } from '../../server/broker/session-timer.ts';
import { StreamWriter, type WritingSession } from '../../server/broker/stream-writer.ts';
import type { Broker } from '../../server/broker/broker.ts';
import type { ServeContext } from '../../server/http/serve-context.ts';
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
  if (ctx.unavailable !== null) return respondUnavailable(res, broker, 'log', responseHeaders(broker));
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

class SseSession implements Session, WritingSession, TimedSession {
  readonly kind = 'stream';
  readonly #res: ServerResponse;
  readonly #broker: Broker;
  readonly #channel: Channel;
  readonly #chunked: boolean;
  readonly #writer: StreamWriter;
  readonly #timer: SessionTimer;
  readonly #fanout: Fanout;
  readonly #follower: Follower;

  constructor(req: IncomingMessage, res: ServerResponse, { broker, channel, log }: ServeContext, after: number) {
    this.#res = res;
    this.#broker = broker;
    this.#channel = channel;
    this.#chunked = req.httpVersion !== '1.0';
    this.#writer = new StreamWriter(req.socket, this, broker);
    this.#timer = new SessionTimer(this, broker);
    this.#fanout = channel.fanout(this.#chunked ? CHUNKED : PLAIN);
    this.#follower = new Follower(this.#writer, log.bounds().epoch, after);
  }

  open(headers: Headers, resumed: boolean, gap: Gap | null): void {
    const { counters, retryMs } = this.#broker;
    const { socket } = this.#writer;
    this.#broker.addSession(this);
    this.#res.on('close', () => this.#detach());
    this.#res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', ...headers });
    socket.cork(); // header section and hello in one packet
    this.#res.flushHeaders();
    this.#send(sseRetry(retryMs) + this.#hello(resumed));
    if (gap) {
      counters.increment(counters.gaps, gap.reason);
      this.#send(sseGap(gap));
    }
    socket.uncork();
    this.#timer.start();
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
    if (reason !== 'age') this.#broker.recordCause(this.#writer.socket, 'restart');
    if (retryMs !== null) {
      const ms = Math.round(retryMs);
      this.#send(sseRetry(ms) + sseControl('bye', { reason, retryMs: ms }));
    }
    this.#close();
  }

  settingsChanged(): void {
    this.#timer.start();
    this.#send(this.#hello(true));
  }

  heartbeatDue(): void {
    const bounds = this.#channel.log.bounds();
    if (!this.#writer.ready() || this.#follower.position < bounds.newest) return; // it says "you have all up to here"
    const chunks = this.#chunked;
    this.#writer.write(
      this.#channel.cached(chunks ? 'hb chunk' : 'hb', bounds, () => {
        const text = sseHeartbeat(formatCursor(bounds.epoch, bounds.newest));
        return Buffer.from(chunks ? chunked(text) : text);
      }),
    );
  }

  drained(): void {
    this.#fanout.resume(this.#follower);
  }

  terminate(): void {
    this.#detach();
    this.#writer.socket.destroy();
  }

  #hello(resumed: boolean): string {
    const { epoch, floor, newest } = this.#channel.log.bounds();
    return sseControl('hello', {
      v: 1,
      epoch,
      floor: formatCursor(epoch, floor),
      newest: formatCursor(epoch, newest),
      resumed,
      heartbeatMs: this.#broker.settings.heartbeatMs,
    });
  }

  #send(text: string): void {
    this.#writer.write(this.#chunked ? chunked(text) : text);
  }

  #close(): void {
    this.#detach();
    this.#res.end();
    this.#broker.linger(this.#writer.socket);
  }

  #detach(): void {
    this.#writer.close();
    this.#timer.stop();
    this.#fanout.remove(this.#follower);
    this.#broker.removeSession(this);
  }
}
