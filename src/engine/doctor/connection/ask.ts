/** One question and its answer, redirects not followed: what a method's own client hides is seen here. */
import http, { type IncomingMessage } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import type { Duplex } from 'node:stream';
import type { Evidence } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { redactHead } from '../../../shared/redact.ts';
import { isHttp2 } from '../../client/net/tls-error.ts';
import { hostOf, portOf } from '../../check/probe.ts';
import { headText } from '../../client/net/request.ts';
import type { ClientNetwork } from '../../client/net/network.ts';
import type { ClientSocket } from '../../client/net/socket.ts';
import type { Ledger } from '../ledger.ts';
import type { Dialler } from './dialler.ts';
import { parseHead, type Head } from './head.ts';

export interface Question {
  name: string;
  url: string;
  headers: Record<string, string>;
  body?: string | null;
  /** How long the head may take, and how long the body is read after it. */
  headWithinMs: number;
  bodyForMs: number;
  signal: AbortSignal;
}

export interface Answer {
  /** Null: no head came. */
  head: Head | null;
  /** 101 was answered. */
  switched: boolean;
  body: string;
  /** The body came to its end. */
  complete: boolean;
  connectMs: number | null;
  headMs: number | null;
  tookMs: number;
  /** What was seen where it went wrong. */
  evidence: Evidence | null;
  detail: string | null;
  /** What answered is no HTTP/1.1 but HTTP/2. */
  http2: boolean;
}

const BODY_LIMIT = 256 * 1024;

/** @returns null where the budget allows no more */
export async function ask(q: Question, o: { clock: Clock; ledger: Ledger; dialler: Dialler }): Promise<Answer | null> {
  if (!o.ledger.take()) return null;
  const line = o.dialler.line(q.name);
  try {
    return await exchange(q, o, line, null);
  } finally {
    o.dialler.release(line);
  }
}

/** A connection that is kept between questions. */
export class KeptConnection {
  readonly #line: ClientNetwork;
  readonly #agent: http.Agent;
  readonly #o: { clock: Clock; ledger: Ledger; dialler: Dialler };
  #raw: ClientSocket | null = null;

  constructor(name: string, secure: boolean, o: { clock: Clock; ledger: Ledger; dialler: Dialler }) {
    this.#o = o;
    this.#line = o.dialler.line(name);
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: 1, keepAliveMsecs: 1 << 30 });
    const open = (): Duplex => this.#line.open({ host: this.#host, port: this.#port, secure });
    // cast: the hook an http.Agent has for its subclasses
    (this.#agent as unknown as { createConnection: () => Duplex }).createConnection = open;
  }
  #host = '';
  #port = 0;

  async ask(q: Question): Promise<Answer> {
    const url = new URL(q.url);
    this.#host = hostOf(url);
    this.#port = portOf(url, isSecureUrl(url));
    const answer = await exchange(q, this.#o, this.#line, this.#agent);
    this.#raw = this.#line.newest;
    return answer;
  }

  /** Waits for the other side to hang up. @returns after how much idleness, ms; null where it did not */
  async idleEnd(withinMs: number, signal: AbortSignal): Promise<number | null> {
    const raw = this.#raw;
    if (!raw || raw.destroyed) return null;
    const since = raw.lastByteAt ?? this.#o.clock.now();
    const ended = Promise.withResolvers<number>();
    this.#line.onIdleEnd = () => ended.resolve(this.#o.clock.now() - since);
    const late = Promise.withResolvers<null>();
    const cancel = this.#o.clock.after(withinMs, () => late.resolve(null));
    signal.addEventListener('abort', () => late.resolve(null), { once: true });
    raw.resume();
    const ms = await Promise.race([ended.promise, late.promise]);
    cancel();
    return ms;
  }

  close(): void {
    this.#agent.destroy();
    this.#o.dialler.release(this.#line);
  }
}

export const isSecureUrl = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'wss:';

function exchange(
  q: Question,
  { clock, ledger }: { clock: Clock; ledger: Ledger },
  line: ClientNetwork,
  agent: http.Agent | null,
): Promise<Answer> {
  const url = new URL(q.url);
  const secure = isSecureUrl(url);
  const startedAt = clock.now();
  return new Promise((resolve) => {
    const seen: Answer = {
      head: null,
      switched: false,
      body: '',
      complete: false,
      connectMs: null,
      headMs: null,
      tookMs: 0,
      evidence: null,
      detail: null,
      http2: false,
    };
    let over = false;
    let cancel = (): void => {};
    let request: http.ClientRequest | null = null;
    const finish = (): void => {
      if (over) return;
      over = true;
      cancel();
      q.signal.removeEventListener('abort', finish);
      const connectedAt = line.newest?.connectedAt ?? null;
      seen.connectMs = connectedAt === null ? null : Math.max(0, connectedAt - startedAt);
      seen.tookMs = clock.now() - startedAt;
      if (!seen.complete || agent === null) request?.destroy();
      resolve(seen);
    };
    const failed = (error: NodeJS.ErrnoException & { rawPacket?: Buffer }): void => {
      if (over) return;
      const raw = line.newest;
      seen.evidence = raw?.evidence ?? 'protocol';
      seen.detail = raw?.detail ?? error.message;
      seen.http2 = isHttp2(error.rawPacket) || /HTTP\/2 only/.test(seen.detail);
      finish();
    };
    const answered = (response: IncomingMessage): void => {
      seen.headMs = clock.now() - startedAt;
      seen.head = parseHead(redactHead(headText(response)));
    };
    q.signal.addEventListener('abort', finish, { once: true });
    if (q.signal.aborted) return finish();
    cancel = clock.after(q.headWithinMs, () => {
      seen.evidence = line.newest?.connectedAt == null ? 'connect-timeout' : 'no-answer';
      finish();
    });
    try {
      request = http.request({
        ...urlToHttpOptions(url),
        protocol: 'http:', // the connection given speaks TLS where the URL says so
        defaultPort: secure ? 443 : 80,
        method: q.body == null ? 'GET' : 'POST',
        headers: q.headers,
        maxHeaderSize: DEFAULTS.limits.headerBlock,
        ...(agent
          ? { agent }
          : { createConnection: () => line.open({ host: hostOf(url), port: portOf(url, secure), secure }) }),
      });
    } catch (error) {
      // cast: http.request throws errors
      failed(error as Error);
      return;
    }
    request.on('error', failed);
    request.on('upgrade', (response, socket) => {
      answered(response);
      seen.switched = true;
      seen.complete = true;
      finish();
      socket.destroy();
    });
    request.on('response', (response) => {
      answered(response);
      cancel();
      cancel = clock.after(q.bodyForMs, finish);
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (seen.body.length < BODY_LIMIT) seen.body += text;
        else finish();
      });
      response.on('end', () => {
        seen.complete = response.complete;
        finish();
      });
      response.on('error', failed);
      response.on('close', finish);
    });
    ledger.noteRequest();
    request.end(q.body ?? undefined);
  });
}
