import { connect, createServer, type Server, type Socket } from 'node:net';
import { Causes } from '../../../src/engine/evidence/causes.ts';
import { Journal } from '../../../src/engine/journal/journal.ts';
import { Path } from '../../../src/engine/proxy/path.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import type { Observation } from '../../../src/shared/observation.ts';
import { seeded } from '../../../src/shared/random.ts';
import { steadyClock } from '../../helpers/steady-clock.ts';

/** One end of a real connection, and what it has seen: bytes, and how the other end went. */
export class End {
  readonly socket: Socket;
  text = '';
  /** `fin`, `rst`, `refused` or another error code, in the order seen. */
  readonly seen: string[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (b: Buffer) => (this.text += b.toString('latin1')));
    socket.on('end', () => this.seen.push('fin'));
    socket.on('error', (e: NodeJS.ErrnoException) =>
      this.seen.push(e.code === 'ECONNRESET' ? 'rst' : e.code === 'ECONNREFUSED' ? 'refused' : (e.code ?? 'error')),
    );
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }
}

/** A condition is waited for, never a delay. */
export async function eventually(what: () => unknown, within = 30_000): Promise<void> {
  const start = performance.now();
  while (!what()) {
    if (performance.now() - start > within) throw new Error(`never came true: ${what}`);
    await new Promise((r) => setTimeout(r, 2));
  }
}

/** A bare TCP server, a path to it, and clients that go through. */
export class Rig {
  readonly clock;
  readonly causes = new Causes();
  readonly journal;
  readonly facts: Observation[] = [];
  readonly path: Path;
  readonly arrived: End[] = [];
  readonly #server: Server;
  #clients: End[] = [];
  port = 0;

  constructor({ scale = 1, seed = 1 } = {}) {
    this.clock = steadyClock(scale);
    this.journal = new Journal(this.clock);
    this.journal.listen((o) => this.facts.push(o));
    this.path = new Path({ clock: this.clock, random: seeded(seed), journal: this.journal, causes: this.causes });
    this.#server = createServer({ allowHalfOpen: true }, (s) => this.arrived.push(new End(s)));
  }

  async start(via: string[] = [], host = '127.0.0.1'): Promise<this> {
    this.path.set(resolveVia(via));
    await new Promise<void>((r) => this.#server.listen(0, host, r));
    this.port = (this.#server.address() as { port: number }).port;
    return this;
  }

  set(...via: string[]): void {
    this.path.set(resolveVia(via));
  }

  /** A client on its way through; it may not have arrived yet. */
  async dial(lane = 'sse', host = '127.0.0.1', port = this.port): Promise<End> {
    const client = new End(connect({ ...(await this.path.enter(lane, host, port)), allowHalfOpen: true }));
    this.#clients.push(client);
    return client;
  }

  /** A client that has arrived, and the server's end of its connection. */
  async open(lane = 'sse', host = '127.0.0.1'): Promise<{ client: End; server: End; port: number }> {
    const n = this.arrived.length;
    const client = await this.dial(lane, host);
    await eventually(() => this.arrived.length > n);
    return { client, server: this.arrived[n]!, port: client.socket.localPort! };
  }

  async stop(): Promise<void> {
    for (const { socket } of [...this.#clients, ...this.arrived]) socket.destroy();
    await this.path.close();
    this.#server.close();
  }
}
