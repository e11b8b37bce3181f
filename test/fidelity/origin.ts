/** The origin both sides are measured against. It notes what it saw, by the id each request carries. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Seen {
  requests: {
    at: number;
    version: string;
    upgrade: boolean;
    reused: boolean;
    fields: IncomingMessage['headers'];
    raw: string[];
  }[];
  /** How the socket that carried it was ended from the other side. */
  ended: { how: 'FIN' | 'RST'; at: number }[];
  /** When each event was written, by its id from 1. */
  wrote: number[];
  beats: number;
  finishedAt: number | null;
}

interface Tracked extends Socket {
  id?: string;
  /** It has carried a request before. */
  used?: boolean;
}

export class Origin {
  port = 0;
  #server: Server;
  #seen = new Map<string, Seen>();
  #sockets = new Set<Tracked>();
  #hits = new Map<string, number>();

  constructor() {
    this.#server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0, headersTimeout: 0, noDelay: true });
    this.#server.on('connection', (socket: Tracked) => {
      this.#sockets.add(socket);
      const ended = (how: 'FIN' | 'RST'): void => {
        if (socket.id !== undefined) this.seen(socket.id).ended.push({ how, at: performance.now() });
      };
      socket.on('end', () => ended('FIN'));
      socket.on('error', (e: NodeJS.ErrnoException) => e.code === 'ECONNRESET' && ended('RST'));
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('clientError', (_e, socket) => socket.destroy());
    this.#server.on('request', (req, res) => this.#answer(req, res));
    this.#server.on('upgrade', (req, socket: Socket, head) => this.#upgrade(req, socket, head));
  }

  async start(): Promise<this> {
    await new Promise<void>((r) => this.#server.listen(0, '127.0.0.1', r));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((r) => this.#server.close(r));
  }

  seen(id: string): Seen {
    let seen = this.#seen.get(id);
    if (!seen) {
      seen = { requests: [], ended: [], wrote: [], beats: 0, finishedAt: null };
      this.#seen.set(id, seen);
    }
    return seen;
  }

  hits(key: string): number {
    return this.#hits.get(key) ?? 0;
  }

  #begin(req: IncomingMessage): { url: URL; seen: Seen } {
    const url = new URL(req.url!.replace(/^https?:\/\/[^/]+/, ''), 'http://origin');
    const id = url.searchParams.get('id') ?? '';
    const socket = req.socket as Tracked;
    socket.id = id;
    const seen = this.seen(id);
    seen.requests.push({
      at: performance.now(),
      version: req.httpVersion,
      upgrade: req.headers.upgrade !== undefined,
      reused: socket.used ?? false,
      fields: req.headers,
      raw: req.rawHeaders,
    });
    socket.used = true;
    const key = url.searchParams.get('key');
    if (key) this.#hits.set(key, this.hits(key) + 1);
    return { url, seen };
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const { url, seen } = this.#begin(req);
    const q = url.searchParams;
    const number = (key: string, otherwise: number): number => Number(q.get(key) ?? otherwise);
    const fields: Record<string, string | number> = {};
    if (q.get('cc') !== 'none') fields['Cache-Control'] = q.get('cc') ?? 'no-cache';
    if (q.has('cookie')) fields['Set-Cookie'] = `who=${this.hits(q.get('key') ?? '')}`;
    if (q.has('vary')) fields['Vary'] = q.get('vary')!;
    if (q.has('names')) fields['X-MiXed-nAme'] = '1';
    const timers: NodeJS.Timeout[] = [];
    res.on('close', () => timers.forEach((t) => clearInterval(t)));
    const destroyAll = (): void => {
      if (q.get('die') === 'rst') req.socket.resetAndDestroy();
      else req.socket.destroy();
    };
    if (url.pathname === '/poll') {
      const body = JSON.stringify({ pad: 'x'.repeat(400), id: q.get('v') });
      const etag = `"${createHash('sha1').update(body).digest('hex').slice(0, 12)}"`;
      Object.assign(fields, { 'Content-Type': 'application/json', ETag: etag });
      if ((req.headers['if-none-match'] ?? '').split(/,\s*/).includes(etag))
        return void res.writeHead(304, fields).end();
      return void res.writeHead(200, { ...fields, 'Content-Length': body.length }).end(body);
    }
    if (url.pathname === '/long-poll') {
      timers.push(
        setTimeout(
          () => {
            if (q.has('die')) return destroyAll();
            seen.finishedAt = performance.now();
            const status = number('status', 204);
            if (status === 204) res.writeHead(204, fields).end();
            else res.writeHead(status, { ...fields, 'Content-Length': 2 }).end('{}');
          },
          number('hold', 1000),
        ),
      );
      return;
    }
    if (url.pathname === '/sse') {
      fields['Content-Type'] = 'text/event-stream';
      if (q.get('xab') === '1') fields['X-Accel-Buffering'] = 'no';
      res.writeHead(200, fields).flushHeaders();
      const n = number('n', 3);
      const event = (): void => {
        if (seen.wrote.length >= n || res.destroyed) return;
        seen.wrote.push(performance.now());
        const text = `id: ${seen.wrote.length}\ndata: `;
        res.write(`${text}${'x'.repeat(Math.max(1, 48 - text.length))}\n\n`);
      };
      timers.push(
        setTimeout(
          () => {
            event();
            timers.push(setInterval(event, number('every', 100)));
          },
          number('first', 0),
        ),
      );
      if (q.has('beat')) {
        timers.push(
          setInterval(
            () => {
              seen.beats++;
              res.write(': hb\n\n');
            },
            number('beat', 1000),
          ),
        );
      }
      if (q.has('for')) {
        timers.push(
          setTimeout(
            () => {
              if (q.has('die')) return destroyAll();
              seen.finishedAt = performance.now();
              res.end();
            },
            number('for', 1000),
          ),
        );
      }
      return;
    }
    if (url.pathname === '/ws') return void res.writeHead(426, { 'Content-Length': 16 }).end('Upgrade Required');
    res.writeHead(404, { 'Content-Length': 0 }).end();
  }

  #upgrade(req: IncomingMessage, socket: Socket, head: Buffer): void {
    const { url } = this.#begin(req);
    const accept = createHash('sha1')
      .update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.setNoDelay(true);
    const ping = Number(url.searchParams.get('ping') ?? 0);
    const timer = ping > 0 ? setInterval(() => socket.write(Buffer.from([0x89, 0])), ping) : undefined;
    const mute = url.searchParams.get('echo') === '0';
    let held = head;
    socket.on('data', (bytes) => {
      held = Buffer.concat([held, bytes]);
      // Clients send short masked frames only: 2 bytes, the mask, the payload.
      while (held.length >= 6 && held.length >= 6 + (held[1]! & 127)) {
        const length = held[1]! & 127;
        const opcode = held[0]! & 15;
        held = held.subarray(6 + length);
        if (opcode === 1 && !mute) socket.write(Buffer.from([0x81, 0]));
        else if (opcode === 9) socket.write(Buffer.from([0x8a, 0]));
      }
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(timer));
  }
}
