import { HttpError } from '../../server/http/http-error.ts';

/** What a client may send on a WebSocket of `events.v1`. */
export type ClientMessage = { ref: string | number | undefined } & (
  | { t: 'sub'; ch: string; after: string | null; onGap: 'continue' | 'fail' }
  | { t: 'unsub'; ch: string }
  | { t: 'pub'; ch: string; type: string; data: string; key: string | undefined }
  | { t: 'sig'; ch: string; data: unknown }
  | { t: 'presence'; ch: string; what: 'join' | 'leave'; who: string }
  | { t: 'presence'; ch: string; what: 'here' }
);

const MAX_NAME_LENGTH = 128;
/** Parsing takes any depth; writing it out again would run out of stack. */
const MAX_DEPTH = 100;

/** Checks an already parsed message. `implied` is the channel of the URL, when it names one. @throws HttpError 400 */
export function parseClientMessage(raw: Record<string, unknown>, urlChannel: string | null): ClientMessage {
  const ref = isRef(raw['ref']) ? raw['ref'] : undefined;
  const ch = raw['ch'] === undefined && urlChannel !== null ? urlChannel : stringField(raw, 'ch');
  switch (raw['t']) {
    case 'sub': {
      const after = raw['after'] === undefined || raw['after'] === null ? null : stringField(raw, 'after');
      const onGap = raw['onGap'] ?? 'continue';
      if (onGap !== 'continue' && onGap !== 'fail') throw badField('onGap', 'Write "continue" or "fail".');
      return { t: 'sub', ref, ch, after, onGap };
    }
    case 'unsub':
      return { t: 'unsub', ref, ch };
    case 'pub': {
      const type = raw['type'] === undefined ? 'message' : stringField(raw, 'type');
      const key = raw['key'] === undefined ? undefined : stringField(raw, 'key');
      return { t: 'pub', ref, ch, type, data: stringField(raw, 'data'), key };
    }
    case 'sig':
      if (isNestedDeeper(raw['data'], MAX_DEPTH)) throw badField('data', `It is nested at most ${MAX_DEPTH} deep.`);
      return { t: 'sig', ref, ch, data: raw['data'] ?? null };
    case 'presence':
      for (const what of ['join', 'leave'] as const) {
        if (raw[what] !== undefined)
          return { t: 'presence', ref, ch, what, who: stringField(raw, what).slice(0, MAX_NAME_LENGTH) };
      }
      if (raw['here'] !== undefined) return { t: 'presence', ref, ch, what: 'here' };
      throw badField('presence', 'Say "join": NAME, "leave": NAME or "here": true.');
    default:
      throw badField('t', 'It is one of sub, unsub, pub, sig and presence.');
  }
}

/** A number or name that a client gives its message; the answer carries it. */
export const isRef = (ref: unknown): ref is string | number => typeof ref === 'string' || typeof ref === 'number';

const isNestedDeeper = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, depth - 1)));

function stringField(raw: Record<string, unknown>, field: string): string {
  const value = raw[field];
  if (typeof value === 'string') return value;
  throw badField(field, 'It is a string.');
}

const badField = (place: string, hint: string): HttpError =>
  new HttpError(400, { code: 'bad-message', place, message: `The message's "${place}" will not do.`, hint });
