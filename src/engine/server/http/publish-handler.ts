import type { IncomingMessage, ServerResponse } from 'node:http';
import { respond } from '../../http/response.ts';
import { eventsHeaders, responseHeaders } from './response.ts';
import { HttpError } from './http-error.ts';
import { checkOrigin } from './origin.ts';
import { headerValue } from './request.ts';
import { retryLaterError } from './poll-response.ts';
import type { ServeContext } from './serve-context.ts';

/** How much of a body that is too long is still read, so that the response is not lost in a reset. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/** `POST /events/{channel}`: the body is the data, whatever its media type. Rejects with an HttpError or Failure. */
export async function handlePublish(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): Promise<void> {
  const { broker, log } = ctx;
  checkOrigin(req, broker);
  if (ctx.overLimit) throw retryLaterError(ctx, 429);
  if (broker.draining) throw retryLaterError(ctx, 503);
  const data = decodeUtf8(await readBody(req, broker.limits.publishBody), 'body');
  const type = decodeUtf8(Buffer.from(headerValue(req, 'event-type') ?? 'message', 'latin1'), 'Event-Type');
  const { event, duplicate } = await broker.publish(log.name, { type, data }, headerValue(req, 'idempotency-key'));
  const bounds = broker.channel(log.name).log.bounds();
  respond(
    res,
    duplicate ? 200 : 201,
    {
      ...responseHeaders(broker),
      ...eventsHeaders({ ...bounds, newest: Math.max(bounds.newest, event.seq) }, event.seq),
      'Content-Type': 'application/json',
    },
    `${JSON.stringify({ cursor: event.cursor, type: event.type, time: event.time, duplicate })}\n`,
  );
}

export const contentTooLarge = (limit: number): HttpError =>
  new HttpError(
    413,
    {
      code: 'too-large',
      place: 'body',
      message: `An event is at most ${limit} bytes.`,
      hint: 'Publish something shorter, or where to find it.',
    },
    { Connection: 'close' },
  );

function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else if (bytes > MAX_DISCARDED_BYTES) req.socket.destroy();
      else chunks.length = 0;
    });
    req.on('end', () => (bytes > limit ? reject(contentTooLarge(limit)) : resolve(Buffer.concat(chunks))));
    req.on('error', reject);
    req.on('close', () => reject(new HttpError(400, { code: 'cut-short', message: 'The body ended early.' })));
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws HttpError 400 when the bytes are not UTF-8 */
function decodeUtf8(bytes: Buffer, place: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new HttpError(400, {
      code: 'bad-data',
      place,
      message: `The ${place === 'body' ? 'body' : 'type'} is not UTF-8.`,
      hint: 'Encode binary data first, as base64 for example.',
    });
  }
}
