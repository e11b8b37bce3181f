import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Causes, type KnownCause } from '../evidence/causes.ts';
import type { Direction } from '../proxy/tcp/faults/fault.ts';

/** Bytes that reached the proxy, and bytes it passed on, by direction. */
export interface Traffic {
  received: Record<Direction, number>;
  sent: Record<Direction, number>;
}

/** One client connection, from the outside. */
export interface ClientSocket {
  /** The client's own port. */
  port: number;
  openedAt: number;
  bytes: Record<Direction, number>;
}

type AcceptHandler = (socket: Socket) => void;

/**
 * Which sockets this process has, as Node itself tells (`net.server.socket`, `net.client.socket`): so that bytes can be
 * counted to the last one without the path's help.
 */
class ProcessSockets {
  /** Who wants to hear of sockets accepted at a port. */
  readonly acceptHandlers = new Map<number, AcceptHandler>();
  /** Sockets dialled by us, by local port, while they live. */
  readonly dialled = new Map<number, Socket>();
  #users = 0;

  subscribe(): void {
    if (this.#users++ > 0) return;
    subscribe('net.server.socket', this.#onAccept);
    subscribe('net.client.socket', this.#onDial);
  }

  unsubscribe(): void {
    if (--this.#users > 0) return;
    unsubscribe('net.server.socket', this.#onAccept);
    unsubscribe('net.client.socket', this.#onDial);
  }

  #onAccept = (message: unknown): void => {
    const { socket } = message as { socket: Socket }; // cast: what Node publishes on this channel
    this.acceptHandlers.get(socket.localPort ?? 0)?.(socket);
  };

  #onDial = (message: unknown): void => {
    const { socket } = message as { socket: Socket }; // cast: what Node publishes on this channel
    socket.once('connect', () => {
      const port = socket.localPort;
      if (port === undefined) return;
      this.dialled.set(port, socket);
      socket.once('close', () => this.dialled.get(port) === socket && this.dialled.delete(port));
    });
  };
}

const processSockets = new ProcessSockets();

export interface TrafficCounterSetup {
  now(): number;
  /** The port of the target: sockets to anywhere else are the path's own business. */
  targetPort: number;
  onOpen(visit: ClientSocket): void;
  onClose(visit: ClientSocket): void;
  /** The target could not be reached for one connection. */
  onUnreachable(): void;
}

/** Counts what goes through one proxy, over all its connections, the ended ones too. */
export class TrafficCounter {
  connections = 0;
  /** The causes the path records: they tell which dialled sockets belong to this proxy. */
  readonly causes: Causes;
  #setup: TrafficCounterSetup;
  #closedTraffic: Traffic = { received: { up: 0, down: 0 }, sent: { up: 0, down: 0 } };
  #clients = new Map<Socket, ClientSocket>();
  #servers = new Set<Socket>();
  #port = 0;
  #closed = false;

  constructor(setup: TrafficCounterSetup) {
    this.#setup = setup;
    this.causes = new ObservedCauses(
      (innerPort) => this.#onDialled(innerPort),
      () => setup.onUnreachable(),
    );
    processSockets.subscribe();
  }

  /** Counts at this port from now on. */
  listen(port: number): void {
    if (port === this.#port) return;
    processSockets.acceptHandlers.delete(this.#port);
    processSockets.acceptHandlers.set((this.#port = port), this.#onAccept);
  }

  get traffic(): Traffic {
    const { received, sent } = this.#closedTraffic;
    const all: Traffic = { received: { ...received }, sent: { ...sent } };
    for (const socket of this.#clients.keys()) addClient(all, socket);
    for (const socket of this.#servers) addServer(all, socket);
    return all;
  }

  get open(): number {
    return this.#clients.size;
  }

  /** Resolves once every socket is gone; they must have been destroyed, or be about to. */
  async allClosed(): Promise<void> {
    const gone = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));
    await Promise.all([...this.#clients.keys(), ...this.#servers].map(gone));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    processSockets.acceptHandlers.delete(this.#port);
    processSockets.unsubscribe();
  }

  #onAccept = (socket: Socket): void => {
    const visit: ClientSocket = {
      port: socket.remotePort ?? 0,
      openedAt: this.#setup.now(),
      bytes: { up: 0, down: 0 },
    };
    this.connections++;
    this.#clients.set(socket, visit);
    this.#setup.onOpen(visit);
    socket.once('close', () => {
      this.#clients.delete(socket);
      addClient(this.#closedTraffic, socket);
      visit.bytes = { up: socket.bytesRead, down: socket.bytesWritten };
      this.#setup.onClose(visit);
    });
  };

  #onDialled(port: number): void {
    const socket = processSockets.dialled.get(port);
    if (!socket || socket.remotePort !== this.#setup.targetPort || this.#servers.has(socket)) return;
    this.#servers.add(socket);
    socket.once('close', () => {
      this.#servers.delete(socket);
      addServer(this.#closedTraffic, socket);
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

class ObservedCauses extends Causes {
  #onLink: (innerPort: number) => void;
  #onUnreachable: () => void;

  constructor(linked: (innerPort: number) => void, unreachable: () => void) {
    super();
    this.#onLink = linked;
    this.#onUnreachable = unreachable;
  }

  override link(innerPort: number, outerPort: number): void {
    super.link(innerPort, outerPort);
    this.#onLink(innerPort);
  }

  override note(port: number, end: KnownCause): void {
    super.note(port, end);
    if (end.cause === 'target-unreachable') this.#onUnreachable();
  }
}
