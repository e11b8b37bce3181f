import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { checkOrigin } from '../../server/origin.ts';
import { Refusal } from '../../server/refusal.ts';
import type { House, ServeContext } from '../../server/serve-context.ts';
import { refuseRaw } from '../../server/upgrade.ts';
import { WsGuest } from '../../server/ws-guest.ts';

const SUBPROTOCOL = 'events.v1';

/** `/events/{channel}`: the subscription is implied. */
export function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, ctx: ServeContext): void {
  accept(req, socket as Socket, head, ctx.house, (guest) =>
    ctx.full ? guest.turnAway() : guest.follow(ctx.channel.name, ctx.ask.after, ctx.ask.onGap),
  );
}

/** `/ws`: channels are asked for by message. */
export function upgradeBare(req: IncomingMessage, socket: Socket, head: Buffer, house: House, full: boolean): void {
  accept(req, socket, head, house, (guest) => (full ? guest.turnAway() : guest.expectSubscription()));
}

/** @throws Refusal before the handshake: 400 for subprotocols that are all unknown, 403 for a page from elsewhere */
function accept(
  req: IncomingMessage,
  socket: Socket,
  head: Buffer,
  house: House,
  welcome: (guest: WsGuest) => void,
): void {
  checkOrigin(req, house);
  const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (offered[0] !== '' && !offered.includes(SUBPROTOCOL)) {
    throw new Refusal(400, {
      code: 'bad-subprotocol',
      place: 'Sec-WebSocket-Protocol',
      message: 'None of the subprotocols offered is spoken here.',
      hint: `Offer ${SUBPROTOCOL}, or none.`,
    });
  }
  handshakes(house).handleUpgrade(req, socket, head, (ws) => {
    socket.setNoDelay(true);
    const guest = new WsGuest(ws, socket, house);
    if (house.leaving) guest.farewell(house.leaving, house.comeBackIn(house.leaving));
    else welcome(guest);
  });
}

const servers = new WeakMap<House, WebSocketServer>();

function handshakes(house: House): WebSocketServer {
  let server = servers.get(house);
  if (!server) {
    server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false, // 234 KB a connection with it, 10 KB without
      autoPong: false, // ours go through the same back-pressure as everything else
      maxPayload: house.limits.wsPayload,
      maxFragments: house.limits.wsFragments,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    server.on('wsClientError', (error: Error, socket: Duplex) => {
      refuseRaw(
        socket,
        new Refusal(400, { code: 'bad-handshake', message: `${error.message}.`, hint: 'See RFC 6455, section 4.1.' }),
        { ...house.headers, 'Sec-WebSocket-Version': '13, 8' },
        house.clock,
      );
    });
    servers.set(house, server);
  }
  return server;
}
