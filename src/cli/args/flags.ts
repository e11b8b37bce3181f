/** One reader a kind of flag. Each throws a `Failure` (exit 2) that names the flag and says what would do. */
import { isOneOf } from '../../shared/guards.ts';
import { METHOD_SCHEMES, METHODS, WORKLOADS, type Method, type WorkloadName } from '../../shared/catalog.ts';
import { isAcceptEncoding } from '../../shared/content-coding.ts';
import { MAX_DURATION_MS, parseDuration, parseRate } from '../../shared/duration.ts';
import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import { shownUrl } from '../../shared/secrets.ts';
import { urlProblem } from '../../shared/target-check.ts';

type Reader<T> = (text: string) => T;

export const refuse = (flag: string, message: string, hint: string): Failure =>
  new Failure({ code: 'bad-usage', place: flag, message, hint, exit: 2 });

export const port =
  (flag: string): Reader<number> =>
  (text) => {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
      throw refuse(flag, `"${text}" is not a port.`, 'Write a number from 0 (any free one) to 65535.');
    }
    return Number(text);
  };

export const count =
  (flag: string): Reader<number> =>
  (text) => {
    if (!/^[1-9]\d{0,8}$/.test(text))
      throw refuse(flag, `"${text}" is not a count.`, 'Write a whole number from 1 up.');
    return Number(text);
  };

export const seed =
  (flag: string): Reader<number> =>
  (text) => {
    const n = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (!(n < 2 ** 32)) throw refuse(flag, `"${text}" is not a seed.`, 'Write a whole number from 0 to 4294967295.');
    return n;
  };

export const duration =
  (flag: string, least = 1): Reader<number> =>
  (text) => {
    const ms = parseDuration(text, flag);
    if (ms < least || ms > MAX_DURATION_MS) {
      throw refuse(flag, `${text} is out of range.`, `Give at least ${least}ms and at most 11d.`);
    }
    return ms;
  };

/** `off` stays a word: commander takes a null for "no value given" and makes an empty text of it. */
export const durationOrOff =
  (flag: string): Reader<number | 'off'> =>
  (text) =>
    text === 'off' ? text : duration(flag, 10)(text);

export const orNull = (read: number | 'off'): number | null => (read === 'off' ? null : read);

export const deadAfter =
  (flag: string): Reader<'auto' | 'off' | number> =>
  (text) =>
    text === 'auto' || text === 'off' ? text : duration(flag, 10)(text);

export const rate =
  (flag: string): Reader<number> =>
  (text) => {
    const perSecond = parseRate(text, flag);
    if (perSecond <= 0 || perSecond > 100_000) {
      throw refuse(flag, `${text} is out of range.`, 'Give more than 0 and at most 100000/s.');
    }
    return perSecond;
  };

export const oneOf =
  <T extends string>(flag: string, words: readonly T[]): Reader<T> =>
  (text) => {
    if (isOneOf(words, text)) return text;
    const near = nearest(text, words);
    throw refuse(
      flag,
      `"${text}" is not one of its values.`,
      near ? `Did you mean ${near}?` : `Write ${words.join(', ')}.`,
    );
  };

export const onOff =
  (flag: string): Reader<boolean> =>
  (text) =>
    oneOf(flag, ['on', 'off'])(text) === 'on';

export const acceptEncoding =
  (flag: string): Reader<string> =>
  (text) => {
    if (isAcceptEncoding(text)) return text;
    throw refuse(flag, `"${text}" is no list of codings.`, 'Write off, or some of gzip, deflate, br, zstd.');
  };

export const method = (flag: string): Reader<Method> => oneOf(flag, METHODS);
export const workload = (flag: string): Reader<WorkloadName> => oneOf(flag, WORKLOADS);

export const timeScale =
  (flag: string): Reader<number> =>
  (text) => {
    const n = text.trim() === '' ? NaN : Number(text.replace(/^[x×]/, ''));
    if (!(n > 0 && n <= 1000)) throw refuse(flag, `"${text}" is not a time scale.`, 'Write a number such as 1 or 10.');
    return n;
  };

/** `*`, `off`, or one origin such as `http://localhost:3000`. */
export const cors =
  (flag: string): Reader<string> =>
  (text) => {
    if (text === '*' || text === 'off') return text;
    try {
      const url = new URL(text);
      if (/^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '')) return url.origin;
    } catch {
      // said below
    }
    throw refuse(flag, `"${text}" is not an origin.`, 'Write one such as http://localhost:3000, or * or off.');
  };

export function url(flag: string, text: string, method: Method | null): string {
  const problem = urlProblem(flag, text, METHOD_SCHEMES[method ?? 'websocket']);
  if (problem) throw refuse(flag, problem.message, problem.hint ?? 'Write it whole: http://127.0.0.1:8080/events/demo');
  return text;
}

/** `sse=http://…`, gathered. */
export const lane =
  (flag: string) =>
  (text: string, before: { method: Method; url: string }[] = []): { method: Method; url: string }[] => {
    const at = text.indexOf('=');
    if (at < 0)
      throw refuse(flag, `"${shownUrl(text)}" is not METHOD=URL.`, 'Write sse=http://127.0.0.1:8080/events/demo');
    const which = method(flag)(text.slice(0, at));
    return [...before, { method: which, url: url(flag, text.slice(at + 1), which) }];
  };

/** `Name: value`, gathered. RFC 9110, section 5.5: no control characters in a value. */
export const header =
  (flag: string) =>
  (text: string, before: Record<string, string> = {}): Record<string, string> => {
    const m = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*:\s*(.*?)\s*$/s.exec(text);
    if (!m) throw refuse(flag, 'It is not a header.', `Write 'Name: value'.`); // and what it is may be a secret
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(m[2]!))
      throw refuse(flag, `The value of ${m[1]} has a control character.`, 'Take it out.');
    return { ...before, [m[1]!]: m[2]! };
  };

export const collect = (text: string, before: string[] = []): string[] => [...before, text];

/** A channel as our servers take it. */
export const channel =
  (flag: string): Reader<string> =>
  (text) => {
    if (!/^[\w.~-]{1,128}$/.test(text)) {
      throw refuse(flag, `"${text}" is not a channel name.`, 'Use letters, digits, and . _ ~ - (at most 128).');
    }
    return text;
  };
