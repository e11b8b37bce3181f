import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, failureData, messageOf } from '../../shared/failure.ts';
import { respond, respondProblem, type Headers } from '../http/response.ts';
import { findRoute, type ControlRequest, type ControlResponse } from './control-routes.ts';
import type { ProxyCollection } from './collection.ts';

export interface ControlOptions {
  collection: ProxyCollection;
  /** 0 for any free one. */
  port: number;
  version: string;
}

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A list of a thousand proxies still fits. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Real milliseconds a request may take to arrive whole. */
const REQUEST_TIMEOUT_MS = 10_000;
const SECURITY_HEADERS: Headers = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const STATUS: Record<string, number> = {
  'not-found': 404,
  'no-such-page': 404,
  'bad-method': 405,
  'name-taken': 409,
  'port-in-use': 409,
  'cannot-listen': 409,
  'too-many': 409,
  'too-large': 413,
  'wrong-host': 421,
  'no-pages': 403,
};

/**
 * The control API of proxies: JSON over HTTP on the loopback interface. Every web page on this machine can knock at a
 * loopback port, so the Host is checked (DNS rebinding), and whatever a browser sends on behalf of a page is refused:
 * it carries an Origin, or a Sec-Fetch-Site that says so. No answer ever carries a CORS header.
 * @throws Failure `port-in-use` and the like, exit 3
 */
export async function startControl({ collection, port, version }: ControlOptions): Promise<ControlServer> {
  const hosts = new Set<string>();
  const respond = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      rejectForeignOrigin(req, hosts);
      const { path, query } = pathOf(req);
      const route = findRoute(req.method === 'HEAD' ? 'GET' : (req.method ?? ''), path);
      const request: ControlRequest = { collection, version, names: route.names, query, body: await readBody(req) };
      send(res, await route.handle(request));
    } catch (thrown) {
      const data = failureData(thrown);
      const known = thrown instanceof Failure;
      const status = STATUS[data.code] ?? (known ? 400 : 500);
      const allow = data.code === 'bad-method' ? { Allow: data.hint!.replace(/^Use |\.$/g, '') } : {};
      const connection = req.complete ? {} : { Connection: 'close' }; // what is left of the body is not read
      respondProblem(res, status, known ? data : { code: 'internal', message: data.message }, {
        ...SECURITY_HEADERS,
        ...allow,
        ...connection,
      });
    }
  };
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (req, res) => {
      req.on('error', () => undefined);
      res.on('error', () => undefined);
      void respond(req, res);
    },
  );
  server.on('clientError', (_error, socket) => {
    if (!socket.writable) return socket.destroy();
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const open = (server.address() as AddressInfo).port; // cast: it listens on TCP
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) hosts.add(`${host}:${open}`);
  return {
    url: `http://127.0.0.1:${open}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function rejectForeignOrigin(req: IncomingMessage, hosts: ReadonlySet<string>): void {
  if (!hosts.has((req.headers.host ?? '').toLowerCase())) {
    throw new Failure({
      code: 'wrong-host',
      place: 'Host',
      message: 'This is not the host you asked for.',
      hint: `Ask ${[...hosts][0]}.`,
    });
  }
  const site = req.headers['sec-fetch-site'];
  if (req.headers.origin !== undefined || (site !== undefined && site !== 'none' && site !== 'same-origin')) {
    throw new Failure({
      code: 'no-pages',
      place: 'Origin',
      message: 'Web pages may not use this API.',
      hint: 'Call it from a program, a test or curl.',
    });
  }
}

function pathOf(req: IncomingMessage): { path: string[]; query: URLSearchParams } {
  const [before = '', ...query] = (req.url ?? '/').split('?');
  try {
    const path = before
      .replace(/\/$/, '')
      .split('/')
      .slice(1)
      .map((part) => decodeURIComponent(part));
    return { path, query: new URLSearchParams(query.join('?')) };
  } catch {
    throw new Failure({ code: 'bad-input', place: before, message: 'This is not a path.', hint: 'See GET /.' });
  }
}

/** The body as JSON; undefined where there is none. */
async function readBody(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  // cast: a request without an encoding yields buffers
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new Failure({
        code: 'too-large',
        place: 'body',
        message: 'The body is longer than 1 MiB.',
        hint: 'Send less.',
      });
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure({
      code: 'bad-json',
      place: 'body',
      message: `The body is not JSON: ${messageOf(error)}.`,
      hint: 'Names and text stand in double quotes.',
    });
  }
}

function send(res: ServerResponse, { status = 200, json, text, location }: ControlResponse): void {
  const headers = { ...SECURITY_HEADERS, ...(location === undefined ? {} : { Location: location }) };
  if (text !== undefined) {
    return respond(res, status, { ...headers, 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }, text);
  }
  if (json === undefined) return respond(res, 204, headers);
  respond(res, status, { ...headers, 'Content-Type': 'application/json' }, `${JSON.stringify(json)}\n`);
}

function cannotListen(error: NodeJS.ErrnoException, port: number): Failure {
  const [code, message] =
    error.code === 'EADDRINUSE'
      ? ['port-in-use', `Port ${port} is in use.`]
      : ['cannot-listen', `Cannot listen on port ${port} (${error.code ?? error.message}).`];
  return new Failure({
    code,
    place: '--control',
    message,
    hint: 'Name another, or leave it out for any free one.',
    exit: 3,
  });
}
