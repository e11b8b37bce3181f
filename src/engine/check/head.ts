/** What the head of an answer says about a method that expects something of it. */
import type { IncomingHttpHeaders } from 'node:http';
import { METHOD_KIND, type Method } from '../../shared/catalog.ts';
import { methodOf, type Dialect } from '../../shared/dialect/model.ts';
import { shownUrl } from '../../shared/secrets.ts';
import { mayExplain, mediaType, refusalWords } from '../client/connection/refusal-words.ts';
import { errorCode, errorText, secondsText, type Probe } from './probe.ts';
import { failed, type StepResult } from './step-list.ts';
import { HTTP2_ONLY } from './tls.ts';

export interface HeadProblem {
  result: StepResult<never>;
  /** Where the body says more. */
  explain?: (body: string) => StepResult<never>;
}

/** @returns null when the method can go on with it */
export function judgeHead(
  method: Method,
  dialect: Dialect,
  url: URL,
  status: number,
  headers: IncomingHttpHeaders,
): HeadProblem | null {
  if (status >= 300 && status < 400 && status !== 304) return { result: redirected(status, headers, url) };
  if (mediaType(headers) === 'text/html') return webPage(status, url);
  if (METHOD_KIND[method] === 'poll') {
    if (methodOf(dialect, method).nothingNew.includes(status)) return null;
    if (status < 200 || status > 299) return refused(status, headers);
    if (mediaType(headers) !== 'text/event-stream') return null;
    const text = `${status}: an event stream (text/event-stream) answers, and a poll would never see its end.`;
    return { result: failed(text, 'Give this URL for SSE.') };
  }
  if (status === 204) {
    const text = '204 No Content: it tells an EventSource to stop and not come back.';
    return { result: failed(text, 'Check URL and channel: the stream may have ended for good.') };
  }
  if (status !== 200) return refused(status, headers);
  const type = mediaType(headers);
  if (type === 'text/event-stream') return null;
  const hint = type.endsWith('json')
    ? 'Give this URL for short or long polling.'
    : 'Check the URL: an EventSource gives up here for good.';
  return { result: failed(`${status}: ${type || 'no content type'} answers, not text/event-stream.`, hint) };
}

function refused(status: number, headers: IncomingHttpHeaders): HeadProblem {
  const said = (body?: string): StepResult<never> => {
    return failed(withWords(refusalText(status), refusalWords(headers, body)), refusalHint(status));
  };
  return mayExplain(headers) ? { result: said(), explain: said } : { result: said() };
}

/** An answer that is a page for people, which may say what it is. */
function webPage(status: number, url: URL): HeadProblem {
  const result = (title: string, login: boolean): StepResult<never> =>
    failed(
      `${status}: a ${login ? 'login' : 'web'} page (text/html)${title} answers at ${addressOf(url)}.`,
      login
        ? 'Give a header that lets it in (Authorization, Cookie), or use an address that needs no login.'
        : status === 200
          ? 'Check the path: this address is for browsers, not for a stream of events.'
          : refusalHint(status),
    );
  return {
    result: result('', false),
    explain: (body) => {
      const title = /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1]?.trim() ?? '';
      const login = /type\s*=\s*["']?password/i.test(body) || LOGIN.test(title);
      return result(title === '' ? '' : `, titled “${title}”,`, login);
    },
  };
}

const LOGIN = /\b(log|sign)[\s_-]?(in|on)\b|\b(sso|saml|oauth2?|authorize|authenticate|adfs|cas)\b/i;

function redirected(status: number, headers: IncomingHttpHeaders, from: URL): StepResult<never> {
  const location = headers.location ?? '';
  const base = from.href.replace(/^ws/, 'http'); // as whoever opens it needs it
  const to = URL.canParse(location, base) ? new URL(location, base) : null;
  if (!to) return failed(`${status}: it redirects, but to no address.`, 'Check the URL.');
  const address = addressOf(to);
  if (LOGIN.test(to.pathname.replaceAll('/', ' '))) {
    const hint = 'Give a header that lets it in (Authorization, Cookie), or use an address that needs no login.';
    return failed(`${status}: it redirects to a login page, ${address}.`, hint);
  }
  const hint = 'Give that address instead, so that nothing is lost on the way to it.';
  return { outcome: 'unknown', text: `${status}: it redirects to ${address}, which was not asked.`, hint };
}

/** Without its query, which may carry what lets somebody in. */
const addressOf = (url: URL): string =>
  shownUrl(`${url.protocol}//${url.host}${url.pathname}${url.search ? '?…' : ''}`);

const REFUSALS: Record<number, [text: string, hint: string]> = {
  400: ['it does not understand the request', 'Check URL, channel and dialect.'],
  401: ['it wants to know who asks', 'Give a header that lets it in, such as Authorization.'],
  403: ['it does not let this request in', 'Give a header that lets it in, such as Authorization.'],
  404: ['there is nothing at this path', 'Check path, channel and dialect.'],
  405: ['it takes no GET here', 'Check path and dialect; Heartline follows streams by GET only.'],
  406: ['it has no answer of the type this method takes', 'Check the path, and which method it is for.'],
  421: ['it does not answer to this host name', 'Use the name it is served by.'],
  426: ['it wants another protocol', 'Give this URL for WebSocket.'],
  429: ['too many requests', 'Wait, and check again.'],
  502: ['a proxy cannot reach the server behind it', 'Start that server, or check the proxy’s configuration.'],
  503: ['it is not available now', 'Wait, and check again.'],
  504: ['a proxy got no answer from the server behind it', 'Check that server, or the proxy’s read timeout.'],
};

/** A refusal, with what the server says of it. */
export const withWords = (text: string, words: string | null): string =>
  `${text}${words === null ? '' : `: ${words}`}.`.replace(/([.!?…])\.$/, '$1');

const refusalText = (status: number): string => `${status}: ${REFUSALS[status]?.[0] ?? 'it refuses the request'}`;
export const refusalHint = (status: number): string =>
  REFUSALS[status]?.[1] ?? (status >= 500 ? 'See the server’s log.' : 'Check URL, headers and dialect.');

/** No head came in the time there was. */
export function noHead(p: Probe, waitedMs: number): StepResult<never> {
  const waited = secondsText(waitedMs);
  if (p.method === 'short-polling') {
    const hint = 'Check whether the server is busy, or holds this request as a long poll.';
    return failed(`Connected, but no answer within ${waited}.`, hint);
  }
  const text = `Connected, but no answer within ${waited}.`;
  if (p.method === 'long-polling') {
    const hint = 'A long poll is held until there is news: publish something, and check again.';
    return { outcome: 'unknown', text, hint };
  }
  const hint = 'Server or a proxy before it may hold the head until the first event: publish one, and check again.';
  return { outcome: 'unknown', text, hint };
}

/** The connection broke, or what came is no HTTP/1.1. */
export function unreadableHead(error: unknown, url: URL): StepResult<never> {
  const code = errorCode(error);
  const packet = rawPacketOf(error);
  // RFC 9113, 3.4: the server's first frame is SETTINGS (type 4) on stream 0
  if (packet && packet.length >= 9 && packet[3] === 4 && packet.readUInt32BE(5) === 0) return HTTP2_ONLY;
  // RFC 8446, 5.1: a TLS alert
  if (packet && packet[0] === 21 && packet[1] === 3) {
    const secure = url.protocol === 'ws:' ? 'wss:' : 'https:';
    return failed('What answers there speaks TLS.', `Write ${secure}// instead.`);
  }
  if (code === 'HPE_HEADER_OVERFLOW') return failed('The head of the answer is too long.', 'Check the URL.');
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') {
    return failed('What answers there does not speak HTTP/1.1.', 'Check scheme, host and port.');
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return failed('The connection was closed before any answer.', 'See the server’s log; or check scheme and port.');
  }
  return failed(`The request failed: ${code || errorText(error)}.`, 'Check URL and headers.');
}

function rawPacketOf(error: unknown): Buffer | null {
  if (typeof error !== 'object' || error === null || !('rawPacket' in error)) return null;
  return Buffer.isBuffer(error.rawPacket) ? error.rawPacket : null;
}
