import { connect, type Socket } from 'node:net';
import { constants, gunzipSync } from 'node:zlib';
import type { Evidence, Method } from '../../../src/shared/catalog.ts';
import type { EntryPoint } from '../../../src/engine/proxy/path.ts';
import type { FakeClock } from '../../helpers/fake-clock.ts';

export interface ClientSetup {
  method: Method;
  clock: FakeClock;
  enter: () => Promise<EntryPoint>;
  /** Accepts gzip, as browsers do. */
  gzip: boolean;
}

/** No divisor of any limit: a poll under way at the very moment of an end is another matter. */
const POLL_EVERY_MS = 1900;
/** After an answer to a held poll: one that a cache answers at once must not spin. */
const ASK_AGAIN_MS = 50;

/** A client of one method on bare sockets: it notes what it sees, and does not come back from an end. */
export class Client {
  /** What it saw of its end; null: nothing yet. */
  ended: { evidence: Evidence; at: number } | null = null;
  /** A head has come: 101, or 200. */
  opened = false;
  /** All text of events so far. */
  text = '';
  bytes = 0;
  readonly #setup: ClientSetup;
  #socket: Socket | null = null;
  #input: Buffer = Buffer.alloc(0);
  #head: string | null = null;
  #body: Buffer = Buffer.alloc(0);
  #asking = false;
  #stopped = false;

  constructor(setup: ClientSetup) {
    this.#setup = setup;
  }

  async start(): Promise<void> {
    await this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  /** Whatever a client may send by itself. */
  send(): void {
    this.#socket?.write('\r\n');
  }

  get #polls(): boolean {
    return this.#setup.method.endsWith('polling');
  }

  async #ask(): Promise<void> {
    if (this.#stopped || this.ended) return;
    this.#asking = true;
    const socket = this.#socket?.writable ? this.#socket : await this.#dial();
    const { method, gzip } = this.#setup;
    const own =
      method === 'websocket'
        ? ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
        : gzip
          ? ['Accept-Encoding: gzip']
          : [];
    socket.write(['GET /events HTTP/1.1', 'Host: origin', ...own, '', ''].join('\r\n'));
  }

  async #dial(): Promise<Socket> {
    const { host, port } = await this.#setup.enter();
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#socket = socket;
    this.#input = Buffer.alloc(0);
    this.#head = null;
    const mine = (fn: () => void) => () => {
      if (this.#socket === socket) fn();
    };
    socket.on('data', (b: Buffer) => {
      this.bytes += b.length;
      this.#input = Buffer.concat([this.#input, b]);
      mine(() => this.#read())();
    });
    socket.on(
      'end',
      mine(() => this.#lost('fin')),
    );
    socket.on('error', (e: NodeJS.ErrnoException) =>
      mine(() => this.#lost(e.code === 'ECONNREFUSED' ? 'refused' : 'rst'))(),
    );
    return socket;
  }

  /** The connection is gone: an end, unless it was between two polls. */
  #lost(evidence: Evidence): void {
    if (this.#asking) this.#end(evidence);
    else this.#socket?.destroy();
    this.#socket = null;
  }

  #end(evidence: Evidence): void {
    this.ended ??= { evidence, at: this.#setup.clock.now() };
    this.#stopped = true;
  }

  #read(): void {
    if (this.#head === null) {
      const end = this.#input.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#head = this.#input.subarray(0, end).toString('latin1');
      this.#input = this.#input.subarray(end + 4);
      this.#body = Buffer.alloc(0);
      const status = Number(this.#head.split(' ')[1]);
      if (status !== (this.#setup.method === 'websocket' ? 101 : 200)) return this.#end(`status:${status}`);
      this.opened = true;
    }
    if (this.#setup.method === 'websocket') return this.#readTunnel();
    const complete = /transfer-encoding: *chunked/i.test(this.#head) ? this.#readChunks() : this.#readLength();
    if (!this.#polls) this.text = this.#decoded();
    if (!complete) return;
    if (!this.#polls) return this.#end('clean-end');
    this.text += this.#decoded();
    const closes = /connection: *close/i.test(this.#head);
    this.#head = null;
    this.#asking = false;
    if (closes) {
      this.#socket?.destroy();
      this.#socket = null;
    }
    const pause = this.#setup.method === 'long-polling' ? ASK_AGAIN_MS : POLL_EVERY_MS;
    this.#setup.clock.after(pause, () => void this.#ask());
  }

  #readTunnel(): void {
    const input = this.#input.toString('latin1');
    this.#input = Buffer.alloc(0);
    const close = input.indexOf('\x88\x02');
    if (close >= 0) return this.#end(`close:${input.charCodeAt(close + 2) * 256 + input.charCodeAt(close + 3)}`);
    this.text += input;
    for (const _ of input.matchAll(/ping/g)) this.#socket?.write('pong\n');
  }

  /** @returns whether the body is complete */
  #readChunks(): boolean {
    for (let line = this.#input.indexOf('\r\n'); line >= 0; line = this.#input.indexOf('\r\n')) {
      const size = parseInt(this.#input.subarray(0, line).toString('latin1'), 16);
      if (this.#input.length < line + 2 + size + 2) return false;
      this.#body = Buffer.concat([this.#body, this.#input.subarray(line + 2, line + 2 + size)]);
      this.#input = this.#input.subarray(line + 2 + size + 2);
      if (size === 0) return true;
    }
    return false;
  }

  #readLength(): boolean {
    const length = Number(/content-length: *(\d+)/i.exec(this.#head!)?.[1] ?? Infinity);
    const left = length - this.#body.length;
    this.#body = Buffer.concat([this.#body, this.#input.subarray(0, left)]);
    this.#input = this.#input.subarray(Math.min(left, this.#input.length));
    return this.#body.length >= length;
  }

  #decoded(): string {
    if (this.#body.length === 0 || !/content-encoding: *gzip/i.test(this.#head!)) return this.#body.toString('latin1');
    return gunzipSync(this.#body, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  }
}
