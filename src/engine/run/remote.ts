/** The few requests Heartline itself makes to a remote endpoint, outside any lane: read the head, publish. */
import { Failure } from '../../shared/failure.ts';
import type { RunEndpoint } from './run-endpoint.ts';

/** How long the endpoint may take to answer. */
const ANSWER_LIMIT_MS = 30_000;

/** `ws://h/p` → `http://h/p`; others as they are. */
const httpUrl = (url: string): string => url.replace(/^ws(s?):/, 'http$1:');

/**
 * The newest cursor of a server that speaks our dialect, so that every lane of a run may start from the same place.
 * @returns null when it does not say
 */
export async function readNewestCursor(
  endpoint: RunEndpoint,
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const at = new URL(httpUrl(url));
  at.searchParams.set('after', 'now');
  const answer = await endpoint.ask(at.href, { method: 'GET', accept: 'application/json', timeoutMs, signal });
  const newest = answer.headers['events-newest'];
  return typeof newest === 'string' && newest !== '' ? newest : null;
}

/** Publishes one event by POST. @returns its cursor, when the answer names one */
export async function publishTo(
  endpoint: RunEndpoint,
  url: string,
  event: { type: string; data: string },
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await endpoint.ask(httpUrl(url), {
    method: 'POST',
    // Event-Type is ours, X-EventSource-Event is nchan's
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'event-type': event.type,
      'x-eventsource-event': event.type,
    },
    body: event.data,
    timeoutMs: ANSWER_LIMIT_MS,
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
