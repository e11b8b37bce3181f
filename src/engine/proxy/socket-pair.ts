import { connect, isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { Listener } from './listener.ts';

/** Two sockets connected to each other: what is written to one is read from the other. */
export interface SocketPair {
  near: Socket;
  far: Socket;
}

/** Makes pairs of connected loopback sockets, to put between one hop of a connection and the next. */
export class SocketPairFactory {
  #listener: Listener | null = null;
  #arrived = new Map<number, Socket>();
  #waiting = new Map<number, (socket: Socket) => void>();
  #dialling = 0;

  async pair(): Promise<SocketPair> {
    this.#listener ??= new Listener(null, 0, false, this.#accept);
    this.#dialling++;
    try {
      const near = dial('127.0.0.1', await this.#listener.port());
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
    return this.#listener?.close() ?? Promise.resolve();
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

/** What TLS to the origin needs to know; the certificate is checked as Node does. */
export type TlsTarget = tls.ConnectionOptions & { servername: string };

export function wrapTls(raw: Socket, { servername, ...options }: TlsTarget): Socket {
  return tls.connect({
    ...options,
    socket: raw,
    host: servername,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(servername) ? {} : { servername }),
  });
}
