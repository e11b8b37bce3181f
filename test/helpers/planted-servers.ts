/** An origin with one fault a path, so that whoever looks for faults can be held to what is there. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createGzip, constants } from 'node:zlib';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../../src/shared/clock.ts';

interface PlantedEvent {
  id: number;
  data: string;
}

export interface PlantedServer {
  url: string;
  /** Requests so far, upgrades included. */
  requests(): number;
  close(): Promise<void>;
}

type Answer = (req: IncomingMessage, res: ServerResponse, q: (name: string, otherwise: number) => number) => void;

/** @param clock all its waiting is done by */
export async function plantedServer(clock: Clock, { everyMs = 200 } = {}): Promise<PlantedServer> {
  const log: PlantedEvent[] = [];
  const subscribers = new Set<(e: PlantedEvent) => void>();
  const sockets = new Set<Socket>();
  let requests = 0;
  let closed = false;
  const repeat = (ms: number, fn: () => void): (() => void) => {
    let over = false;
    let cancel = clock.after(ms, function again() {
      fn();
      if (!over && !closed) cancel = clock.after(ms, again);
    });
    return () => {
      over = true;
      cancel();
    };
  };
  repeat(everyMs, () => {
    const id = log.length + 1;
    const e = { id, data: JSON.stringify({ id, at: Math.round(clock.unixTime()), pad: 'x'.repeat(40) }) };
    log.push(e);
    for (const fn of subscribers) fn(e);
  });
  const open = (res: ServerResponse, fields: Record<string, string> = {}): void => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...fields });
    res.flushHeaders();
  };
  const text = (e: PlantedEvent, id = true): string => `${id ? `id: ${e.id}\n` : ''}data: ${e.data}\n\n`;
  const follow = (req: IncomingMessage, fn: (e: PlantedEvent) => void): void => {
    subscribers.add(fn);
    req.on('close', () => subscribers.delete(fn));
  };
  const lastId = (req: IncomingMessage): number => Number(req.headers['last-event-id'] ?? NaN);
  const stream =
    (replay: (after: number) => PlantedEvent[]): Answer =>
    (req, res) => {
      open(res);
      const after = lastId(req);
      if (!Number.isNaN(after)) for (const e of replay(after)) res.write(text(e));
      follow(req, (e) => res.write(text(e)));
    };
  /** Follows through something that lets go when it likes; a replay goes through it as well. */
  const through =
    (letGo: (of: typeof text, write: (t: string) => void) => (e: PlantedEvent) => void): Answer =>
    (req, res) => {
      open(res);
      const take = letGo(text, (t) => res.write(t));
      const since = lastId(req);
      if (!Number.isNaN(since)) for (const e of after(since)) take(e);
      follow(req, take);
    };
  const after = (id: number): PlantedEvent[] => log.filter((e) => e.id > id);

  const ANSWERS: Record<string, Answer> = {
    '/good': (req, res, q) => {
      stream(after)(req, res, q);
      res.write('retry: 1000\n\n');
      req.on(
        'close',
        repeat(q('beat', 1000), () => res.write(': beat\n\n')),
      );
    },
    '/idle': (_req, res, q) => {
      open(res);
      res.write(': hello\n\n');
      clock.after(q('ms', 1500), () => res.destroy());
    },
    '/quiet': (_req, res) => open(res),
    '/slow-beat': (_req, res, q) => {
      open(res);
      res.write('event: hello\ndata: {"epoch":"e","heartbeatMs":4000}\n\n');
      clock.after(q('ms', 1500), () => res.destroy());
    },
    '/life': (req, res, q) => {
      open(res);
      follow(req, (e) => res.write(text(e, false)));
      clock.after(q('ms', 2000), () => (q('clean', 0) === 1 ? res.end() : (req.socket as Socket).resetAndDestroy()));
    },
    '/by-size': through((of, write) => {
      let buffer = '';
      return (e) => {
        buffer += of(e);
        if (buffer.length < 1024) return;
        write(buffer);
        buffer = '';
      };
    }),
    '/by-time': (req, res, q) => {
      let buffer = '';
      open(res);
      for (const e of after(lastId(req))) buffer += text(e);
      follow(req, (e) => (buffer += text(e)));
      req.on(
        'close',
        repeat(q('ms', 1200), () => {
          res.write(buffer === '' ? '' : buffer);
          buffer = '';
        }),
      );
    },
    '/one-behind': through((of, write) => {
      let before = '';
      return (e) => {
        if (e.id % 3 !== 0) return;
        if (before) write(before);
        before = of(e);
      };
    }),
    '/until-end': (req, res) => {
      let buffer = '';
      open(res);
      for (const e of after(lastId(req))) buffer += text(e);
      follow(req, (e) => (buffer += text(e)));
      clock.after(2500, () => res.end(buffer));
    },
    '/bursts': (req, res) => {
      open(res);
      // its own habit: five at once, each made as it is sent
      const burst = (e: PlantedEvent): PlantedEvent[] =>
        e.id % 5 === 0 ? [0, 1, 2, 3, 4].map((i) => ({ id: e.id * 10 + i, data: e.data })) : [];
      for (const e of log.flatMap(burst)) if (e.id > lastId(req)) res.write(text(e));
      follow(
        req,
        (e) =>
          burst(e).length > 0 &&
          res.write(
            burst(e)
              .map((one) => text(one))
              .join(''),
          ),
      );
    },
    '/late-head': (req, res) => {
      clock.after(1600, () => stream(after)(req, res, () => 0));
    },
    '/no-ids': (req, res) => {
      open(res);
      follow(req, (e) => res.write(text(e, false)));
    },
    '/gzip': (req, res, q) => {
      const coded = /gzip/.test(String(req.headers['accept-encoding']));
      open(res, coded ? { 'content-encoding': 'gzip' } : {});
      const gzip = createGzip();
      if (coded) gzip.pipe(res);
      const send = (e: PlantedEvent): void => {
        if (!coded) return void res.write(text(e));
        gzip.write(text(e));
        if (q('flush', 0) === 1) gzip.flush(constants.Z_SYNC_FLUSH);
      };
      for (const e of after(lastId(req))) send(e);
      follow(req, send);
    },
    '/ignored': stream(() => []),
    '/repeats': stream((id) => log.filter((e) => e.id >= id)),
    '/gap': stream((id) => after(id).slice(-4)),
    '/from-start': (req, res) => {
      open(res);
      for (const e of log) res.write(text(e));
      follow(req, (e) => res.write(text(e)));
    },
    '/stored-stream': (req, res) => {
      open(res, { age: '12', 'x-cache': 'HIT' });
      follow(req, (e) => res.write(text(e)));
    },
    '/dies': (req, res) => {
      // the second connection goes mute; the others live
      const mute = ++died === 2;
      open(res);
      let sent = 0;
      follow(req, (e) => !(mute && ++sent > 3) && res.write(text(e)));
    },
    '/model': (_req, res, q) => {
      open(res);
      const chunk = (word: string): string =>
        `data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"${word}"}}]}\n\n`;
      for (const word of ['a', 'b', 'c']) res.write(chunk(word));
      clock.after(300, () => res.end(q('done', 0) === 1 ? 'data: [DONE]\n\n' : ''));
    },
    '/drained': (req, res) => {
      open(res);
      follow(req, (e) => {
        res.write(text(e));
        if (e.id % 20 === 0) res.end();
      });
    },
    '/login': (_req, res) => void res.writeHead(302, { location: '/sso/login' }).end(),
    '/moved': (_req, res) => void res.writeHead(307, { location: '/good' }).end(),
    '/sso/login': (_req, res) =>
      void res.writeHead(200, { 'content-type': 'text/html' }).end('<title>Sign in</title><input type=password>'),
    '/page': (_req, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<title>Shop</title>'),
    '/closed': (_req, res) => void res.writeHead(401, { 'www-authenticate': 'Bearer' }).end(),
    '/cors': (req, res) => {
      open(res, { 'access-control-allow-origin': 'https://app.example' });
      follow(req, (e) => res.write(text(e)));
    },
    '/state': (_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{"n":1}'),
    '/state-etag': (req, res) => {
      const same = req.headers['if-none-match'] === '"a"';
      res.writeHead(same ? 304 : 200, { 'content-type': 'application/json', etag: '"a"' }).end(same ? '' : '{"n":1}');
    },
    '/state-old': (_req, res) =>
      void res.writeHead(200, { 'content-type': 'application/json', age: '7' }).end('{"n":1}'),
    '/state-slow': (_req, res) =>
      void clock.after(1300, () => res.writeHead(200, { 'content-type': 'application/json' }).end('{"n":1}')),
    '/state-stale': (req, res) => {
      const n = req.url!.includes('_=') ? Math.round(clock.now()) : 5;
      res.writeHead(200, { 'content-type': 'application/json' }).end(`{"n":${n}}`);
    },
    '/held': (_req, res, q) => void clock.after(q('ms', 1500), () => res.writeHead(204).end()),
    '/held-504': (_req, res, q) => void clock.after(q('ms', 1500), () => res.writeHead(504).end()),
    '/held-fin': (_req, res, q) => void clock.after(q('ms', 1500), () => res.destroy()),
    '/not-held': (_req, res) => void res.writeHead(204).end(),
    '/held-for-ever': () => {},
  };
  let died = 0;

  const server = createServer((req, res) => {
    requests++;
    const url = new URL(req.url!, 'http://planted');
    const q = (name: string, otherwise: number): number => Number(url.searchParams.get(name) ?? otherwise);
    const answer = ANSWERS[url.pathname];
    if (answer) answer(req, res, q);
    else res.writeHead(404).end();
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  const wss = new WebSocketServer({ noServer: true, autoPong: false });
  server.on('upgrade', (req, socket, head) => {
    requests++;
    const url = new URL(req.url!, 'http://planted');
    if (url.pathname === '/ws-refused') return void socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
    wss.handleUpgrade(req, socket, head, (ws) => speak(ws, socket as Socket, url));
  });
  const speak = (ws: WebSocket, socket: Socket, url: URL): void => {
    const path = url.pathname;
    const ms = Number(url.searchParams.get('ms') ?? 1500);
    let last = clock.now();
    let dead = false;
    const undo: (() => void)[] = [];
    ws.on('close', () => undo.forEach((fn) => fn()));
    ws.on('ping', (data) => {
      last = clock.now();
      if (path !== '/ws-mute' && !dead) ws.pong(data);
    });
    ws.on('message', (data: Buffer) => {
      last = clock.now();
      if (path === '/ws-small' && data.length > 100_000) ws.close(1009);
    });
    if (path === '/ws-idle' || path === '/ws-hole') {
      undo.push(
        repeat(10, () => {
          if (clock.now() - last < ms) return;
          dead = true;
          if (path === '/ws-idle') socket.destroy();
        }),
      );
    }
    if (path === '/ws-life') {
      const code = Number(url.searchParams.get('code') ?? 0);
      clock.after(ms, () => (code ? ws.close(code, 'age') : socket.destroy()));
    }
    if (path === '/ws-1011') {
      undo.push(repeat(400, () => ws.ping()));
      clock.after(ms, () => ws.close(1011, 'keepalive ping timeout'));
    }
    if (path === '/ws-good' || path === '/ws-mute') {
      const send = (e: PlantedEvent): void => ws.send(e.data);
      subscribers.add(send);
      undo.push(
        () => subscribers.delete(send),
        repeat(1000, () => ws.ping()),
      );
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async close() {
      closed = true;
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
