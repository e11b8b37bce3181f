import http from 'node:http';
import { urlToHttpOptions } from 'node:url';
import type { Duplex } from 'node:stream';
import { DEFAULTS } from '../../shared/defaults.ts';
import { METHOD_KIND } from '../../shared/catalog.ts';
import { proxyAuthorization } from '../client/net/proxy-handshake.ts';
import { longPolling } from '../transports/long-polling/core.ts';
import { takesWholeRequests } from './proxied.ts';
import { Received } from './received.ts';
import { errorText, EXPLANATION_MS, PROBE_BODY_LIMIT, within, type Probe } from './probe.ts';
import { judgeHead, noHead, unreadableHead } from './head.ts';
import type { StepResult } from './step-list.ts';

/** An answer whose head fits its method, and as much of its body as has come. */
export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Received<Buffer>;
}

/** Asked for so short a hold, a server that knows holds answers within the check. */
const HOLD_MS = 1000;

/** Sends the one GET, as the method's lane does but for the connection, which is not kept; redirects are named. */
export async function readHead(p: Probe, connection: Duplex): Promise<StepResult<HttpAnswer>> {
  const limit = p.left();
  let answer: HttpAnswer | null;
  try {
    answer = await within(p.clock, limit, send(p, connection));
  } catch (error) {
    return unreadableHead(error, p.url);
  }
  if (answer === null) return noHead(p, limit);
  const { status, headers, body } = answer;
  const problem = judgeHead(p.method, p.dialect, p.url, status, headers);
  if (!problem) {
    const type = headers['content-type'] ?? 'no content type';
    return { outcome: 'ok', text: `${status}, ${status === 204 || status === 304 ? 'no body' : type}.`, value: answer };
  }
  if (!problem.explain) return problem.result;
  await body.until(() => false, Math.min(EXPLANATION_MS, p.left()), p.clock);
  return problem.explain(Buffer.concat(body.items).toString('utf8'));
}

async function send(p: Probe, connection: Duplex): Promise<HttpAnswer> {
  const { url: planned, extra } = requestFor(p);
  const attempt = await p.client.attempt();
  const plan = { url: planned, method: null, headers: extra, body: null };
  const { url, method, headers, body: sent } = attempt.request(plan, acceptOf(p), null);
  const proxyUser = takesWholeRequests(p) && p.proxy ? proxyAuthorization(p.proxy) : null;
  if (proxyUser !== null) headers['proxy-authorization'] = proxyUser;
  if (p.method === 'sse') headers['cache-control'] ??= 'no-cache';
  return new Promise((resolve, reject) => {
    const request = http.request({
      ...urlToHttpOptions(new URL(url)),
      method,
      ...(takesWholeRequests(p) ? { path: url } : {}),
      protocol: 'http:', // the connection given speaks TLS where the URL says so
      defaultPort: p.secure ? 443 : 80,
      createConnection: () => connection,
      headers,
      maxHeaderSize: DEFAULTS.limits.headerBlock,
    });
    p.onOver(() => request.destroy());
    request.on('error', reject);
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('It switches protocols without being asked.'));
    });
    request.on('response', (response) => {
      const body = new Received<Buffer>();
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        body.push(chunk);
        if (bytes <= PROBE_BODY_LIMIT) return;
        body.end();
        request.destroy();
      });
      response.on('error', () => body.end());
      response.on('close', () => body.end());
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    try {
      request.end(sent ?? undefined);
    } catch (error) {
      reject(new Error(errorText(error)));
    }
  });
}

const acceptOf = (p: Probe): string =>
  METHOD_KIND[p.method] === 'stream' ? 'text/event-stream' : 'application/json, */*;q=0.5';

function requestFor(p: Probe): { url: string; extra: Record<string, string> } {
  if (p.method !== 'long-polling') return { url: p.url.href, extra: {} };
  const { url, headers } = longPolling(p.dialect).requestFor(p.url.href, HOLD_MS);
  return { url, extra: headers };
}
