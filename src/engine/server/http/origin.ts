import type { IncomingMessage } from 'node:http';
import { Failure } from '../../../shared/failure.ts';
import type { Broker } from '../broker/broker.ts';
import { isOwnHost } from './host-name.ts';
import { HttpError } from './http-error.ts';

/** Checks the value of `--cors`, and serialises an origin as browsers do. @throws Failure `bad-origin` */
export function normalizeCors(cors: string): string {
  if (cors === 'off' || cors === '*') return cors;
  try {
    const { origin, protocol } = new URL(cors);
    if (protocol === 'http:' || protocol === 'https:') return origin;
  } catch {
    // falls through to the one sentence
  }
  throw new Failure({
    code: 'bad-origin',
    place: '--cors',
    message: `"${cors}" is not an origin.`,
    hint: 'Write off, * or an origin such as http://localhost:8080.',
    exit: 2,
  });
}

/** The CORS response headers for that origin. */
export function corsHeaders(cors: string): Record<string, string> {
  if (cors === 'off') return {};
  return {
    'Access-Control-Allow-Origin': cors,
    'Access-Control-Expose-Headers':
      'ETag, Events-Cursor, Events-Floor, Events-Newest, Events-Retry-Ms, Preference-Applied, Retry-After',
  };
}

export const PREFLIGHT_HEADERS: Record<string, string> = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST',
  'Access-Control-Allow-Headers':
    'Accept, Cache-Control, Content-Type, Event-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer',
  'Access-Control-Max-Age': '600',
};

/**
 * A browser lets any page post and open a WebSocket, and only tells us which one it was. No Origin: no browser. Our own
 * pages are those of a Host that is ours.
 * @throws HttpError 403
 */
export function checkOrigin(req: IncomingMessage, broker: Broker): void {
  const { origin, host } = req.headers;
  const { cors } = broker.settings;
  if (origin === undefined || cors === '*' || origin === cors) return;
  if (isOwnHost(host, broker.address) && (origin === `http://${host}` || origin === `https://${host}`)) return;
  throw new HttpError(403, {
    code: 'bad-origin',
    place: 'Origin',
    message: `Pages of ${origin.slice(0, 200)} may not publish or open a WebSocket here.`,
    hint: `Start the server with --cors ${origin === 'null' ? '*' : origin.slice(0, 200)}.`,
  });
}
