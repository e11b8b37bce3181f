/** A server on port 0 and small clients that read what stands on the wire. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Causes } from '../../../src/engine/evidence/causes.ts';
import type { EventLog, Retention } from '../../../src/engine/log/event-log.ts';
import { memoryLog } from '../../../src/engine/log/index.ts';
import { EventServer, type EventServerOptions, type ServerSettings } from '../../../src/engine/server/event-server.ts';
import { TRANSPORTS } from '../../../src/engine/transports/index.ts';
import type { Clock } from '../../../src/shared/clock.ts';
import { DEFAULTS } from '../../../src/shared/defaults.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { steadyClock } from '../../helpers/steady-clock.ts';
import { seeded } from '../../../src/shared/random.ts';

export interface Rig {
  server: EventServer;
  log: EventLog;
  url: string;
  port: number;
  causes: Causes;
  /** Publishes `1`, `2`, … up to `count` more, on channel `a`. */
  fill(count: number, channel?: string): void;
  cursor(seq: number): string;
}

export async function startServer(
  options: {
    clock?: Clock;
    settings?: Partial<ServerSettings>;
    retention?: Partial<Retention>;
    log?: EventLog;
  } & Partial<Pick<EventServerOptions, 'limits' | 'retryMs' | 'port'>> = {},
): Promise<Rig> {
  const clock = options.clock ?? steadyClock();
  const log =
    options.log ?? memoryLog({ clock, random: seeded(3), retention: { ...DEFAULTS.retain, ...options.retention } });
  const causes = new Causes();
  const server = new EventServer({
    transports: TRANSPORTS,
    host: '127.0.0.1',
    port: options.port ?? 0,
    log,
    clock,
    random: seeded(4),
    causes,
    settings: {
      heartbeatMs: 15_000,
      holdMs: 25_000,
      holdCapMs: null,
      maxAgeMs: 600_000,
      advice: 'auto',
      cors: 'off',
      ...options.settings,
    },
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
  });
  const { url, port } = await server.listen();
  onTestFinished(async () => {
    const closed = server.close();
    if (clock instanceof FakeClock) await clock.pass(10_000);
    await closed;
  });
  let filled = 0;
  return {
    server,
    log,
    url,
    port,
    causes,
    fill(count, channel = 'a') {
      for (let i = 0; i < count; i++) void server.publish(channel, { type: 'n', data: String(++filled) });
    },
    cursor: (seq) => `${log.channel('a').bounds().epoch}.${seq}`,
  };
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: any;
}

/** One request on a connection of its own, unless an agent is given by `headers.connection`. */
export function httpRequest(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string | Buffer,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers, agent: false }, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('error', reject);
      res.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({
          status: res.statusCode!,
          headers: res.headers,
          text,
          json: /json/.test(res.headers['content-type'] ?? '') && text !== '' ? JSON.parse(text) : null,
        });
      });
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Waits until something holds, looking each turn of the event loop and then a little less often. */
export async function until<T>(look: () => T | undefined | null | false, what = 'it'): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (let i = 0; ; i++) {
    const found = look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited 30 s for ${what}`);
    await new Promise((resolve) => (i < 50 ? setImmediate(resolve) : setTimeout(resolve, 5)));
  }
}

export interface SseBlock {
  id?: string;
  event?: string;
  data?: string;
  time?: string;
  retry?: string;
  comment?: string;
}

/** A raw connection that has sent a request and keeps all it receives. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  ended: 'fin' | 'rst' | null = null;

  constructor(port: number, firstBytes: string | Buffer) {
    this.socket = connect(port, '127.0.0.1', () => this.socket.write(firstBytes));
    this.socket.on('data', (bytes) => (this.text += bytes.toString('latin1')));
    this.socket.on('end', () => (this.ended ??= 'fin'));
    this.socket.on('error', () => (this.ended = 'rst'));
    onTestFinished(() => void this.socket.destroy());
  }

  static get(port: number, path: string, headers: Record<string, string> = {}, version = '1.1'): RawClient {
    const lines = Object.entries({ Host: 'localhost', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
    return new RawClient(port, `GET ${path} HTTP/${version}\r\n${lines.join('')}\r\n`);
  }

  static sse(port: number, path = '/events/a', headers: Record<string, string> = {}): RawClient {
    return RawClient.get(port, path, { Accept: 'text/event-stream', ...headers });
  }

  get head(): string {
    return this.text.slice(0, this.text.indexOf('\r\n\r\n') + 2);
  }

  get status(): number {
    return Number(this.text.slice(9, 12));
  }

  /** The body with its chunks put together; `done` once the last chunk has come. */
  get body(): { text: string; done: boolean } {
    let rest = this.text.slice(this.text.indexOf('\r\n\r\n') + 4);
    if (!/^transfer-encoding: chunked/im.test(this.head)) return { text: utf8(rest), done: this.ended === 'fin' };
    let text = '';
    for (;;) {
      const m = /^([0-9a-f]+)\r\n/.exec(rest);
      if (!m) return { text: utf8(text), done: false };
      const size = parseInt(m[1]!, 16);
      if (size === 0) return { text: utf8(text), done: true };
      if (rest.length < m[0].length + size + 2) return { text: utf8(text), done: false };
      if (rest.slice(m[0].length + size, m[0].length + size + 2) !== '\r\n') throw new Error('a chunk does not end');
      text += rest.slice(m[0].length, m[0].length + size);
      rest = rest.slice(m[0].length + size + 2);
    }
  }

  get blocks(): SseBlock[] {
    return this.body.text
      .split('\n\n')
      .slice(0, -1)
      .map((block) => {
        const fields: SseBlock = {};
        for (const line of block.split('\n')) {
          const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
          const key = (name === '' ? 'comment' : name) as keyof SseBlock;
          fields[key] = fields[key] === undefined ? value : `${fields[key]}\n${value}`;
        }
        return fields;
      });
  }

  /** The log's own events among them. */
  get events(): SseBlock[] {
    return this.blocks.filter((b) => b.event && !['hello', 'gap', 'bye', 'end'].includes(b.event));
  }

  control(event: string): { id?: string; data: any }[] {
    return this.blocks
      .filter((b) => b.event === event)
      .map(({ id, data }) => ({ ...(id === undefined ? {} : { id }), data: JSON.parse(data!) }));
  }
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString();

/** A WebSocket that keeps what it hears. */
export class WsClient {
  readonly ws: WebSocket;
  messages: any[] = [];
  pings = 0;
  closed: { code: number; reason: string } | null = null;
  refused: { status: number; body: string } | null = null;

  constructor(url: string, options: { protocols?: string[]; origin?: string; autoPong?: boolean } = {}) {
    const { protocols = ['events.v1'], ...rest } = options;
    this.ws = new WebSocket(url.replace(/^http/, 'ws'), protocols, { perMessageDeflate: false, ...rest });
    this.ws.on('message', (data) => this.messages.push(JSON.parse(String(data))));
    this.ws.on('ping', () => this.pings++);
    this.ws.on('error', () => {});
    this.ws.on('close', (code, reason) => (this.closed = { code, reason: String(reason) }));
    this.ws.on('unexpected-response', (_req, res) => {
      let body = '';
      res.on('data', (part) => (body += String(part)));
      res.on('end', () => (this.refused = { status: res.statusCode!, body }));
    });
    onTestFinished(() => this.ws.terminate());
  }

  of(t: string): any[] {
    return this.messages.filter((m) => m.t === t);
  }

  async say(message: object | string): Promise<void> {
    await until(() => this.ws.readyState === WebSocket.OPEN, 'the WebSocket to open');
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }
}
