import { Refusal } from './refusal.ts';

/** What a client may say on a WebSocket of `events.v1`. */
export type ClientMessage = { ref: string | number | undefined } & (
  | { t: 'sub'; ch: string; after: string | null; onGap: 'continue' | 'fail' }
  | { t: 'unsub'; ch: string }
  | { t: 'pub'; ch: string; type: string; data: string; key: string | undefined }
  | { t: 'sig'; ch: string; data: unknown }
  | { t: 'presence'; ch: string; what: 'join' | 'leave'; who: string }
  | { t: 'presence'; ch: string; what: 'here' }
);

const LONGEST_NAME = 128;
/** Parsing takes any depth; writing it out again would run out of stack. */
const DEEPEST = 100;

/** Checks an already parsed message. `implied` is the channel of the URL, when it names one. @throws Refusal 400 */
export function readMessage(raw: Record<string, unknown>, implied: string | null): ClientMessage {
  const ref = typeof raw['ref'] === 'string' || typeof raw['ref'] === 'number' ? raw['ref'] : undefined;
  const ch = raw['ch'] === undefined && implied !== null ? implied : text(raw, 'ch');
  switch (raw['t']) {
    case 'sub': {
      const after = raw['after'] === undefined || raw['after'] === null ? null : text(raw, 'after');
      const onGap = raw['onGap'] ?? 'continue';
      if (onGap !== 'continue' && onGap !== 'fail') throw bad('onGap', 'Write "continue" or "fail".');
      return { t: 'sub', ref, ch, after, onGap };
    }
    case 'unsub':
      return { t: 'unsub', ref, ch };
    case 'pub': {
      const type = raw['type'] === undefined ? 'message' : text(raw, 'type');
      const key = raw['key'] === undefined ? undefined : text(raw, 'key');
      return { t: 'pub', ref, ch, type, data: text(raw, 'data'), key };
    }
    case 'sig':
      if (isDeeper(raw['data'], DEEPEST)) throw bad('data', `It is nested at most ${DEEPEST} deep.`);
      return { t: 'sig', ref, ch, data: raw['data'] ?? null };
    case 'presence':
      for (const what of ['join', 'leave'] as const) {
        if (raw[what] !== undefined)
          return { t: 'presence', ref, ch, what, who: text(raw, what).slice(0, LONGEST_NAME) };
      }
      if (raw['here'] !== undefined) return { t: 'presence', ref, ch, what: 'here' };
      throw bad('presence', 'Say "join": NAME, "leave": NAME or "here": true.');
    default:
      throw bad('t', 'It is one of sub, unsub, pub, sig and presence.');
  }
}

const isDeeper = (value: unknown, than: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (than === 0 || Object.values(value).some((inner) => isDeeper(inner, than - 1)));

function text(raw: Record<string, unknown>, field: string): string {
  const value = raw[field];
  if (typeof value === 'string') return value;
  throw bad(field, 'It is a string.');
}

const bad = (place: string, hint: string): Refusal =>
  new Refusal(400, { code: 'bad-message', place, message: `The message's "${place}" will not do.`, hint });
