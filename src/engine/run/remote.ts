/** The few requests Heartline itself makes to a remote endpoint, outside any lane: read the head, publish. */
import http from 'node:http';
import https from 'node:https';
import { Failure } from '../../shared/failure.ts';

interface HttpReply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** One request, at most 1 MiB of answer. @throws Failure `unreachable` */
function sendRequest(
  url: string,
  options: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const fail = (e: Error): void =>
      reject(
        new Failure({
          code: 'unreachable',
          message: `${new URL(url).host} could not be asked: ${e.message}.`,
          hint: 'Check that the endpoint is up and the URL is right.',
          exit: 3,
        }),
      );
    let responseBegan = false;
    const request = url.startsWith('https:') ? https.request : http.request;
    const req = request(
      url,
      { method: options.method, headers: options.headers, agent: false, signal: options.signal },
      (res) => {
        responseBegan = true;
        let body = '';
        res.setEncoding('utf8');
        res.on('data', (text: string) => {
          body += text;
          if (body.length > 1 << 20) res.destroy(new Error('the answer is longer than 1 MiB'));
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
        res.on('error', fail);
        res.on('close', () => fail(new Error('the answer broke off')));
      },
    );
    req.on('upgrade', (_res, socket) => {
      socket.destroy();
      fail(new Error('it switches protocols without being asked'));
    });
    req.on('error', fail);
    // whatever else may end it: somebody waits for this
    req.on('close', () => responseBegan || fail(new Error('the connection ended without an answer')));
    req.end(options.body);
  });
}

/** `ws://h/p` → `http://h/p`; others as they are. */
const httpUrl = (url: string): string => url.replace(/^ws(s?):/, 'http$1:');

/**
 * The newest cursor of a server that speaks our dialect, so that every lane of a run may start from the same place.
 * @returns null when it does not say
 */
export async function readNewestCursor(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<string | null> {
  const at = new URL(httpUrl(url));
  at.searchParams.set('after', 'now');
  const answer = await sendRequest(at.href, {
    method: 'GET',
    headers: { accept: 'application/json', ...headers },
    signal,
  });
  const newest = answer.headers['events-newest'];
  return typeof newest === 'string' && newest !== '' ? newest : null;
}

/** Publishes one event by POST. @returns its cursor, when the answer names one */
export async function publishTo(
  url: string,
  headers: Record<string, string>,
  event: { type: string; data: string },
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await sendRequest(httpUrl(url), {
    method: 'POST',
    // Event-Type is ours, X-EventSource-Event is nchan's
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'event-type': event.type,
      'x-eventsource-event': event.type,
      ...headers,
    },
    body: event.data,
    signal,
  });
  if (answer.status < 200 || answer.status > 299) {
    throw new Failure({
      code: 'publish-refused',
      message: `${new URL(httpUrl(url)).host} answered ${answer.status} to the publish.`,
      hint: 'Check that the endpoint takes POST there, and its headers.',
      place: 'publish',
    });
  }
  try {
    // cast: it may be missing
    const cursor = (JSON.parse(answer.body) as { cursor?: unknown }).cursor;
    return typeof cursor === 'string' ? cursor : null;
  } catch {
    return null;
  }
}
