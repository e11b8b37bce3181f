/** Servers and proxies on free ports, each noting what it was asked. */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import type { EndpointHost } from '../../../src/engine/run/run-endpoint.ts';
import { Lab } from '../../../src/engine/lab.ts';
import type { Observation, ObservationType } from '../../../src/shared/observation.ts';
import type { LaneSpec, RunConfig } from '../../../src/shared/run-config.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});
export const later = (fn: () => unknown): void => void undo.push(fn);

export async function listening(server: net.Server): Promise<number> {
  const open = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export interface Asked {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export type Answer = (req: Asked, res: http.ServerResponse) => void;

/** Takes each request whole, notes it, and has it answered. */
export function noting(asked: Asked[], answer: Answer): http.RequestListener {
  return (req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      const one = { method: req.method!, url: req.url!, headers: req.headers, body };
      asked.push(one);
      answer(one, res);
    });
  };
}

export async function server(answer: Answer): Promise<{ port: number; asked: Asked[] }> {
  const asked: Asked[] = [];
  return { port: await listening(http.createServer(noting(asked, answer))), asked };
}

/** An event stream with these events, which then stays open. */
export function stream(res: http.ServerResponse, ...data: string[]): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.flushHeaders();
  data.forEach((text, i) => res.write(`id: ${i + 1}\ndata: ${text}\n\n`));
}

/** An HTTP proxy: whole requests are sent on, CONNECT opens a tunnel. */
export async function httpProxy(user: string | null = null): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const wanted = user === null ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  const refused = (req: http.IncomingMessage): boolean => req.headers['proxy-authorization'] !== wanted;
  const proxy = http.createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    if (refused(req)) return void res.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' }).end();
    const { 'proxy-authorization': _, ...headers } = req.headers;
    req.pipe(
      http.request(req.url!, { method: req.method!, headers }, (from) => {
        res.writeHead(from.statusCode!, from.headers);
        from.pipe(res);
      }),
    );
  });
  proxy.on('connect', (req, socket: net.Socket) => {
    asked.push(`CONNECT ${req.url}`);
    if (refused(req))
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
    const [host, port] = req.url!.split(':');
    const up = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      up.pipe(socket).pipe(up);
    });
    up.on('error', () => socket.destroy());
    socket.on('error', () => up.destroy());
  });
  return { port: await listening(proxy), asked };
}

/** A SOCKS5 proxy. */
export async function socksProxy(user: string | null = null): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const serve = async (socket: net.Socket): Promise<void> => {
    socket.on('error', () => {});
    const take = async (n: number): Promise<Buffer> => {
      for (;;) {
        const got = socket.read(n) as Buffer | null;
        if (got) return got;
        await once(socket, 'readable');
      }
    };
    const [, count = 0] = await take(2);
    const offered = await take(count);
    if (user === null) socket.write(Buffer.from([5, 0]));
    else {
      if (!offered.includes(2)) return void socket.end(Buffer.from([5, 255]));
      socket.write(Buffer.from([5, 2]));
      const [, u = 0] = await take(2);
      const name = (await take(u)).toString();
      const word = (await take((await take(1))[0]!)).toString();
      socket.write(Buffer.from([1, `${name}:${word}` === user ? 0 : 1]));
      if (`${name}:${word}` !== user) return void socket.end();
    }
    const [, , , kind] = await take(4);
    const host = kind === 1 ? [...(await take(4))].join('.') : (await take((await take(1))[0]!)).toString();
    const port = (await take(2)).readUInt16BE(0);
    asked.push(`${kind === 1 ? 'address' : 'name'} ${host}:${port}`);
    const up = net.connect(port, host, () => {
      socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      up.pipe(socket).pipe(up);
    });
    up.on('error', () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
  };
  const proxy = net.createServer((socket) => void serve(socket));
  return { port: await listening(proxy), asked };
}

export type Of<T extends ObservationType> = Extract<Observation, { type: T }>;

/** A lab that follows this target, and what it said. */
export async function follow(
  target: Partial<RemoteTarget>,
  lanes: LaneSpec[],
  { config = {}, ...host }: EndpointHost & { config?: Partial<RunConfig> } = {},
): Promise<{
  seen: Observation[];
  all<T extends ObservationType>(type: T): Of<T>[];
  until<T extends ObservationType>(type: T, fits?: (o: Of<T>) => boolean): Promise<Of<T>>;
  lab: Lab;
}> {
  const seen: Observation[] = [];
  const waiting = new Set<() => void>();
  const whole: RemoteTarget = {
    kind: 'remote',
    name: 'under test',
    base: null,
    urls: {},
    channel: 'demo',
    headers: {},
    dialect: 'plain',
    proxy: 'none',
    ...target,
  };
  const lab = new Lab({
    host: 'cli',
    version: '0',
    dataDir: null,
    direct: config.path === undefined,
    wire: true,
    endpointHost: host,
    config: { target: whole, lanes, pollMs: 50, backoff: 'none', seed: 1, ...config },
  });
  later(() => lab.close());
  lab.listen((o) => {
    seen.push(o);
    for (const look of [...waiting]) look();
  });
  await lab.start();
  const all = <T extends ObservationType>(type: T): Of<T>[] => seen.filter((o): o is Of<T> => o.type === type);
  return {
    seen,
    all,
    lab,
    until: (type, fits = () => true) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${type} in ${JSON.stringify(seen.slice(-8))}`)), 20_000);
        const look = (): void => {
          const found = all(type).find(fits);
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
