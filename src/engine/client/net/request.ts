import { messageOf } from '../../../shared/failure.ts';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Evidence } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { ContentCoding } from '../../../shared/content-coding.ts';
import { isSecretName, redactUrl } from '../../../shared/redact.ts';
import type { ClientSocket } from './socket.ts';
import { acceptEncoding } from './accept-encoding.ts';
import { bodyCoding, contentDecoder, type BodyCoding, type ContentDecoder } from './content-decoder.ts';
import type { ClientNetwork } from './network.ts';
import { proxyAuthorization } from './proxy-handshake.ts';
import { HTTP2_ONLY, isHttp2 } from './tls-error.ts';

const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_REDIRECTS = 5;
/** Where nobody knows when the other side left, a request that dies this soon met a connection that was already dead. */
const STALE_WITHIN_MS = 1000;

export interface ResponseHead {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** As it stood on the wire. */
  text: string;
  /** Where it came from, after redirects. */
  url: string;
  /** How its body is coded; null: as it is, or there is none. */
  coding: BodyCoding | null;
}

/** How an exchange ended: complete, or with what was seen. */
export type RequestResult =
  | { ok: true; /** Not announced by a length or a last chunk: the FIN was the end. */ byFin: boolean }
  | {
      ok: false;
      evidence: Evidence;
      detail: string;
      /** The connection had served before, and died before a byte of this answer: nothing was lost by it. */
      staleIdle: boolean;
    };

export interface ExchangeOptions {
  network: ClientNetwork;
  clock: Clock;
  agent: http.Agent;
  url: string;
  /** Absent: GET. */
  method?: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body?: string | null;
  /** What this request carries of the cookies that were set, where a redirect leads it to another URL. */
  cookieFor?: ((url: string) => string | null) | undefined;
  /** An answer's head came, that of a redirect too. */
  onAnswer?: ((url: string, headers: http.IncomingHttpHeaders) => void) | undefined;
  /** Names, in lower case, of the headers a person gave: they do not follow to another origin. */
  userHeaders: readonly string[];
  /** A request is on its way: its head as sent. Again at each redirect. */
  onRequest(url: string, head: string): void;
  /** The request is on the wire. */
  onSent?(): void;
  /** What it accepts of codings, where `headers` do not say: see `acceptEncoding`. */
  acceptEncoding?: string | undefined;
  onHead(head: ResponseHead): void;
  /** The body as it came, before a coding is undone. */
  onCoded?(chunk: Buffer): void;
  /** The body, its coding undone where that is known. Reading and undoing wait for what is returned: a flood must not pile up. */
  onData(chunk: Buffer): Promise<void> | null | void;
  /** Once, last. */
  onEnd(over: RequestResult): void;
}

/** A keep-alive agent whose only connection is dialled by the lane's network. */
export function networkAgent(network: ClientNetwork, secure: boolean, keepAlive = true): http.Agent {
  const agent = new http.Agent({ keepAlive, maxSockets: 1, maxFreeSockets: 1 });
  // cast: the hooks an http.Agent has for its subclasses, untyped
  const internals = agent as unknown as {
    protocol: string;
    defaultPort: number;
    createConnection: (o: { host: string; port: number | string; servername?: string }) => Duplex;
  };
  internals.protocol = secure ? 'https:' : 'http:';
  internals.defaultPort = secure ? 443 : 80;
  internals.createConnection = (o) => {
    const { host, port, servername } = o;
    return network.open({
      host: withoutBrackets(host),
      port: Number(port),
      secure,
      wholeRequests: !secure,
      ...(servername ? { servername } : {}),
    });
  };
  return agent;
}

/**
 * One request, redirects followed. Never throws: whatever goes wrong goes to `onEnd`.
 * @returns aborts it without a callback
 */
export function exchange(o: ExchangeOptions): () => void {
  let request: http.ClientRequest | null = null;
  let finished = false;
  /** Asked again after a call that may have ended it. */
  const isFinished = (): boolean => finished;
  let redirectAgent: http.Agent | null = null;
  let decoder: ContentDecoder | null = null;
  let ending = false;
  const finish = (result: RequestResult): void => {
    if (finished) return;
    finished = true;
    redirectAgent?.destroy();
    decoder?.destroy();
    o.onEnd(result);
  };
  /** Nothing more comes: what has come is handed out first. */
  const end = (result: RequestResult, coding: string): void => {
    if (finished || ending) return;
    ending = true;
    if (!decoder) return finish(result);
    decoder.end((error) => {
      // a stream that is ended by its FIN may well leave its coding open
      if (error && result.ok && !result.byFin) return fail('protocol', brokenCoding(coding, error));
      finish(result);
    });
  };
  const fail = (evidence: Evidence, detail: string): void => finish({ ok: false, evidence, detail, staleIdle: false });

  const send = (
    url: string,
    method: string,
    headers: Record<string, string>,
    body: string | null,
    agent: http.Agent,
    hops: number,
  ): void => {
    let responded = false;
    let req: http.ClientRequest;
    try {
      // `agent.protocol` decides between http and https: the agent's line does the TLS
      const accepted = { 'accept-encoding': acceptEncoding(o.acceptEncoding, url) };
      const proxy = o.network.proxyOfRequest(url);
      const authorization = proxy && proxyAuthorization(proxy);
      req = request = http.request(url, {
        agent,
        method,
        ...(proxy ? { path: withoutUserInfo(url) } : {}),
        headers: {
          ...accepted,
          ...headers,
          ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
        },
        maxHeaderSize: DEFAULTS.limits.headerBlock,
      });
    } catch (error) {
      return fail('protocol', messageOf(error));
    }
    let socket: Duplex | null = null;
    let coding: BodyCoding | null = null;
    /** Bytes this connection had brought before; the agent's own `reusedSocket` misses requests that queued for it. */
    let bytesBefore = 0;
    const sentAt = o.clock.now();
    /** Whether the kept connection had died before this request went out: a held poll that dies is no such thing. */
    const wasAlreadyDead = (raw: ClientSocket): boolean => {
      const known = raw.takeKnownCause();
      // a server that drains lets go of connections it takes for idle, with a request perhaps on its way
      return known
        ? known.at <= sentAt || known.cause === 'restart'
        : req.reusedSocket && o.clock.now() - sentAt < STALE_WITHIN_MS;
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      // a dial that failed at once never became this request's socket
      const raw = socket === null ? o.network.newest : o.network.socketOf(socket);
      if (raw) raw.busy = false;
      const { evidence, detail } = evidenceOfError(error, raw, responded);
      const silent = bytesBefore > 0 && raw?.bytesReceived === bytesBefore && !responded;
      const stale = silent && (evidence === 'fin' || evidence === 'rst') && wasAlreadyDead(raw);
      end({ ok: false, evidence, detail, staleIdle: stale }, coding?.name ?? '');
    };
    req.on('socket', (s) => {
      socket = s;
      const raw = o.network.socketOf(s);
      bytesBefore = raw?.bytesReceived ?? 0;
      if (raw) raw.busy = true;
    });
    req.on('finish', () => finished || o.onSent?.());
    req.on('error', onError);
    req.on('response', (res) => {
      responded = true;
      o.onAnswer?.(url, res.headers);
      const status = res.statusCode ?? 0;
      const location = res.headers.location;
      if (REDIRECTS.includes(status) && location !== undefined) {
        return followRedirect({ from: url, location, status, method, headers, body, agent, res, hops });
      }
      const byFin = !('content-length' in res.headers) && !('transfer-encoding' in res.headers) && hasBody(status);
      coding = hasBody(status) ? bodyCoding(res.headers) : null;
      o.onHead({ status, headers: res.headers, text: headText(res), url, coding });
      if (finished) return;
      decoder = coding?.undo ? decoded(coding.name, coding.undo, res) : null;
      res.on('data', (chunk: Buffer) => {
        if (finished) return;
        o.onCoded?.(chunk);
        if (isFinished()) return;
        if (decoder) {
          if (!decoder.write(chunk)) res.pause();
          return;
        }
        const room = o.onData(chunk);
        if (!room) return;
        res.pause();
        void room.then(() => res.resume());
      });
      res.on('end', () => {
        const raw = o.network.socketOf(socket);
        if (raw) raw.busy = false;
        if (res.complete) end({ ok: true, byFin }, coding?.name ?? '');
      });
      res.on('error', onError);
      res.on('close', () => !res.complete && onError(new Error('the answer broke off')));
    });
    req.on('upgrade', (_res, s) => {
      s.destroy();
      fail('protocol', 'switches protocols without being asked');
    });
    if (body === null) req.end();
    else req.end(body);
    // cast: Node keeps the header section as sent there, untyped
    o.onRequest(url, (req as unknown as { _header?: string })._header ?? '');
  };

  const decoded = (name: string, undo: ContentCoding[], res: http.IncomingMessage): ContentDecoder =>
    contentDecoder(undo, {
      onData(chunk) {
        const room = finished ? null : o.onData(chunk);
        void room?.then(() => decoder?.resume());
        return !room;
      },
      onDrain: () => res.resume(),
      onError(error) {
        fail('protocol', brokenCoding(name, error));
        request?.destroy();
      },
    });

  const followRedirect = ({ from, location, status, agent, res, hops, ...asked }: Redirect): void => {
    let { method, headers, body } = asked;
    res.resume();
    const to = URL.canParse(location, from) ? new URL(location, from) : null;
    if (!to || !/^https?:$/.test(to.protocol)) return fail('protocol', `redirects to "${location}", which is no URL`);
    if (hops >= MAX_REDIRECTS) return fail('protocol', `redirects more than ${MAX_REDIRECTS} times`);
    const here = new URL(from);
    const secure = to.protocol === 'https:';
    if (to.origin !== here.origin)
      headers = Object.fromEntries(
        Object.entries(headers).filter(([name]) => !isDroppedOnRedirect(name, o.userHeaders)),
      );
    // the answer to a POST is fetched from elsewhere (RFC 9110, 15.4.4; WHATWG Fetch, 4.4)
    if (status === 303 ? method !== 'GET' : (status === 301 || status === 302) && method === 'POST') {
      method = 'GET';
      body = null;
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
    }
    const cookie = o.cookieFor?.(to.href) ?? null;
    if (cookie !== null) headers = { ...headers, cookie };
    const next = to.origin === here.origin ? agent : networkAgent(o.network, secure);
    if (next !== agent) {
      redirectAgent?.destroy();
      redirectAgent = next;
    }
    res.on('error', () => {});
    // with one connection, the next request waits for the rest of this answer by itself
    send(to.href, method, headers, body, next, hops + 1);
  };

  send(o.url, o.method ?? 'GET', o.headers, o.body ?? null, o.agent, 0);
  return () => {
    if (finished) return;
    finished = true;
    request?.destroy();
    redirectAgent?.destroy();
    decoder?.destroy();
  };
}

interface Redirect {
  from: string;
  location: string;
  status: number;
  method: string;
  headers: Record<string, string>;
  body: string | null;
  agent: http.Agent;
  res: http.IncomingMessage;
  hops: number;
}

/** What a proxy is asked for: user info goes in a header. */
function withoutUserInfo(url: string): string {
  const at = new URL(url);
  return `${at.origin}${at.pathname}${at.search}`;
}

const brokenCoding = (name: string, error: Error): string => `the answer breaks its ${name} coding: ${error.message}`;

/** Before any head could be read. */
const NOT_HTTP = 'what answers there does not speak HTTP: check scheme, host and port';
/** @param error the parser's, with what it could not read */
export const notHttp = (error: Error & { rawPacket?: Buffer }): string =>
  isHttp2(error.rawPacket) ? HTTP2_ONLY : NOT_HTTP;

/** What the raw socket saw; else what the parser or TLS complained of. */
function evidenceOfError(
  error: NodeJS.ErrnoException,
  raw: { evidence: Evidence | null; detail: string | null } | null,
  answered: boolean,
): { evidence: Evidence; detail: string } {
  const code = error.code ?? '';
  if (code === 'HPE_HEADER_OVERFLOW') {
    return {
      evidence: 'protocol',
      detail: `the header block is longer than ${DEFAULTS.limits.headerBlock / 1024} KiB`,
    };
  }
  // EOF inside a body is also reported by the parser; there the FIN is what was seen
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') {
    const rule = error.message.replace(/^Parse Error: /, '');
    return { evidence: 'protocol', detail: answered ? `the answer breaks a rule of HTTP: ${rule}` : notHttp(error) };
  }
  if (raw?.evidence) return { evidence: raw.evidence, detail: raw.detail ?? '' };
  return { evidence: 'protocol', detail: error.message };
}

/** Where an answer came from, when redirects led away from what was asked; null when they did not. */
export function redirectedTo(asked: string, answered: string): string | null {
  const at = new URL(answered);
  return new URL(asked).href === at.href ? null : redactUrl(`${at.origin}${at.pathname}`);
}

const hasBody = (status: number): boolean => status >= 200 && status !== 204 && status !== 304;
const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '');

export function headText(res: http.IncomingMessage): string {
  let text = `HTTP/${res.httpVersion} ${res.statusCode} ${res.statusMessage}\r\n`;
  for (let i = 0; i < res.rawHeaders.length; i += 2) text += `${res.rawHeaders[i]}: ${res.rawHeaders[i + 1]}\r\n`;
  return `${text}\r\n`;
}

/** What a person gave is for the server it was given to, and so is whatever looks like a secret. */
export const isDroppedOnRedirect = (name: string, userHeaders: readonly string[]): boolean =>
  name.toLowerCase() === 'host' || isSecretName(name) || userHeaders.includes(name.toLowerCase());
