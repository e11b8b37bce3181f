import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRANSPORTS } from '../transports/index.ts';
import { upgrade, upgradeBare } from '../transports/websocket/serve.ts';
import type { ChannelLog } from '../log/event-log.ts';
import { answer, answerFailure, eventsHeaders } from './answer.ts';
import { channelOf, readAsk, splitUrl } from './ask.ts';
import { checkHost } from './host-name.ts';
import type { Handlers } from './listener.ts';
import { metricsText } from './metrics.ts';
import { PREFLIGHT } from './origin.ts';
import { publishDoor, tooLarge } from './publish-door.ts';
import { Refusal } from './refusal.ts';
import type { ServeContext } from './serve-context.ts';
import type { TheHouse } from './the-house.ts';
import { rawProblem, refuseRaw } from './upgrade.ts';

const WHAT_WOULD_DO =
  'Try GET or POST /events/{channel}, a WebSocket on /ws or /events/{channel}, GET /healthz or GET /metrics.';

/** WebSocket comes in by its upgrade, everything else by who claims it. */
const DOORS = Object.values(TRANSPORTS).reverse();

export interface Numbers {
  connections: number;
  bytesOut: number;
}

/** From a request to the door it knocks at. Whatever is thrown on the way is answered as a problem. */
export function router(house: TheHouse, numbers: () => Numbers): Handlers {
  function context(req: IncomingMessage, channel: string, query: URLSearchParams): ServeContext {
    const hub = house.hub(channel);
    return {
      channel: hub.log,
      settings: house.settings,
      clock: house.clock,
      random: house.random,
      hub,
      house,
      ask: readAsk(req, query),
      full: house.late(req.socket),
    };
  }

  function failed(res: ServerResponse, thrown: unknown, channel?: ChannelLog): void {
    house.tally.count(house.tally.refused, (thrown as { code?: string }).code ?? 'internal');
    const bounds = channel?.bounds();
    answerFailure(res, thrown, { ...house.headers, ...(bounds ? eventsHeaders(bounds, bounds.newest) : {}) });
  }

  function route(req: IncomingMessage, res: ServerResponse): void {
    if (req.headers.host === undefined && req.httpVersion !== '1.0') {
      throw new Refusal(
        400,
        { code: 'no-host', place: 'Host', message: 'HTTP/1.1 asks for a Host.', hint: 'See RFC 9112, section 3.2.' },
        { Connection: 'close' },
      );
    }
    checkHost(req.headers.host, house.address);
    const { path, query } = splitUrl(req.url ?? '/');
    const method = req.method ?? 'GET';
    if (method === 'OPTIONS') return answer(res, 204, { ...house.headers, ...PREFLIGHT, Allow: 'GET, HEAD, POST' });
    if (path === '/healthz' || path === '/metrics') {
      allow(method, ['GET', 'HEAD']);
      return path === '/healthz' ? health(res) : metrics(res);
    }
    if (path === '/ws') {
      throw new Refusal(
        426,
        { code: 'upgrade-required', message: '/ws is a WebSocket.', hint: 'Ask for Upgrade: websocket.' },
        { Upgrade: 'websocket' },
      );
    }
    const channel = channelOf(path);
    if (channel === null) {
      throw new Refusal(404, {
        code: 'not-found',
        place: path.slice(0, 100),
        message: 'There is nothing here.',
        hint: WHAT_WOULD_DO,
      });
    }
    allow(method, ['GET', 'HEAD', 'POST']);
    const ctx = context(req, channel, query);
    if (method === 'POST') {
      publishDoor(req, res, ctx).catch((thrown: unknown) => failed(res, thrown, ctx.channel));
      return;
    }
    const door = DOORS.find((one) => one.claims?.(ctx.ask))!;
    house.tally.requests[door.method]++;
    try {
      door.serve!(req, res, ctx);
    } catch (thrown) {
      failed(res, thrown, ctx.channel);
    }
  }

  function health(res: ServerResponse): void {
    answer(
      res,
      house.leaving ? 503 : 200,
      { ...house.headers, 'Content-Type': 'application/json' },
      `${JSON.stringify({ status: house.leaving ? 'draining' : 'ok' })}\n`,
    );
  }

  function metrics(res: ServerResponse): void {
    answer(
      res,
      200,
      { ...house.headers, 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
      metricsText(house.tally, house.hubs, { ...numbers(), draining: house.leaving !== null }),
    );
  }

  function attempt(res: ServerResponse, work: () => void): void {
    try {
      work();
    } catch (thrown) {
      failed(res, thrown);
    }
  }

  return {
    request(req, res) {
      house.turns.take(req, res, () => attempt(res, () => route(req, res)));
    },

    expects(req, res) {
      house.turns.take(req, res, () =>
        attempt(res, () => {
          if (Number(req.headers['content-length']) > house.limits.publishBody)
            throw tooLarge(house.limits.publishBody);
          checkHost(req.headers.host, house.address);
          res.writeContinue();
          route(req, res);
        }),
      );
    },

    expectsMore(req, res) {
      house.turns.take(req, res, () =>
        attempt(res, () => {
          throw new Refusal(417, {
            code: 'bad-expectation',
            place: 'Expect',
            message: 'That cannot be expected here.',
            hint: 'Expect 100-continue, or nothing.',
          });
        }),
      );
    },

    upgrade(req, socket, head) {
      // an answer is under way: nothing may be written into its middle
      if (house.turns.busy(socket)) {
        socket.destroy();
        return;
      }
      house.upgraded(socket);
      try {
        house.tally.requests.websocket++;
        checkHost(req.headers.host, house.address);
        const { path, query } = splitUrl(req.url ?? '/');
        if (path === '/ws') {
          return upgradeBare(req, socket, head, house, house.late(socket));
        }
        const channel = channelOf(path);
        if (channel === null) {
          throw new Refusal(404, { code: 'not-found', message: 'There is no WebSocket here.', hint: WHAT_WOULD_DO });
        }
        upgrade(req, socket, head, context(req, channel, query));
      } catch (thrown) {
        house.tally.count(house.tally.refused, (thrown as { code?: string }).code ?? 'internal');
        refuseRaw(socket, thrown, house.headers, house.clock);
      }
    },

    garbage(error, socket) {
      // an answer may be under way: nothing may be written into its middle
      if (error.code === 'ECONNRESET' || socket.bytesWritten > 0 || !socket.writable) {
        socket.destroy();
        return;
      }
      house.tally.count(house.tally.refused, 'garbage');
      socket.end(rawProblem(garbageRefusal(error), house.headers));
      socket.destroySoon(); // whoever speaks no HTTP would not know that it is over
    },
  };
}

function garbageRefusal(error: NodeJS.ErrnoException): Refusal {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return new Refusal(431, { code: 'headers-too-large', message: 'The header block is over 16 KiB.' });
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Refusal(408, { code: 'request-timeout', message: 'The request did not arrive in time.' });
  }
  return new Refusal(400, { code: 'bad-request', message: 'This is not HTTP/1.1.', hint: `${error.message}.` });
}

function allow(method: string, methods: string[]): void {
  if (methods.includes(method)) return;
  throw new Refusal(
    405,
    { code: 'method-not-allowed', message: `${method} does nothing here.`, hint: `Use ${methods.join(' or ')}.` },
    { Allow: methods.join(', ') },
  );
}
