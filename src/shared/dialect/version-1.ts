/** Dialect files of version 1: their shape, and what they mean in version 2. */
import * as v from 'valibot';
import { METHODS, type Method } from '../catalog.ts';
import type { Problem } from './keys.ts';
import {
  ANY_EVENT,
  newMethodDialect,
  NO_REQUEST,
  type CodeRange,
  type Dialect,
  type Framing,
  type MessageRule,
  type MethodDialect,
  type RequestRules,
  type ValuePlace,
} from './model.ts';

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

const Schema = v.strictObject({
  name: v.pipe(text, v.regex(/^[a-z0-9.-]+$/, 'may have only a-z, 0-9, dots and dashes')),
  label: text,
  dense: v.boolean('must be true or false'),
  urls: v.strictObject({
    'short-polling': v.exactOptional(template),
    'long-polling': v.exactOptional(template),
    sse: v.exactOptional(template),
    websocket: v.exactOptional(template),
  }),
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
    pollAfterMs: v.exactOptional(jsonPointer),
    more: v.exactOptional(jsonPointer),
    ended: v.exactOptional(jsonPointer),
  }),
  sse: v.strictObject({
    ask,
    resume: v.exactOptional(ask),
    time: where,
    control: v.boolean('must be true or false'),
    retryOn: v.exactOptional(v.array(status)),
  }),
  websocket: v.strictObject({
    ask,
    subprotocols: v.array(text),
    framing: v.picklist(['events.v1', 'meta', 'json', 'text']),
    id: where,
    type: where,
    time: where,
    data: where,
    beat: v.exactOptional(v.nullable(v.strictObject({ send: text, expect: text }))),
  }),
});

type DialectV1 = v.InferOutput<typeof Schema>;
type Ask = v.InferOutput<typeof ask>;
type Where = v.InferOutput<typeof where>;

/** What a dialect of version 1 calls dense: digits, with an epoch and a dot before them or without. */
const VERSION_1_DENSE = '^(?:(?<epoch>\\S{0,64})\\.)?(?<seq>\\d{1,100})$';

export function readDialectV1(json: unknown): { dialect: Dialect | null; problems: Problem[] } {
  const result = v.safeParse(Schema, json);
  if (result.success) return { dialect: convert(result.output), problems: [] };
  const issue = result.issues[0];
  const path = (issue.path ?? []).map((p) => p.key as string | number); // cast: of plain data
  const key = path.join('.');
  const received = issue.received === 'undefined' ? 'is missing' : `${issue.message} (found ${issue.received})`;
  const unknown = issue.type === 'strict_object' && issue.expected === 'never';
  const message = unknown
    ? `"${key}" is not a key of a dialect.`
    : key === ''
      ? `It ${issue.message}.`
      : `"${key}" ${received}.`;
  const hint =
    'A dialect of version 1 has name, label, dense, urls, publish, start, poll, sse and websocket; one of version 2 begins with "dialect: 2".';
  return { dialect: null, problems: [{ path, message, hint }] };
}

function convert(d: DialectV1): Dialect {
  const methods: Dialect['methods'] = {};
  for (const method of METHODS) methods[method] = { ...block(d, method), url: d.urls[method] ?? null };
  return {
    name: d.name,
    label: d.label,
    ids: {
      kind: d.dense ? 'dense' : 'opaque',
      next: 'same',
      epoch: d.dense ? { pattern: VERSION_1_DENSE } : null,
      previous: null,
    },
    methods,
    publish: d.publish,
    start: d.start,
  };
}

function block(d: DialectV1, method: Method): MethodDialect {
  if (method === 'sse') return streamBlock(d.sse);
  return method === 'websocket' ? socketBlock(d.websocket) : pollBlock(d.poll, method);
}

function streamBlock({ ask: first, resume = first, time, control, retryOn = [] }: DialectV1['sse']): MethodDialect {
  const status: CodeRange[] = retryOn.map((code) => ({ from: code, to: code, then: 'retry' }));
  return {
    ...newMethodDialect(control ? 'events.v1' : 'sse'),
    first: requestOf(first, true),
    resume: insteadOf(requestOf(first, true), resumeOf(resume)),
    messages: [{ ...ANY_EVENT, time: timeOf(time) }],
    after: { status, close: [], lost: null },
  };
}

function socketBlock(w: DialectV1['websocket']): MethodDialect {
  const { subprotocols, framing, beat } = w;
  const event: MessageRule = { ...ANY_EVENT, id: w.id, type: w.type, time: timeOf(w.time), data: w.data };
  const isList = framing === 'json' && usesPointers(event);
  return {
    ...newMethodDialect(framing),
    first: requestOf(w.ask, true),
    resume: resumeOf(w.ask),
    subprotocols,
    each: isList ? '' : null,
    messages: framing === 'json' ? eventsWith(event) : [event],
    beat: beat ? { every: null, send: beat.send, expect: { like: jsonOr(beat.expect) }, withinMs: null } : null,
  };
}

/** A message that has not what is an event's data is none: a greeting, an acknowledgement. */
function eventsWith(event: MessageRule): MessageRule[] {
  const { data } = event;
  if (data === null) return [event];
  if (!('pointer' in data)) return [event];
  return [
    { ...event, when: [{ on: 'pointer', pointer: data.pointer, test: { exists: true } }] },
    { ...ANY_EVENT, is: 'ignore' },
  ];
}

function pollBlock(p: DialectV1['poll'], method: Method): MethodDialect {
  const event: MessageRule = { ...ANY_EVENT, id: p.id, type: p.type, time: timeOf(p.time), data: p.data };
  const list = p.body.kind === 'list' ? p.body.events : null;
  const framing: Framing = list === null ? 'one' : 'list';
  const { cursor, pollAfterMs, wait } = p;
  return {
    ...newMethodDialect(framing),
    first: requestOf(p.ask, true),
    resume: resumeOf(p.ask),
    each: list ?? (usesPointers(event) ? '' : null),
    cursor: p.ask.in === 'validators' ? 'validators' : cursor && 'field' in cursor ? null : cursor,
    nothingNew: p.nothingNew,
    hold: method === 'long-polling' && wait ? { in: wait.in, name: wait.name, unit: 's' } : null,
    pace: pollAfterMs === undefined ? null : { place: { pointer: pollAfterMs }, unit: 'ms', floorMs: 0, idle: true },
    more: p.more ?? null,
    ended: p.ended ?? null,
    messages: [event],
  };
}

/** Version 1 names the cursor it starts from in the same place as the one it resumes from. */
function requestOf(how: Ask, optional: boolean): RequestRules {
  const cursor = optional ? '{cursor?}' : '{cursor}';
  switch (how.in) {
    case 'query':
      return { ...NO_REQUEST, query: { [how.name]: cursor } };
    case 'header':
      return { ...NO_REQUEST, headers: { [how.name.toLowerCase()]: cursor } };
    case 'validators':
      return { ...NO_REQUEST, validators: cursor };
    case 'none':
      return NO_REQUEST;
  }
}

const resumeOf = (how: Ask): RequestRules | 'none' => (how.in === 'none' ? 'none' : requestOf(how, false));

/** A resume that names its cursor in another place than the first request does not name it there as well. */
function insteadOf(first: RequestRules, resume: RequestRules | 'none'): RequestRules | 'none' {
  if (resume === 'none') return resume;
  const none = (names: object): Record<string, null> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, null]));
  return {
    ...resume,
    query: { ...none(first.query), ...resume.query },
    headers: { ...none(first.headers), ...resume.headers },
  };
}

const timeOf = (place: Where): MessageRule['time'] => place && { ...place, unit: null };

const usesPointers = ({ id, type, time, data }: MessageRule): boolean =>
  [id, type, time, data].some((place: ValuePlace | null) => place !== null && 'pointer' in place);

/** What was expected as text of JSON is expected as JSON: at least that. */
function jsonOr(expected: string): string | Record<string, never> {
  try {
    const parsed: unknown = JSON.parse(expected);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, never>) : expected; // cast: JSON
  } catch {
    return expected;
  }
}
