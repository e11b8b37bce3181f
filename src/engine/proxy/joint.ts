import { connect, isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { Door } from './door.ts';

/** Two sockets that are connected to each other: what is said into one comes out of the other. */
export interface Pair {
  near: Socket;
  far: Socket;
}

/** A loopback port inside the path: real sockets to put between one leg of a connection and the next. */
export class Seam {
  #door: Door | null = null;
  #arrived = new Map<number, Socket>();
  #waiting = new Map<number, (socket: Socket) => void>();
  #dialling = 0;

  async pair(): Promise<Pair> {
    this.#door ??= new Door(null, 0, false, this.#accept);
    this.#dialling++;
    try {
      const near = dial('127.0.0.1', await this.#door.port());
      await new Promise<void>((resolve, reject) => near.once('connect', resolve).once('error', reject));
      near.removeAllListeners('error').on('error', () => {}); // until somebody listens
      const port = near.localPort!;
      const far = this.#arrived.get(port) ?? (await new Promise<Socket>((come) => this.#waiting.set(port, come)));
      this.#arrived.delete(port);
      this.#waiting.delete(port);
      return { near, far };
    } finally {
      this.#dialling--;
    }
  }

  close(): Promise<void> {
    for (const socket of this.#arrived.values()) socket.destroy();
    return this.#door?.close() ?? Promise.resolve();
  }

  #accept = (socket: Socket): void => {
    socket.on('error', () => {});
    const port = socket.remotePort ?? 0;
    const come = this.#waiting.get(port);
    if (come) come(socket);
    else if (this.#dialling > this.#arrived.size) this.#arrived.set(port, socket);
    else socket.destroy(); // nobody here dialled it
  };
}

export function dial(host: string, port: number): Socket {
  return connect({ host, port, allowHalfOpen: true, noDelay: true });
}

/** A connection to an origin: what is said on it, and the TCP beneath, which alone can be reset. */
export interface Dialled {
  socket: Socket;
  raw: Socket;
  /** A leg has been laid behind it. */
  leg: boolean;
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
