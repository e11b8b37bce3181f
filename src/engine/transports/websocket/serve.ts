import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { checkOrigin } from '../../server/http/origin.ts';
import { HttpError } from '../../server/http/http-error.ts';
import type { Broker } from '../../server/broker/broker.ts';
import type { ServeContext } from '../../server/http/serve-context.ts';
import { rejectUpgrade } from '../../server/http/raw-response.ts';
import { responseHeaders } from '../../server/http/response.ts';
import { WebSocketSession } from './session.ts';

const SUBPROTOCOL = 'events.v1';

/** `/events/{channel}`: the subscription is implied. */
export function upgrade(req: IncomingMessage, socket: Socket, head: Buffer, ctx: ServeContext): void {
  accept(req, socket, head, ctx.broker, (session) =>
    ctx.overLimit ? session.refuseOverLimit() : session.subscribeTo(ctx.log.name, ctx.request.after, ctx.request.onGap),
  );
}

/** `/ws`: channels are asked for by message. */
export function upgradeMultiplexed(
  req: IncomingMessage,
  socket: Socket,
  head: Buffer,
  broker: Broker,
  overLimit: boolean,
): void {
  accept(req, socket, head, broker, (session) =>
    overLimit ? session.refuseOverLimit() : session.expectSubscription(),
  );
}

/** @throws HttpError before the handshake: 400 for subprotocols that are all unknown, 403 for another origin */
function accept(
  req: IncomingMessage,
  socket: Socket,
  head: Buffer,
  broker: Broker,
  onAccepted: (session: WebSocketSession) => void,
): void {
  checkOrigin(req, broker);
  const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (offered[0] !== '' && !offered.includes(SUBPROTOCOL)) {
    throw new HttpError(400, {
      code: 'bad-subprotocol',
      place: 'Sec-WebSocket-Protocol',
      message: 'None of the subprotocols offered is spoken here.',
      hint: `Offer ${SUBPROTOCOL}, or none.`,
    });
  }
  handshakeServer(broker).handleUpgrade(req, socket, head, (ws) => {
    socket.setNoDelay(true);
    const session = new WebSocketSession(ws, socket, broker);
    if (broker.draining) session.drain(broker.draining, broker.retryDelay(broker.draining));
    else onAccepted(session);
  });
}

const serversByBroker = new WeakMap<Broker, WebSocketServer>();

function handshakeServer(broker: Broker): WebSocketServer {
  let server = serversByBroker.get(broker);
  if (!server) {
    server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false, // 234 KB a connection with it, 10 KB without
      autoPong: false, // ours go through the same back-pressure as everything else
      maxPayload: broker.limits.wsPayload,
      maxFragments: broker.limits.wsFragments,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    server.on('wsClientError', (error: Error, socket: Duplex) => {
      rejectUpgrade(
        socket,
        new HttpError(400, { code: 'bad-handshake', message: `${error.message}.`, hint: 'See RFC 6455, section 4.1.' }),
        { ...responseHeaders(broker), 'Sec-WebSocket-Version': '13, 8' },
        broker.clock,
      );
    });
    serversByBroker.set(broker, server);
  }
  return server;
}
