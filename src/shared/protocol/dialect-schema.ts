import * as v from 'valibot';
import { METHODS } from '../catalog.ts';
import type { Dialect } from './dialect.ts';
import { Failure } from '../failure.ts';

const text = v.pipe(v.string('must be text'), v.nonEmpty('must not be empty'));
const jsonPointer = v.pipe(v.string('must be text'), v.regex(/^(\/.*)?$/s, 'must be a JSON pointer such as /events'));
const status = v.pipe(v.number('must be a number'), v.integer(), v.minValue(100), v.maxValue(599, 'must be a status'));

const where = v.nullable(
  v.union(
    [v.strictObject({ header: text }), v.strictObject({ pointer: jsonPointer }), v.strictObject({ field: text })],
    'must be null, {"header": …}, {"pointer": …} or {"field": …}',
  ),
);
const ask = v.variant(
  'in',
  [
    v.strictObject({ in: v.literal('query'), name: text }),
    v.strictObject({ in: v.literal('header'), name: text }),
    v.strictObject({ in: v.literal('validators') }),
    v.strictObject({ in: v.literal('none') }),
  ],
  'must be {"in": "query"|"header", "name": …}, {"in": "validators"} or {"in": "none"}',
);
const template = v.pipe(text, v.includes('{base}', 'must contain {base}'));

const schema = v.strictObject({
  name: v.pipe(text, v.regex(/^[a-z0-9.-]+$/, 'may have only a-z, 0-9, dots and dashes')),
  label: text,
  dense: v.boolean('must be true or false'),
  urls: v.strictObject(Object.fromEntries(METHODS.map((m) => [m, v.optional(template)]))),
  publish: v.nullable(template),
  start: v.strictObject({ earliest: v.nullable(text), now: v.nullable(text) }),
  poll: v.strictObject({
    ask,
    body: v.variant('kind', [
      v.strictObject({ kind: v.literal('list'), events: jsonPointer }),
      v.strictObject({ kind: v.literal('one') }),
    ]),
    id: where,
    type: where,
    time: where,
    data: where,
    cursor: where,
    nothingNew: v.array(status),
    wait: v.nullable(v.strictObject({ in: v.picklist(['query', 'prefer']), name: text })),
    pollAfterMs: v.optional(jsonPointer),
    more: v.optional(jsonPointer),
    ended: v.optional(jsonPointer),
  }),
  sse: v.strictObject({
    ask,
    resume: v.optional(ask),
    time: where,
    control: v.boolean('must be true or false'),
    retryOn: v.optional(v.array(status)),
  }),
  websocket: v.strictObject({
    ask,
    subprotocols: v.array(text),
    framing: v.picklist(['events.v1', 'meta', 'json', 'text']),
    id: where,
    type: where,
    time: where,
    data: where,
    beat: v.optional(v.nullable(v.strictObject({ send: text, expect: text }))),
  }),
});

/**
 * A dialect from parsed JSON.
 * @param place what it is called in errors: the flag or the file
 * @throws Failure `bad-dialect` naming the key
 */
export function parseDialect(json: unknown, place: string): Dialect {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output as Dialect; // cast: optional keys are absent here, never undefined
  const issue = result.issues[0];
  const key = issue.path?.map((p) => String(p.key)).join('.') ?? '';
  const received = issue.received === 'undefined' ? 'is missing' : `${issue.message} (found ${issue.received})`;
  const unknown = issue.type === 'strict_object' && issue.expected === 'never';
  throw new Failure({
    code: 'bad-dialect',
    message: unknown
      ? `"${key}" is not a key of a dialect.`
      : key === ''
        ? `It ${issue.message}.`
        : `"${key}" ${received}.`,
    hint: 'A dialect has name, label, dense, urls, publish, start, poll, sse and websocket.',
    place: key === '' ? place : `${place}: ${key}`,
    exit: 2,
  });
}
