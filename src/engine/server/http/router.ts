import { Failure, codeOf, failureData } from '../../../shared/failure.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Method } from '../../../shared/catalog.ts';
import type { ChannelLog } from '../../log/event-log.ts';
import { respond } from '../../http/response.ts';
import { respondError, responseHeaders, eventsHeaders, retryAfterHeaders } from './response.ts';
import { channelNameOf, parseChannelRequest, splitUrl } from './request.ts';
import { checkHost } from './host-name.ts';
import type { Handlers } from './listener.ts';
import { metricsText } from './metrics.ts';
import { PREFLIGHT_HEADERS } from './origin.ts';
import { handlePublish, contentTooLarge } from './publish-handler.ts';
import { HttpError, isLogFailure } from './http-error.ts';
import { RequestPipelines } from './pipelining.ts';
import type { ServeContext, ServerTransport } from './serve-context.ts';
import type { EventBroker } from '../broker/event-broker.ts';
import { rawProblemResponse, rejectUpgrade } from './raw-response.ts';

const ROUTES_HINT =
  'Try GET or POST /events/{channel}, a WebSocket on /ws or /events/{channel}, GET /healthz or GET /metrics.';

/** Routes requests to their handlers. Whatever is thrown on the way becomes a problem response. */
export function router(broker: EventBroker, transports: Readonly<Record<Method, ServerTransport>>): Handlers {
  const pipelines = new RequestPipelines();
  /** The last transport listed that claims a request serves it. */
  const byPrecedence = Object.values(transports).reverse();
  const upgrading = byPrecedence.find((candidate) => candidate.upgrade)!;

  function context(req: IncomingMessage, name: string, query: URLSearchParams): ServeContext {
    const channel = broker.channel(name);
    return {
      log: channel.log,
      settings: broker.settings,
      clock: broker.clock,
      random: broker.random,
      channel,
      broker,
      request: parseChannelRequest(req, query),
      overLimit: broker.connections.isOverLimit(req.socket),
      unavailable: null,
      pipelines,
    };
  }

  function sendError(res: ServerResponse, thrown: unknown, log?: ChannelLog): void {
    broker.counters.increment(broker.counters.refused, codeOf(thrown) ?? 'internal');
    const bounds = log?.bounds();
    respondError(res, thrown, {
      ...responseHeaders(broker),
      ...(bounds ? eventsHeaders(bounds, bounds.newest) : {}),
      ...(isLogFailure(thrown) ? retryAfterHeaders(1000 + 2000 * broker.random.next()) : {}),
    });
  }

  function route(req: IncomingMessage, res: ServerResponse): void {
    if (req.headers.host === undefined && req.httpVersion !== '1.0') {
      throw new HttpError(
        400,
        { code: 'no-host', place: 'Host', message: 'HTTP/1.1 asks for a Host.', hint: 'See RFC 9112, section 3.2.' },
        { Connection: 'close' },
      );
    }
    checkHost(req.headers.host, broker.address);
    const { path, query } = splitUrl(req.url ?? '/');
    const method = req.method ?? 'GET';
    if (method === 'OPTIONS')
      return respond(res, 204, { ...responseHeaders(broker), ...PREFLIGHT_HEADERS, Allow: 'GET, HEAD, POST' });
    if (path === '/healthz' || path === '/metrics') {
      allowMethods(method, ['GET', 'HEAD']);
      return path === '/healthz' ? health(res) : metrics(res);
    }
    if (path === '/ws') {
      throw new HttpError(
        426,
        { code: 'upgrade-required', message: '/ws is a WebSocket.', hint: 'Ask for Upgrade: websocket.' },
        { Upgrade: 'websocket' },
      );
    }
    const channelName = channelNameOf(path);
    if (channelName === null) {
      throw new HttpError(404, {
        code: 'not-found',
        place: path.slice(0, 100),
        message: 'There is nothing here.',
        hint: ROUTES_HINT,
      });
    }
    allowMethods(method, ['GET', 'HEAD', 'POST']);
    const ctx = context(req, channelName, query);
    if (method === 'POST') {
      handlePublish(req, res, ctx).catch((thrown: unknown) => sendError(res, thrown, ctx.log));
      return;
    }
    const transport = byPrecedence.find((candidate) => candidate.claims?.(ctx.request))!;
    broker.counters.requests[transport.method]++;
    const serve = (unavailable: Failure | null): void => {
      if (res.destroyed) return;
      try {
        transport.serve!(req, res, { ...ctx, unavailable });
      } catch (thrown) {
        sendError(res, thrown, ctx.log);
      }
    };
    const refreshing = ctx.log.refresh(ctx.request.lastEventId ?? ctx.request.after);
    if (refreshing === null) serve(null);
    else {
      refreshing.then(
        () => serve(null),
        (thrown: unknown) => serve(thrown instanceof Failure ? thrown : new Failure(failureData(thrown))),
      );
    }
  }

  function health(res: ServerResponse): void {
    const leaving = broker.draining !== null || broker.leaving;
    const log = broker.channels.health();
    const status = leaving ? 'draining' : log.ok ? 'ok' : 'degraded';
    respond(
      res,
      leaving ? 503 : 200, // who reads goes on without the log: taking the server away would help nobody
      { ...responseHeaders(broker), 'Content-Type': 'application/json' },
      `${JSON.stringify({ status, log })}\n`,
    );
  }

  function metrics(res: ServerResponse): void {
    respond(
      res,
      200,
      { ...responseHeaders(broker), 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
      metricsText(broker),
    );
  }

  function attempt(res: ServerResponse, work: () => void): void {
    try {
      work();
    } catch (thrown) {
      sendError(res, thrown);
    }
  }

  return {
    request(req, res) {
      pipelines.enqueue(req, res, () => attempt(res, () => route(req, res)));
    },

    checkContinue(req, res) {
      pipelines.enqueue(req, res, () =>
        attempt(res, () => {
          if (Number(req.headers['content-length']) > broker.limits.publishBody)
            throw contentTooLarge(broker.limits.publishBody);
          checkHost(req.headers.host, broker.address);
          res.writeContinue();
          route(req, res);
        }),
      );
    },

    checkExpectation(req, res) {
      pipelines.enqueue(req, res, () =>
        attempt(res, () => {
          throw new HttpError(417, {
            code: 'bad-expectation',
            place: 'Expect',
            message: 'That cannot be expected here.',
            hint: 'Expect 100-continue, or nothing.',
          });
        }),
      );
    },

    upgrade(req, socket, head) {
      // a response is being written: nothing may be written into it
      if (pipelines.isResponding(socket)) {
        socket.destroy();
        return;
      }
      broker.connections.markUpgraded(socket);
      try {
        broker.counters.requests[upgrading.method]++;
        checkHost(req.headers.host, broker.address);
        const { path, query } = splitUrl(req.url ?? '/');
        if (path === '/ws') {
          return upgrading.upgradeMultiplexed!(req, socket, head, broker, broker.connections.isOverLimit(socket));
        }
        const channelName = channelNameOf(path);
        if (channelName === null) {
          throw new HttpError(404, { code: 'not-found', message: 'There is no WebSocket here.', hint: ROUTES_HINT });
        }
        upgrading.upgrade!(req, socket, head, context(req, channelName, query));
      } catch (thrown) {
        broker.counters.increment(broker.counters.refused, codeOf(thrown) ?? 'internal');
        rejectUpgrade(socket, thrown, responseHeaders(broker), broker.clock);
      }
    },

    clientError(error, socket) {
      // a response may have begun: nothing may be written into it
      if (error.code === 'ECONNRESET' || socket.bytesWritten > 0 || !socket.writable) {
        socket.destroy();
        return;
      }
      broker.counters.increment(broker.counters.refused, 'garbage');
      socket.end(rawProblemResponse(clientErrorOf(error), responseHeaders(broker)));
      socket.destroySoon(); // a peer that speaks no HTTP would not close by itself
    },
  };
}

function clientErrorOf(error: NodeJS.ErrnoException): HttpError {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return new HttpError(431, { code: 'headers-too-large', message: 'The header block is over 16 KiB.' });
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HttpError(408, { code: 'request-timeout', message: 'The request did not arrive in time.' });
  }
  return new HttpError(400, { code: 'bad-request', message: 'This is not HTTP/1.1.', hint: `${error.message}.` });
}

function allowMethods(method: string, methods: string[]): void {
  if (methods.includes(method)) return;
  throw new HttpError(
    405,
    { code: 'method-not-allowed', message: `${method} does nothing here.`, hint: `Use ${methods.join(' or ')}.` },
    { Allow: methods.join(', ') },
  );
}
