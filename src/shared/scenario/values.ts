/** The values a scenario file is made of, each with its reader and what JSON Schema says of it. */
import { isOneOf } from '../guards.ts';
import * as v from 'valibot';
import { isAcceptEncoding } from '../content-coding.ts';
import { MAX_DURATION_MS, parseDuration, parseRate, parseSize } from '../duration.ts';
import { parseRetryRule } from '../endpoint/retry-rules.ts';
import { Failure } from '../failure.ts';
import { parseVia } from '../path/text.ts';

/** What JSON Schema says of a value whose reader is code; read by whoever writes the schema file. */
export interface JsonSchemaMetadata {
  json: Record<string, unknown>;
}

/** A value read by code that throws a `Failure` saying what would do. */
export const parsedWith = <T>(json: Record<string, unknown>, read: (value: unknown) => T) =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        addIssue({ message: error.hint ? `${error.message} ${error.hint}` : error.message });
        return NEVER;
      }
    }),
    v.metadata({ json } satisfies JsonSchemaMetadata),
  );

export const reject = (message: string, hint?: string): never => {
  throw new Failure({ code: 'bad-scenario', message, exit: 2, ...(hint === undefined ? {} : { hint }) });
};

export const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : reject('It must be text.');

const DURATION = String.raw`\d+(\.\d+)?(ms|s|m|h|d)`;

function durationAtLeast(value: unknown, minMs: number): number {
  const ms = parseDuration(text(value));
  return ms >= minMs && ms <= MAX_DURATION_MS
    ? ms
    : reject(`${text(value)} is out of range.`, `Give ${minMs}ms to 11d.`);
}

export const duration = (least = 0) =>
  parsedWith({ type: 'string', pattern: `^${DURATION}$`, examples: ['250ms', '10s', '5m'] }, (value) =>
    durationAtLeast(value, least),
  );

export const durationOr = <W extends string>(words: readonly W[], least = 10) =>
  parsedWith(
    { type: 'string', pattern: `^(${[DURATION, ...words].join('|')})$`, examples: ['15s', ...words] },
    (value): number | W => {
      if (isOneOf(words, value)) return value;
      if (typeof value === 'string' && /^\d/.test(value)) return durationAtLeast(value, least);
      return reject(`${JSON.stringify(value)} will not do.`, `Write a duration such as 15s, or ${words.join(' or ')}.`);
    },
  );

export const acceptEncoding = parsedWith(
  { type: ['string', 'boolean'], examples: ['gzip, deflate', 'off'] },
  (value): string => {
    if (value === false) return 'off'; // YAML 1.1
    if (typeof value === 'string' && isAcceptEncoding(value)) return value;
    return reject(`${JSON.stringify(value)} is no list of codings.`, 'Write off, or some of gzip, deflate, br, zstd.');
  },
);

export const rate = parsedWith(
  { type: ['string', 'number'], pattern: String.raw`^\d+(\.\d+)?(/(s|m|h))?$`, examples: ['5/s', '30/m'] },
  (value) => {
    const perSecond = parseRate(text(value));
    return perSecond > 0 && perSecond <= 100_000
      ? perSecond
      : reject(`${text(value)} is out of range.`, 'Give more than 0 and at most 100000/s.');
  },
);

export const size = parsedWith(
  {
    type: ['string', 'integer'],
    pattern: String.raw`^\d+(\.\d+)?(B|KiB|MiB|GiB|kB|MB|GB)?$`,
    examples: ['512B', '1KiB'],
  },
  (value) => {
    const bytes = parseSize(text(value));
    return bytes <= 1024 * 1024 ? bytes : reject(`${text(value)} is out of range.`, 'Give at most 1MiB.');
  },
);

/** Only the grammar; whether such a preset or fault exists is known where they live. */
export const via = parsedWith(
  {
    type: 'string',
    minLength: 1,
    examples: ['nginx-tuned', 'latency:delay=100ms+idle-timeout:after=60s', 'error-status:every=3'],
  },
  (value) => {
    const typed = text(value);
    if (parseVia(typed).length === 0)
      reject('It names no preset or fault.', 'Write direct, haproxy-tcp or name:key=value.');
    return typed;
  },
);

/** The name of a step as it may be taken off the path again. */
export const stepName = parsedWith({ type: 'string', pattern: '^[a-z0-9.-]+$', examples: ['idle-timeout'] }, (value) =>
  /^[a-z0-9.-]+$/.test(text(value))
    ? text(value)
    : reject(`"${text(value)}" is not the name of a preset or fault.`, 'Write its name alone, such as idle-timeout.'),
);

/** What is published: text as it is, anything else as JSON. */
export const data = parsedWith({}, (value) => (typeof value === 'string' ? value : JSON.stringify(value)));

export const onOff = parsedWith({ type: ['string', 'boolean'], enum: ['on', 'off', true, false] }, (value) => {
  if (value === 'on' || value === true) return true;
  if (value === 'off' || value === false) return false;
  return reject(`${JSON.stringify(value)} will not do.`, 'Write on or off.');
});

/** A list of rules, or one text with commas between them. */
export const retryOn = parsedWith(
  {
    type: ['array', 'string', 'integer'],
    items: { type: ['string', 'integer'] },
    examples: [['503', '4000-4099'], '5xx,1008=stop'],
  },
  (value): string[] => {
    const list: unknown[] = Array.isArray(value) ? value : String(value).split(',');
    return list.map((one) =>
      typeof one === 'string' || typeof one === 'number'
        ? parseRetryRule(String(one)).text
        : reject('It is no list of rules.', 'Write such as [503, 4000-4099].'),
    );
  },
);
