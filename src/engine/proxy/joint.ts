import { connect, isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { Door } from './door.ts';
import type { HttpConnection } from './http/connection.ts';
import type { Link } from './link.ts';

/** What a path knows of a connection through it, of whichever kind. */
export type Carried = Link | HttpConnection;

/** A loopback port inside the path, where one leg of a connection hands over to the next. */
export class Joint {
  #door: Door;

  constructor(lane: string | null, accept: (socket: Socket) => void) {
    this.#door = new Door(lane, 0, false, accept);
  }

  port(): Promise<number> {
    return this.#door.port();
  }

  async dial(): Promise<Socket> {
    return dial('127.0.0.1', await this.#door.port());
  }

  close(): Promise<void> {
    return this.#door.close();
  }
}

export function dial(host: string, port: number): Socket {
  return connect({ host, port, allowHalfOpen: true, noDelay: true });
}

/** A connection to an origin: what is said on it, and the TCP beneath, which alone can be reset. */
export interface Dialled {
  socket: Socket;
  raw: Socket;
}

/** What TLS to the origin needs to know; the certificate is checked as Node does. */
export type Secure = tls.ConnectionOptions & { servername: string };

export function overTls(raw: Socket, { servername, ...options }: Secure): Socket {
  return tls.connect({
    ...options,
    socket: raw,
    host: servername,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(servername) ? {} : { servername }),
  });
}
