import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { Failure } from '../../../shared/failure.ts';
import type { Connections } from '../broker/connections.ts';

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

/** The port. It can be closed and opened again; the number stays. */
export class Listener {
  readonly host: string;
  port: number;
  readonly #connections: Connections;
  /** Engine milliseconds a real one. */
  readonly #scale: number;
  readonly #handlers: Handlers;
  #http: Server | null = null;

  constructor(host: string, port: number, connections: Connections, scale: number, handlers: Handlers) {
    this.host = host;
    this.port = port;
    this.#connections = connections;
    this.#scale = scale;
    this.#handlers = handlers;
  }

  get listening(): boolean {
    return this.#http?.listening === true;
  }

  get url(): string {
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
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

  #create(): Server {
    const scale = this.#scale;
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
    const connections = this.#connections;
    // one function for all connections: a closure each would be paid ten thousand times
    function onClose(this: Socket): void {
      connections.remove(this);
    }
    http.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.on('close', onClose);
    });
    http.on('request', (req, res) => handlers.request(req, res));
    http.on('checkContinue', (req, res) => handlers.checkContinue(req, res));
    http.on('checkExpectation', (req, res) => handlers.checkExpectation(req, res));
    http.on('upgrade', (req, socket, head) => {
      socket.on('error', () => {}); // Node has taken its own listeners off
      // cast: typed as a stream, but a TCP socket on this server
      handlers.upgrade(req, socket as Socket, head);
    });
    // cast: typed as a stream, but a TCP socket on this server
    http.on('clientError', (error, socket) => handlers.clientError(error, socket as Socket));
    return http;
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
