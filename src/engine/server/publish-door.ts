import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, eventsHeaders } from './answer.ts';
import { Refusal } from './refusal.ts';
import { checkOrigin } from './origin.ts';
import { header } from './ask.ts';
import { tryLater } from './poll.ts';
import type { ServeContext } from './serve-context.ts';

/** How much of a body that is too long is still read, so that the answer is not lost in a reset. */
const POLITE_BYTES = 64 * 1024 * 1024;

/** `POST /events/{channel}`: the body is the data, whatever its media type. Rejects with a Refusal or Failure. */
export async function publishDoor(req: IncomingMessage, res: ServerResponse, ctx: ServeContext): Promise<void> {
  const { house, channel } = ctx;
  checkOrigin(req, house);
  if (ctx.full) throw tryLater(ctx, 429);
  if (house.leaving) throw tryLater(ctx, 503);
  const data = decode(await readBody(req, house.limits.publishBody), 'body');
  const type = decode(Buffer.from(header(req, 'event-type') ?? 'message', 'latin1'), 'Event-Type');
  const { event, duplicate } = house.publish(channel.name, { type, data }, header(req, 'idempotency-key'));
  answer(
    res,
    duplicate ? 200 : 201,
    {
      ...house.headers,
      ...eventsHeaders(house.hub(channel.name).log.bounds(), event.seq),
      'Content-Type': 'application/json',
    },
    `${JSON.stringify({ cursor: event.cursor, type: event.type, time: event.time, duplicate })}\n`,
  );
}

export const tooLarge = (limit: number): Refusal =>
  new Refusal(
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
    const parts: Buffer[] = [];
    let bytes = 0;
    req.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= limit) parts.push(part);
      else if (bytes > POLITE_BYTES) req.socket.destroy();
      else parts.length = 0;
    });
    req.on('end', () => (bytes > limit ? reject(tooLarge(limit)) : resolve(Buffer.concat(parts))));
    req.on('error', reject);
    req.on('close', () => reject(new Refusal(400, { code: 'cut-short', message: 'The body ended early.' })));
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws Refusal 400 when the bytes are not UTF-8 */
function decode(bytes: Buffer, place: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Refusal(400, {
      code: 'bad-data',
      place,
      message: `The ${place === 'body' ? 'body' : 'type'} is not UTF-8.`,
      hint: 'Encode binary data first, as base64 for example.',
    });
  }
}
