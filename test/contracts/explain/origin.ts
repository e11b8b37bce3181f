import { createServer, type Server, type Socket } from 'node:net';
import type { Method } from '../../../src/shared/catalog.ts';
import type { FakeClock } from '../../helpers/fake-clock.ts';

export interface OriginSetup {
  method: Method;
  clock: FakeClock;
  /** A field of every response, such as `X-Accel-Buffering: no`. */
  fields: readonly string[];
  /** Held polls are answered after so long without an event; null: never. */
  holdMs: number | null;
}

/** A server of one method, written out byte by byte so that nothing of Node's own HTTP comes between. */
export class Origin {
  /** Requests that have reached it. */
  asked = 0;
  /** It has answered with 101. */
  upgraded = false;
  port = 0;
  bytes = 0;
  readonly #setup: OriginSetup;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Streams, tunnels and held polls: whoever waits for the next event. */
  readonly #waiting = new Map<Socket, { send: (text: string) => void; end?: () => void }>();
  #pending: string[] = [];

  constructor(setup: OriginSetup) {
    this.#setup = setup;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((r) => this.#server.listen(0, '127.0.0.1', r));
    this.port = (this.#server.address() as { port: number }).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  /** An event for whoever waits; polls that come later get it too. */
  publish(text: string): void {
    const { method } = this.#setup;
    if (method === 'short-polling' || (method === 'long-polling' && this.#waiting.size === 0)) this.#pending.push(text);
    this.#write(method === 'sse' ? `data: ${text}\n\n` : `${text}\n`);
  }

  /** A comment on a stream, a ping on a WebSocket. */
  heartbeat(): void {
    if (this.#setup.method === 'sse') this.#write(': hb\n\n');
    else if (this.#setup.method === 'websocket') this.#write('ping\n');
  }

  /** Ends its streams as they should be. */
  endStreams(): void {
    for (const { end } of this.#waiting.values()) end?.();
  }

  #write(text: string): void {
    for (const { send } of [...this.#waiting.values()]) send(text);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let input = '';
    let tunnel = false;
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const gone = (): void => {
      this.#waiting.delete(socket);
      socket.end();
    };
    socket.on('end', gone);
    socket.on('data', (b: Buffer) => {
      this.bytes += b.length;
      if (tunnel) return;
      input += b.toString('latin1');
      for (let end = input.indexOf('\r\n\r\n'); end >= 0; end = input.indexOf('\r\n\r\n')) {
        const head = input.slice(0, end);
        input = input.slice(end + 4);
        this.asked++;
        tunnel = this.#answer(socket, head);
      }
    });
  }

  /** @returns whether it is a tunnel from now on */
  #answer(socket: Socket, request: string): boolean {
    const { method, fields, holdMs, clock } = this.#setup;
    const http10 = / HTTP\/1\.0\b/.test(request);
    const write = (text: string): void => {
      if (socket.writable) socket.write(text, 'latin1');
    };
    const head = (status: string, ...own: string[]): string =>
      [`HTTP/1.1 ${status}`, 'Content-Type: text/event-stream', ...fields, ...own, '', ''].join('\r\n');
    const whole = (text: string): void => {
      write(head('200 OK', `Content-Length: ${text.length}`) + text);
      if (/connection: *close/i.test(request) || http10) socket.end();
    };
    if (method === 'websocket') {
      if (!/^upgrade: *websocket/im.test(request)) {
        write(head('426 Upgrade Required', 'Content-Length: 0'));
        return false;
      }
      this.upgraded = true;
      write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
      this.#waiting.set(socket, { send: write });
      return true;
    }
    if (method === 'sse') {
      write(head('200 OK', ...(http10 ? ['Connection: close'] : ['Transfer-Encoding: chunked'])));
      const send = (text: string): void => write(http10 ? text : `${text.length.toString(16)}\r\n${text}\r\n`);
      this.#waiting.set(socket, { send, end: () => (http10 ? socket.end() : write('0\r\n\r\n')) });
      return false;
    }
    const answer = (text: string): void => {
      this.#waiting.delete(socket);
      whole(text);
    };
    if (method === 'short-polling' || this.#pending.length > 0) {
      answer(this.#pending.splice(0).join('\n'));
      return false;
    }
    const cancel = holdMs === null ? () => {} : clock.after(holdMs, () => answer(''));
    this.#waiting.set(socket, { send: (text) => (cancel(), answer(text)) });
    return false;
  }
}
