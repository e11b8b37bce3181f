import { createServer, type Server, type Socket } from 'node:net';
import { Failure, codeOf, messageOf } from '../../shared/failure.ts';

/**
 * One loopback listener: where one lane enters the path to one target. While refusing, its port does not listen;
 * connections already open live on.
 */
export class Listener {
  readonly lane: string | null;
  #accept: (socket: Socket) => void;
  #requestedPort: number;
  #port = 0;
  #server: Server | null = null;
  #refusing: boolean;
  #ready: Promise<void>;

  constructor(lane: string | null, listen: number, shut: boolean, accept: (socket: Socket) => void) {
    this.lane = lane;
    this.#requestedPort = listen;
    this.#refusing = shut;
    this.#accept = accept;
    this.#ready = this.#bind().then(() => this.#applyState());
    this.#ready.catch(() => {}); // reported by `port()`
  }

  /** Resolves once the last requested state holds. */
  async port(): Promise<number> {
    for (let settled; settled !== this.#ready;) await (settled = this.#ready);
    return this.#port;
  }

  setRefusing(shut: boolean): void {
    if (shut === this.#refusing) return;
    this.#refusing = shut;
    this.#ready = this.#ready.then(() => this.#applyState());
    this.#ready.catch(() => {});
  }

  async close(): Promise<void> {
    await this.#ready.catch(() => {});
    this.#stop();
  }

  async #applyState(): Promise<void> {
    if (this.#refusing) this.#stop();
    else if (!this.#server) await this.#bind();
  }

  #stop(): void {
    this.#server?.close(); // stops listening at once; open connections live on
    this.#server = null;
  }

  async #bind(): Promise<void> {
    try {
      await this.#listen(this.#port || this.#requestedPort);
    } catch (error) {
      if (this.#port === 0 || this.#requestedPort !== 0) throw failureOf(error, this.#requestedPort);
      await this.#listen(0); // someone took the port while it was not listening
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
        this.#port = (server.address() as { port: number }).port; // cast: it listens on TCP
        resolve();
      });
    });
  }
}

function failureOf(error: unknown, port: number): Failure {
  const code = codeOf(error);
  return new Failure({
    code: code === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen',
    message:
      code === 'EADDRINUSE' ? `Port ${port} is in use.` : `Cannot listen on 127.0.0.1:${port}: ${messageOf(error)}`,
    hint: 'Choose another port, or 0 for any free one.',
    exit: 3,
  });
}
