import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Causes, type KnownEnd } from '../causes.ts';
import type { Direction } from '../faults/fault.ts';

/** Bytes that reached the proxy, and bytes it passed on, by direction. */
export interface Traffic {
  received: Record<Direction, number>;
  sent: Record<Direction, number>;
}

/** One client connection, from the outside. */
export interface Visit {
  /** The client's own port. */
  port: number;
  openedAt: number;
  bytes: Record<Direction, number>;
}

type Accepted = (socket: Socket) => void;

/**
 * Which sockets this process has, as Node itself tells (`net.server.socket`, `net.client.socket`): so that bytes can be
 * counted to the last one without a word from the path that carries them.
 */
class SocketNews {
  /** Who wants to hear of sockets accepted at a port. */
  readonly doors = new Map<number, Accepted>();
  /** Sockets dialled by us, by local port, while they live. */
  readonly dialled = new Map<number, Socket>();
  #users = 0;

  use(): void {
    if (this.#users++ > 0) return;
    subscribe('net.server.socket', this.#accepted);
    subscribe('net.client.socket', this.#dialling);
  }

  leave(): void {
    if (--this.#users > 0) return;
    unsubscribe('net.server.socket', this.#accepted);
    unsubscribe('net.client.socket', this.#dialling);
  }

  #accepted = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    this.doors.get(socket.localPort ?? 0)?.(socket);
  };

  #dialling = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => {
      const port = socket.localPort;
      if (port === undefined) return;
      this.dialled.set(port, socket);
      socket.once('close', () => this.dialled.get(port) === socket && this.dialled.delete(port));
    });
  };
}

const news = new SocketNews();

export interface TallySetup {
  now(): number;
  /** The port of the target: sockets to anywhere else are the path's own business. */
  targetPort: number;
  onOpen(visit: Visit): void;
  onClose(visit: Visit): void;
  /** The target could not be reached for one connection. */
  onUnreachable(): void;
}

/** Counts what goes through one proxy, over all its connections, the ended ones too. */
export class SocketTally {
  connections = 0;
  /** The book the path writes in: here one learns which dialled sockets are this proxy's. */
  readonly causes: Causes;
  #setup: TallySetup;
  #over: Traffic = { received: { up: 0, down: 0 }, sent: { up: 0, down: 0 } };
  #clients = new Map<Socket, Visit>();
  #servers = new Set<Socket>();
  #port = 0;
  #closed = false;

  constructor(setup: TallySetup) {
    this.#setup = setup;
    this.causes = new OverheardCauses((innerPort) => this.#dialled(innerPort), setup.onUnreachable);
    news.use();
  }

  /** Counts at this port from now on. */
  listen(port: number): void {
    if (port === this.#port) return;
    news.doors.delete(this.#port);
    news.doors.set((this.#port = port), this.#accepted);
  }

  get traffic(): Traffic {
    const { received, sent } = this.#over;
    const all: Traffic = { received: { ...received }, sent: { ...sent } };
    for (const socket of this.#clients.keys()) addClient(all, socket);
    for (const socket of this.#servers) addServer(all, socket);
    return all;
  }

  get open(): number {
    return this.#clients.size;
  }

  /** Resolves once every socket is gone; they must have been destroyed, or be about to. */
  async quiet(): Promise<void> {
    const gone = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));
    await Promise.all([...this.#clients.keys(), ...this.#servers].map(gone));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    news.doors.delete(this.#port);
    news.leave();
  }

  #accepted = (socket: Socket): void => {
    const visit: Visit = {
      port: socket.remotePort ?? 0,
      openedAt: this.#setup.now(),
      bytes: { up: 0, down: 0 },
    };
    this.connections++;
    this.#clients.set(socket, visit);
    this.#setup.onOpen(visit);
    socket.once('close', () => {
      this.#clients.delete(socket);
      addClient(this.#over, socket);
      visit.bytes = { up: socket.bytesRead, down: socket.bytesWritten };
      this.#setup.onClose(visit);
    });
  };

  #dialled(port: number): void {
    const socket = news.dialled.get(port);
    if (!socket || socket.remotePort !== this.#setup.targetPort || this.#servers.has(socket)) return;
    this.#servers.add(socket);
    socket.once('close', () => {
      this.#servers.delete(socket);
      addServer(this.#over, socket);
    });
  }
}

function addClient({ received, sent }: Traffic, socket: Socket): void {
  received.up += socket.bytesRead;
  sent.down += socket.bytesWritten;
}

function addServer({ received, sent }: Traffic, socket: Socket): void {
  received.down += socket.bytesRead;
  sent.up += socket.bytesWritten;
}

class OverheardCauses extends Causes {
  #linked: (innerPort: number) => void;
  #unreachable: () => void;

  constructor(linked: (innerPort: number) => void, unreachable: () => void) {
    super();
    this.#linked = linked;
    this.#unreachable = unreachable;
  }

  override link(innerPort: number, outerPort: number): void {
    super.link(innerPort, outerPort);
    this.#linked(innerPort);
  }

  override note(port: number, end: KnownEnd): void {
    super.note(port, end);
    if (end.cause === 'target-unreachable') this.#unreachable();
  }
}
