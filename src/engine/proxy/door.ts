import { createServer, type Server, type Socket } from 'node:net';
import { Failure } from '../../shared/failure.ts';

/**
 * One loopback listener: where one lane enters the path to one target. Shut, its port refuses connections as a port
 * does where nobody listens; those already open live on.
 */
export class Door {
  readonly lane: string | null;
  #accept: (socket: Socket) => void;
  #asked: number;
  #port = 0;
  #server: Server | null = null;
  #shut: boolean;
  #ready: Promise<void>;

  constructor(lane: string | null, listen: number, shut: boolean, accept: (socket: Socket) => void) {
    this.lane = lane;
    this.#asked = listen;
    this.#shut = shut;
    this.#accept = accept;
    this.#ready = this.#open().then(() => this.#follow());
    this.#ready.catch(() => {}); // whoever asks for the port hears of it
  }

  /** Resolves once the door is as it was last told to be. */
  async port(): Promise<number> {
    for (let seen; seen !== this.#ready;) await (seen = this.#ready);
    return this.#port;
  }

  shut(shut: boolean): void {
    if (shut === this.#shut) return;
    this.#shut = shut;
    this.#ready = this.#ready.then(() => this.#follow());
    this.#ready.catch(() => {});
  }

  async close(): Promise<void> {
    await this.#ready.catch(() => {});
    this.#stop();
  }

  async #follow(): Promise<void> {
    if (this.#shut) this.#stop();
    else if (!this.#server) await this.#open();
  }

  #stop(): void {
    this.#server?.close(); // stops listening at once; open connections live on
    this.#server = null;
  }

  async #open(): Promise<void> {
    try {
      await this.#listen(this.#port || this.#asked);
    } catch (error) {
      if (this.#port === 0 || this.#asked !== 0) throw failureOf(error, this.#asked);
      await this.#listen(0); // someone took the port while the door was shut
    }
  }

  #listen(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, this.#accept);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port, backlog: 4096 }, () => {
        server.off('error', reject);
        server.on('error', () => {}); // a failed accept costs that connection, never the path
        this.#server = server;
        this.#port = (server.address() as { port: number }).port;
        resolve();
      });
    });
  }
}

function failureOf(error: unknown, port: number): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Failure({
    code: code === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen',
    message: code === 'EADDRINUSE' ? `Port ${port} is in use.` : `Cannot listen on 127.0.0.1:${port}: ${message}`,
    hint: 'Choose another port, or 0 for any free one.',
    exit: 3,
  });
}
