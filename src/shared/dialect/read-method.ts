/** One method's block of a dialect file. */
import type { Method } from '../catalog.ts';
import { isRecord } from '../guards.ts';
import { Keys, listed, shown, type KeyPath, type Problems } from './keys.ts';
import {
  ANY_EVENT,
  DEFAULT_FRAMING,
  newMethodDialect,
  NO_REQUEST,
  type AfterEnd,
  type BeatRules,
  type CodeRange,
  type Framing,
  type MessageKind,
  type MessageRule,
  type MethodDialect,
  type OpenStep,
  type RequestRules,
} from './model.ts';
import {
  checkTemplate,
  readConditions,
  readDuration,
  readExpectation,
  readJson,
  readPlace,
  readPointer,
  readTemplate,
  readTime,
} from './read-values.ts';

const FRAMINGS: Record<Method, readonly Framing[]> = {
  sse: ['sse', 'ndjson', 'json-seq', 'lines', 'events.v1'],
  websocket: ['json', 'json-lines', 'text', 'binary', 'meta', 'socket.io', 'events.v1'],
  'short-polling': ['list', 'one', 'ndjson', 'events.v1'],
  'long-polling': ['list', 'one', 'ndjson', 'events.v1'],
};

const DEFAULT_WITHIN_MS = 10_000;

export function readMethod(method: Method, value: unknown, path: KeyPath, problems: Problems): MethodDialect | null {
  const keys = Keys.of(value ?? {}, path, problems, 'a set of keys');
  if (!keys) return null;
  const isSocket = method === 'websocket';
  const framing = keys.choice('framing', FRAMINGS[method]) ?? DEFAULT_FRAMING[method];
  const block = newMethodDialect(framing);
  block.url = readTemplate(keys, 'url');
  block.first = readRequest(keys.get('first'), [...path, 'first'], problems) ?? NO_REQUEST;
  block.resume =
    keys.get('resume') === 'none' ? 'none' : readRequest(keys.get('resume'), [...path, 'resume'], problems);
  block.subprotocols = readTexts(keys, 'subprotocols');
  block.open = readOpen(keys.get('open'), [...path, 'open'], problems);
  block.hold = readHold(keys.get('hold'), [...path, 'hold'], problems);
  block.pace = readPace(keys.get('pace'), [...path, 'pace'], problems);
  block.pages = readPages(keys.get('pages'), [...path, 'pages'], problems);
  block.cursor = readCursor(keys);
  const resumed = readPlace(keys, 'resumed');
  if (resumed && 'header' in resumed) block.resumed = resumed;
  else if (resumed) keys.bad('resumed', 'It is a header of the answer.', 'Write {header: last-event-id}.');
  block.nothingNew = readStatuses(keys, 'nothingNew') ?? block.nothingNew;
  block.each = readPointer(keys, 'each');
  block.more = readPointer(keys, 'more');
  block.ended = readPointer(keys, 'ended');
  block.ends = keys.text('ends')?.toUpperCase() ?? null;
  block.messages = readMessages(keys.get('messages'), [...path, 'messages'], problems);
  block.beat = readBeat(keys.get('beat'), [...path, 'beat'], problems);
  block.after = readAfter(keys.get('after'), [...path, 'after'], problems);
  keys.done();
  const only = (key: string, has: boolean, fits: boolean, where: string): void => {
    if (has && !fits) keys.bad(key, `It changes nothing here: ${key} is for ${where}.`, 'Leave it out.');
  };
  only('open', block.open.length > 0, isSocket, 'websocket');
  only('subprotocols', block.subprotocols.length > 0, isSocket, 'websocket');
  only('beat', block.beat !== null, isSocket, 'websocket');
  only('ends', block.ends !== null, method === 'sse', 'sse');
  only('hold', block.hold !== null, method === 'long-polling', 'long-polling');
  only('pages', block.pages?.link != null, method === 'short-polling' || method === 'long-polling', 'polling');
  only('pace', block.pace !== null, method === 'short-polling' || method === 'long-polling', 'polling');
  if (isSocket && isRecord(keys.get('first'))) {
    const { body } = block.first;
    if (body !== undefined && body !== null) {
      problems.add(
        [...path, 'first', 'body'],
        'A WebSocket handshake has no body.',
        'Send it as a message: open: [{send: …}].',
      );
    }
  }
  return block;
}

function readRequest(value: unknown, path: KeyPath, problems: Problems): RequestRules | null {
  if (value === undefined || value === null) return null;
  const keys = Keys.of(value, path, problems, 'a set of keys: method, query, headers, body');
  if (!keys) return null;
  const method = keys.text('method');
  if (method !== null && !/^[A-Za-z]{1,20}$/.test(method)) keys.bad('method', `"${method}" is not an HTTP method.`);
  const request: RequestRules = {
    method: method?.toUpperCase() ?? null,
    query: readNamed(keys, 'query'),
    headers: readNamed(keys, 'headers'),
    body: readJson(keys, 'body'),
    validators: readTemplate(keys, 'validators'),
  };
  keys.done();
  return request;
}

/** Names with texts; numbers and booleans are as good, null takes one away. */
function readNamed(keys: Keys, key: string): Record<string, string | null> {
  const value = keys.get(key);
  if (value === undefined || value === null) return {};
  const inner = Keys.of(value, [...keys.path, key], keys.problems, 'names with values');
  if (!inner) return {};
  const out: Record<string, string | null> = {};
  for (const name of inner.rest()) {
    const one = inner.get(name);
    if (one === null) out[name] = null;
    else if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') {
      out[name] = String(one);
      checkTemplate(String(one), [...inner.path, name], keys.problems, true);
    } else inner.bad(name, `It must be text, and is ${shown(one)}.`);
  }
  return out;
}

function readTexts(keys: Keys, key: string): string[] {
  const value = keys.get(key);
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((one) => {
    if (typeof one === 'string' && one !== '') return [one];
    keys.bad(key, `${shown(one)} is not text.`);
    return [];
  });
}

function readStatuses(keys: Keys, key: string): number[] | null {
  const value = keys.get(key);
  if (value === undefined || value === null) return null;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((one) => {
    const status = Number(one);
    if (Number.isInteger(status) && status >= 100 && status <= 599) return [status];
    keys.bad(key, `${shown(one)} is not a status.`, 'Write a list such as [204, 304].');
    return [];
  });
}

function readOpen(value: unknown, path: KeyPath, problems: Problems): OpenStep[] {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((one, i) => {
    const keys = Keys.of(one, [...path, i], problems, '{send: …, await: …, within: …}');
    if (!keys) return [];
    const step = {
      send: readJson(keys, 'send'),
      await: readExpectation(keys, 'await'),
      withinMs: readDuration(keys, 'within') ?? DEFAULT_WITHIN_MS,
    };
    keys.done();
    if (step.send === undefined && step.await === null) {
      problems.add([...path, i], 'It neither sends nor awaits.', 'Write {send: …}, {await: …} or both.');
    }
    return [step];
  });
}

function readHold(value: unknown, path: KeyPath, problems: Problems): MethodDialect['hold'] {
  if (value === undefined || value === null) return null;
  const keys = Keys.of(value, path, problems, '{query: timeout, unit: s}');
  if (!keys) return null;
  const [query, header, prefer] = [keys.text('query'), keys.text('header'), keys.text('prefer')];
  const unit = keys.choice('unit', ['s', 'ms']) ?? 's';
  keys.done();
  if (query !== null) return { in: 'query', name: query, unit };
  if (header !== null) return { in: 'header', name: header.toLowerCase(), unit };
  if (prefer !== null) return { in: 'prefer', name: prefer, unit: 's' };
  problems.add(path, 'It does not say how the hold is asked for.', 'Write query: NAME or header: NAME.');
  return null;
}

function readPace(value: unknown, path: KeyPath, problems: Problems): MethodDialect['pace'] {
  if (value === undefined || value === null) return null;
  const keys = Keys.of(value, path, problems, '{header: x-poll-interval, unit: s, floor: 1s}');
  if (!keys) return null;
  const [header, pointer] = [keys.text('header'), readPointer(keys, 'pointer')];
  const pace = {
    place: header !== null ? { header: header.toLowerCase() } : pointer !== null ? { pointer } : null,
    unit: keys.choice('unit', ['s', 'ms']) ?? ('s' as const),
    floorMs: readDuration(keys, 'floor') ?? 0,
    idle: keys.get('idle') === true,
  };
  keys.done();
  if (pace.place === null && pace.floorMs === 0) {
    problems.add(path, 'It says no pace.', 'Write header: NAME, pointer: /…, or floor: 1s.');
  }
  return pace;
}

function readPages(value: unknown, path: KeyPath, problems: Problems): MethodDialect['pages'] {
  if (value === undefined || value === null) return null;
  const keys = Keys.of(value, path, problems, '{link: next, order: newest-first}');
  if (!keys) return null;
  const pages = {
    link: keys.text('link'),
    order: keys.choice('order', ['oldest-first', 'newest-first']) ?? ('oldest-first' as const),
  };
  keys.done();
  return pages;
}

function readCursor(keys: Keys): MethodDialect['cursor'] {
  if (keys.get('cursor') === 'validators') return 'validators';
  const place = readPlace(keys, 'cursor');
  if (place === null || !('field' in place)) return place;
  keys.bad('cursor', 'An answer has no fields.', 'Write {header: NAME} or {pointer: /…}.');
  return null;
}

const KINDS: readonly MessageKind[] = [
  'event',
  'end',
  'beat',
  'pong',
  'hello',
  'rebase',
  'cursor',
  'gap',
  'error',
  'ignore',
];

function readMessages(value: unknown, path: KeyPath, problems: Problems): MessageRule[] {
  if (value === undefined || value === null) return [ANY_EVENT];
  if (!Array.isArray(value)) {
    problems.add(path, `It must be a list of rules, and is ${shown(value)}.`, 'Write - {is: event, id: /seq}.');
    return [];
  }
  return value.flatMap((one: unknown, i) => readRule(one, [...path, i], problems) ?? []);
}

function readRule(value: unknown, path: KeyPath, problems: Problems): MessageRule | null {
  const keys = Keys.of(value, path, problems, '{when: …, is: event, …}');
  if (!keys) return null;
  const when = keys.has('when') ? readConditions(keys.get('when'), [...path, 'when'], problems) : [];
  keys.get('when');
  const is = keys.choice('is', KINDS);
  if (is === null && !keys.has('is'))
    problems.add(path, 'It does not say what such a message is.', `Write is: ${listed(KINDS)}.`);
  const rule: MessageRule = { ...ANY_EVENT, when, is: is ?? 'ignore' };
  if (is === 'event' || is === 'rebase' || is === 'cursor' || is === 'gap') rule.id = readPlace(keys, 'id');
  if (is === 'event' || is === 'rebase') {
    rule.previous = readPlace(keys, 'previous');
    rule.type = readPlace(keys, 'type');
    rule.time = readTime(keys, 'time');
    rule.data = readPlace(keys, 'data');
    if (is === 'event') rule.token = readFlag(keys, 'token');
  }
  if (is === 'cursor' && rule.id === null && !keys.has('id')) {
    problems.add(path, 'A cursor needs its place.', 'Write id: /…');
  }
  if (is === 'hello' || is === 'gap') {
    rule.newest = readPlace(keys, 'newest');
    rule.oldest = readPlace(keys, 'oldest');
  }
  if (is === 'gap') {
    rule.missed = readPlace(keys, 'missed');
    rule.reason = readPlace(keys, 'reason');
    rule.then = keys.choice('then', ['oldest', 'before-oldest', 'restart', 'stop', 'go-on']);
    if ((rule.then === 'oldest' || rule.then === 'before-oldest') && rule.oldest === null) {
      keys.bad('then', `"${rule.then}" needs the oldest there is.`, 'Say where it stands: oldest: /oldest');
    }
  }
  if (is === 'error' || is === 'end' || is === 'gap') rule.text = readPlace(keys, 'text');
  if (is !== 'event') rule.each = readPointer(keys, 'each');
  if (is === 'beat') rule.answer = readJson(keys, 'answer');
  keys.done();
  return rule;
}

function readFlag(keys: Keys, key: string): boolean {
  const value = keys.get(key);
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  keys.bad(key, `It must be true or false, and is ${shown(value)}.`);
  return false;
}

function readBeat(value: unknown, path: KeyPath, problems: Problems): BeatRules | null {
  if (value === undefined || value === null) return null;
  const keys = Keys.of(value, path, problems, '{every: 20s, send: …, expect: …, within: 10s}');
  if (!keys) return null;
  const send = readJson(keys, 'send');
  if (send === undefined) problems.add(path, 'It does not say what is sent.', 'Write send: {op: ping}.');
  const beat: BeatRules = {
    every: readEvery(keys),
    send: send ?? '',
    expect: readExpectation(keys, 'expect'),
    withinMs: readDuration(keys, 'within'),
  };
  keys.done();
  return beat;
}

function readEvery(keys: Keys): BeatRules['every'] {
  const value = keys.get('every');
  if (!isRecord(value)) return readDuration(keys, 'every');
  const inner = new Keys(value, [...keys.path, 'every'], keys.problems);
  const place = readPlace(inner, inner.has('pointer') ? 'pointer' : 'at');
  const unit = inner.choice('unit', ['s', 'ms']) ?? 'ms';
  inner.get('pointer');
  inner.get('at');
  inner.done();
  return place && { place, unit };
}

const AFTER: readonly AfterEnd[] = ['retry', 'advice', 'refresh', 'gap', 'end', 'stop'];

function readAfter(value: unknown, path: KeyPath, problems: Problems): MethodDialect['after'] {
  if (value === undefined || value === null) return { status: [], close: [], lost: null };
  const keys = Keys.of(value, path, problems, 'a set of keys: status, close, lost');
  if (!keys) return { status: [], close: [], lost: null };
  const after = {
    status: readCodes(keys, 'status', 100, 599),
    close: readCodes(keys, 'close', 1000, 4999),
    lost: keys.choice('lost', ['retry', 'stop']),
  };
  keys.done();
  return after;
}

/** `{401: refresh, 4xx: stop, 3000-3499: retry}` */
function readCodes(keys: Keys, key: string, min: number, max: number): CodeRange[] {
  const value = keys.get(key);
  if (value === undefined || value === null) return [];
  const inner = Keys.of(value, [...keys.path, key], keys.problems, `codes with ${listed(AFTER)}`);
  if (!inner) return [];
  return inner.rest().flatMap((name) => {
    const then = inner.choice(name, AFTER);
    const range = codeRange(name);
    if (!range || range.from < min || range.to > max || range.from > range.to) {
      inner.bad(
        name,
        `"${name}" is not a code from ${min} to ${max}.`,
        key === 'status' ? 'Write 503, 5xx or 500-504.' : 'Write 1000 or 4000-4099.',
      );
      return [];
    }
    return then === null ? [] : [{ ...range, then }];
  });
}

function codeRange(text: string): { from: number; to: number } | null {
  const [, first, last] = /^(\d{3,4})(?:\s*-\s*(\d{3,4}))?$/.exec(text) ?? [];
  if (first !== undefined) return { from: Number(first), to: Number(last ?? first) };
  const wild = /^(\d{1,3})(x{1,3})$/i.exec(text);
  if (!wild) return null;
  const scale = 10 ** wild[2]!.length;
  return { from: Number(wild[1]) * scale, to: (Number(wild[1]) + 1) * scale - 1 };
}
