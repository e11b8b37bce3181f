import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { realClock } from '../../engine/time/clock.ts';
import { guardHeaders, readStatic } from '../../engine/host/static-files.ts';
import { endWithRawResponse } from '../../engine/server/http/raw-response.ts';
import type { FeedSource } from '../../rpc/feed.ts';
import { serveEngine } from '../../rpc/serve.ts';
import { socketWire } from '../../rpc/socket-wire.ts';
import { Session, SUBPROTOCOL } from './session.ts';
import type { EngineApi } from '../../shared/api.ts';
import { csp } from '../../shared/csp.ts';
import { Failure } from '../../shared/failure.ts';

export interface BrowserHostOptions {
  engine: EngineApi & FeedSource;
  /** Where the built page is. */
  rendererDir: string;
  /** 0 for any free one. */
  port: number;
  /** The one other server the page may speak to; asked for each time the page is loaded. */
  eventServerUrl?: string | (() => string | null);
  /** A token admits one browser. Called with a new address when the old one has been used. */
  onRenewed?: (url: string) => void;
}

export interface BrowserHost {
  /** Open this once: it carries the token, and the page that comes leaves it out of the address bar. */
  readonly url: string;
  readonly origin: string;
  close(): Promise<void>;
}

type Reply = (status: number, text: string, headers?: Record<string, string>) => void;

const NOT_BUILT = 'The page has not been built yet. Run npm run build.';

/** Dashboards beyond these are turned away: each costs the engine its own feed. */
const MAX_PAGES = 32;
/** A publish of 1 MiB, escaped, still fits. */
const MAX_MESSAGE = 8 * 1024 * 1024;

/**
 * The page and its engine on the loopback interface. A loopback port is reachable: other programs, other users and
 * every web page in the same browser can connect, so Host (DNS rebinding), Origin and a session cookie are checked,
 * on the upgrade too, and there the key that only the page itself has.
 * @throws Failure `port-in-use` and the like, exit 3
 */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const session = new Session();
  let origin = '';

  const hostOk = (req: IncomingMessage): boolean => `http://${req.headers.host}` === origin;
  const policy = (): string => {
    const server = options.eventServerUrl;
    return csp(typeof server === 'function' ? server() : (server ?? null));
  };

  /**
   * A redirect, so that the token is gone from the address; the key goes with it as a fragment, which no browser sends on.
   * One that came here from a file or another site would not be sent the cookie behind a redirect (SameSite): it is
   * given the page itself, with the key in it.
   */
  const admit = async (req: IncomingMessage, res: ServerResponse, reply: Reply): Promise<void> => {
    if (req.method === 'HEAD') return reply(200, '');
    session.renewToken();
    res.setHeader('set-cookie', session.setCookie);
    if (req.headers['sec-fetch-site'] !== 'cross-site') {
      reply(303, 'You are inside.', { location: `/${session.keyFragment}` });
    } else {
      const page = await readStatic(options.rendererDir, '/', policy());
      if (!page) reply(503, NOT_BUILT);
      else res.writeHead(200, page.headers).end(session.withKey(String(page.body)));
    }
    options.onRenewed?.(host.url);
  };

  const handleRequest = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const reply: Reply = (status, text, headers = {}) => {
      res.writeHead(status, {
        ...guardHeaders(policy()),
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        ...headers,
      });
      res.end(req.method === 'HEAD' ? undefined : `${text}\n`);
    };
    if (!hostOk(req)) return reply(421, `This is not the host you asked for. Open ${origin}/`);
    if (req.method !== 'GET' && req.method !== 'HEAD') return reply(405, 'Only GET and HEAD.', { allow: 'GET, HEAD' });
    let url: URL;
    try {
      url = new URL(origin + req.url!); // not relative to it: `//name` would be another host
    } catch {
      return reply(400, 'This is not a path.');
    }
    const given = url.searchParams.get('token');
    if (given !== null && session.isToken(given)) return admit(req, res, reply);
    if (given !== null) {
      // whoever is inside may use an old address: it leads to the page
      if (session.hasCookie(req)) return reply(303, 'You are inside.', { location: '/' });
      return reply(403, 'This address has been used, or was never right. Heartline prints a new one in its terminal.');
    }
    if (!session.hasCookie(req))
      return reply(403, 'Open the address that Heartline printed in its terminal: it lets you in.');
    const file = await readStatic(options.rendererDir, url.pathname, policy());
    if (!file && url.pathname === '/') return reply(503, NOT_BUILT);
    if (!file) return reply(404, 'There is no such file.');
    res.writeHead(200, file.headers).end(req.method === 'HEAD' ? undefined : file.body);
  };

  const server = createServer((req, res) => {
    handleRequest(req, res).catch(() => res.headersSent || res.writeHead(500).end());
  });
  const pages = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    handleProtocols: () => SUBPROTOCOL,
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refused =
      req.url !== '/rpc'
        ? '404 Not Found'
        : !hostOk(req) || req.headers.origin !== origin || !session.hasCookie(req) || !session.hasKey(req)
          ? '403 Forbidden'
          : pages.clients.size >= MAX_PAGES
            ? '503 Service Unavailable'
            : null;
    if (refused !== null) {
      endWithRawResponse(socket, `HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, realClock());
      return;
    }
    pages.handleUpgrade(req, socket, head, (page) => {
      page.on('error', () => page.terminate());
      serveEngine(options.engine, socketWire(page), realClock());
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, options.port)));
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // cast: it listens on TCP
  origin = `http://127.0.0.1:${port}`;
  session.listensOn(port);

  const host: BrowserHost = {
    get url() {
      return `${origin}/?token=${session.token}`;
    },
    origin,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const page of pages.clients) page.close(1001, 'Heartline ends');
      server.closeIdleConnections();
      const impatience = realClock().after(500, () => {
        for (const page of pages.clients) page.terminate();
        server.closeAllConnections();
      });
      await closed;
      impatience();
    },
  };
  return host;
}

function cannotListen(error: NodeJS.ErrnoException, port: number): Failure {
  const [code, message, hint] =
    error.code === 'EADDRINUSE'
      ? ['port-in-use', `Port ${port} is in use.`, 'Name another, or leave --port out to get a free one.']
      : error.code === 'EACCES'
        ? ['port-forbidden', `Port ${port} may not be used.`, 'Name one above 1023.']
        : ['cannot-listen', `Cannot listen on port ${port} (${error.message}).`, 'Name another.'];
  return new Failure({ code: code, place: '--port', message: message, hint: hint, exit: 3 });
}
