import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { Failure } from '../../../shared/failure.ts';

export interface Handlers {
  request(req: IncomingMessage, res: ServerResponse): void;
  /** `Expect: 100-continue`: the body has not been sent yet. */
  checkContinue(req: IncomingMessage, res: ServerResponse): void;
  /** Any other `Expect`. */
  checkExpectation(req: IncomingMessage, res: ServerResponse): void;
  upgrade(req: IncomingMessage, socket: Socket, head: Buffer): void;
  /** What came in is not HTTP. */
  clientError(error: NodeJS.ErrnoException, socket: Socket): void;
}

/** The port, and every connection on it. It can be closed and opened again; the number stays. */
export class Listener {
  readonly host: string;
  port: number;
  /** Open connections, and the engine time each came. */
  readonly sockets = new Map<Socket, number>();
  /** A connection beyond these is accepted, so that it can be answered 429, and marked `overLimit`. */
  maxConnections = Infinity;
  readonly overLimit = new WeakSet<Socket>();
  #http: Server | null = null;
  #handlers: Handlers;
  #clock: Clock;
  #closedSocketBytes = 0;
  #onEmpty: (() => void)[] = [];

  constructor(host: string, port: number, clock: Clock, handlers: Handlers) {
    this.host = host;
    this.port = port;
    this.#clock = clock;
    this.#handlers = handlers;
  }

  get listening(): boolean {
    return this.#http?.listening === true;
  }

  get url(): string {
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  /** Bytes written to sockets since the first opening. */
  get bytesOut(): number {
    let bytes = this.#closedSocketBytes;
    for (const socket of this.sockets.keys()) bytes += socket.bytesWritten;
    return bytes;
  }

  /** @throws Failure `port-in-use`, `cannot-listen` */
  async open(): Promise<void> {
    const http = this.#create();
    await new Promise<void>((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => reject(listenFailure(error, this.host, this.port));
      http.once('error', onError);
      http.listen({ host: this.host, port: this.port, backlog: 4096 }, () => {
        http.off('error', onError);
        http.on('error', () => {}); // such as EMFILE on accept: the connection is lost, the server is not
        resolve();
      });
    });
    const address = http.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
    this.#http = http;
  }

  /** Takes no new connections, and closes those that are idle. */
  stop(): void {
    this.#http?.close();
    this.#http = null;
  }

  /** Resolves when no connection is left. */
  whenEmpty(): Promise<void> {
    if (this.sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #create(): Server {
    const { scale } = this.#clock;
    const http = createServer({
      keepAliveTimeout: Math.ceil(DEFAULTS.keepAliveMs / scale),
      headersTimeout: Math.ceil(DEFAULTS.headersTimeoutMs / scale),
      requestTimeout: Math.ceil(300_000 / scale),
      connectionsCheckingInterval: Math.ceil(10_000 / scale),
      noDelay: true,
      requireHostHeader: false, // checked by the router: Node would answer by itself
      // h2c and others are not supported: the Upgrade is ignored (RFC 9110, 7.8)
      shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
    });
    const handlers = this.#handlers;
    const { sockets } = this;
    // one function for all connections: a closure each would be paid ten thousand times
    const closed = this.#closed.bind(this);
    function onClose(this: Socket): void {
      closed(this);
    }
    http.on('connection', (socket: Socket) => {
      sockets.set(socket, this.#clock.now());
      if (sockets.size > this.maxConnections) this.overLimit.add(socket);
      socket.on('close', onClose);
    });
    http.on('request', (req, res) => handlers.request(req, res));
    http.on('checkContinue', (req, res) => handlers.checkContinue(req, res));
    http.on('checkExpectation', (req, res) => handlers.checkExpectation(req, res));
    http.on('upgrade', (req, socket, head) => {
      socket.on('error', () => {}); // Node has taken its own listeners off
      handlers.upgrade(req, socket as Socket, head);
    });
    http.on('clientError', (error, socket) => handlers.clientError(error, socket as Socket));
    return http;
  }

  #closed(socket: Socket): void {
    this.#closedSocketBytes += socket.bytesWritten;
    this.sockets.delete(socket);
    if (this.sockets.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): Failure {
  if (error.code === 'EADDRINUSE') {
    return new Failure({
      code: 'port-in-use',
      place: '--port',
      message: `Port ${port} on ${host} is taken.`,
      hint: 'Choose another, or 0 for any free one.',
      exit: 3,
    });
  }
  return new Failure({
    code: 'cannot-listen',
    place: error.code === 'EACCES' ? '--port' : '--host',
    message: `Cannot listen on ${host}:${port}: ${error.code ?? error.message}.`,
    hint: 'Name an address of this machine and a port above 1023.',
    exit: 3,
  });
}
