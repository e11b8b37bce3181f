/** The rules of a dialect for one method, compiled: which kind of message one is, and what stands where in it. */
import type { AfterGap, Dialect, Json, MessageRule, MethodDialect, TimePlace } from '../../../shared/dialect/model.ts';
import { isRecord } from '../../../shared/guards.ts';
import { countOf, timestampOf } from '../../wire/numbers.ts';
import { matcher, type Matcher } from './matcher.ts';
import { finder, pointerFinder, textOf, type Finder, type Subject } from './subject.ts';

/** What a message is, by the first rule that fits. */
export type Judged =
  | JudgedEvent
  | { is: 'rebase' | 'cursor'; id: string | null }
  | { is: 'beat'; answer: string | null }
  | { is: 'pong' | 'ignore' }
  | { is: 'end' | 'error'; text: string | null }
  | { is: 'hello'; newest: string | null; oldest: string | null; epoch: string | null; beatMs: number | null }
  | JudgedGap;

export interface JudgedEvent {
  is: 'event';
  id: string | null;
  /** The id that the message names as the one before it. */
  previous: string | null;
  epoch: string | null;
  type: string;
  time: number | null;
  data: string;
  bytes: number;
  token: boolean;
}

export interface JudgedGap {
  is: 'gap';
  oldest: string | null;
  newest: string | null;
  epoch: string | null;
  missed: number | null;
  reason: string | null;
  text: string | null;
  then: AfterGap | null;
}

interface Rule {
  matches: Matcher;
  /** Speaks of comments, and so of nothing else. */
  onComment: boolean;
  read(subject: Subject): Judged;
  is: MessageRule['is'];
  /** Where the id should stand; null where the rule does not say. */
  idAt: string | null;
  list: ((json: unknown) => unknown) | null;
}

export class Judge {
  readonly #rules: Rule[];
  readonly #commentRules: Rule[];
  readonly #each: ((json: unknown) => unknown) | null;
  /** Whether a message ends the stream: one that ends without it was cut off. */
  readonly hasEnd: boolean;
  readonly hasPong: boolean;
  readonly readsComments: boolean;
  /** Some event is known by the id that the stream itself gives it. */
  readonly hasOwnIds: boolean;
  /** The rule that took the last message, from 0; -1: none did. */
  ruleTaken = -1;
  /** The list that the message taken last carries, whose members are judged as well. */
  listTaken: ((json: unknown) => unknown) | null = null;
  /** The last event's id was looked for, and nothing stood there: where. */
  idNotFound: string | null = null;

  constructor(dialect: Dialect, method: MethodDialect, each: string | null = method.each) {
    const all = method.messages.map((rule) => compileRule(rule, dialect, method));
    this.#rules = all;
    this.#commentRules = all.filter((rule) => rule.onComment);
    this.#each = each === null ? null : pointerFinder(each);
    this.hasEnd = method.messages.some((rule) => rule.is === 'end');
    this.readsComments = this.#commentRules.length > 0;
    this.hasOwnIds =
      dialect.ids.kind !== 'none' && method.messages.some((rule) => rule.is === 'event' && rule.id === null);
    this.hasPong = method.messages.some((rule) => rule.is === 'pong');
  }

  /** @returns null where no rule takes it */
  judge(subject: Subject, only?: readonly MessageRule['is'][]): Judged | null {
    const rules = subject.comment === null ? this.#rules : this.#commentRules;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      if (only && !only.includes(rule.is)) continue;
      if (!rule.matches(subject)) continue;
      this.ruleTaken = i;
      this.listTaken = rule.list;
      const judged = rule.read(subject);
      this.idNotFound = judged.is === 'event' && judged.id === null ? rule.idAt : null;
      return judged;
    }
    this.ruleTaken = -1;
    this.listTaken = null;
    this.idNotFound = null;
    return null;
  }

  /** The list in a message, where the dialect says there is one; null: the message itself is meant. */
  membersOf(subject: Subject): unknown[] | null {
    if (!this.#each) return null;
    const { json } = subject;
    const list = json === undefined ? undefined : this.#each(json);
    return Array.isArray(list) ? list : null;
  }
}

const compiled = new WeakMap<MethodDialect, Judge>();

/** Compiled once for all lanes, though each keeps what it last found: use it at once. */
export function judgeOf(dialect: Dialect, method: MethodDialect): Judge {
  let judge = compiled.get(method);
  if (!judge) compiled.set(method, (judge = new Judge(dialect, method)));
  return judge;
}

const NOTHING: Finder = () => undefined;

function compileRule(rule: MessageRule, { ids }: Dialect, method: MethodDialect): Rule {
  const onComment = rule.when.some(({ on }) => on === 'comment');
  const idAt = rule.id === null || ids.kind === 'none' ? null : 'pointer' in rule.id ? rule.id.pointer : null;
  const base = {
    matches: withoutComments(matcher(rule.when), rule),
    onComment,
    is: rule.is,
    idAt,
    list: rule.each === null ? null : pointerFinder(rule.each),
  };
  const at = (place: Parameters<typeof finder>[0] | null): Finder => (place === null ? NOTHING : finder(place));
  const { epoch } = ids;
  const helloEpoch = epoch && 'hello' in epoch ? pointerFinder(epoch.hello) : () => undefined;
  const id = at(rule.id);
  switch (rule.is) {
    case 'event': {
      const ownId = rule.id === null;
      const [type, data, previous] = [at(rule.type), at(rule.data), at(rule.previous)];
      const eventEpoch = epoch && 'pointer' in epoch ? pointerFinder(epoch.pointer) : null;
      const time = timeReader(rule.time);
      const noIds = ids.kind === 'none';
      return {
        ...base,
        read: (s) => ({
          is: 'event',
          id: noIds ? null : ownId ? s.id : textOf(id(s)),
          previous: textOf(previous(s)),
          epoch: eventEpoch ? textOf(eventEpoch(s.json)) : null,
          type: (rule.type && textOf(type(s))) ?? s.event ?? 'message',
          time: time(s),
          data: rule.data === null ? s.text : dataText(data(s), s),
          bytes: s.bytes,
          token: rule.token,
        }),
      };
    }
    case 'rebase':
    case 'cursor': {
      const { is } = rule;
      return { ...base, read: (s) => ({ is, id: rule.id === null ? s.id : textOf(id(s)) }) };
    }
    case 'beat': {
      const { answer } = rule;
      return { ...base, read: (s) => ({ is: 'beat', answer: answer === undefined ? null : answerText(answer, s) }) };
    }
    case 'pong':
    case 'ignore': {
      const { is } = rule;
      return { ...base, read: () => ({ is }) };
    }
    case 'end':
    case 'error': {
      const { is } = rule;
      const text = at(rule.text);
      return { ...base, read: (s) => ({ is, text: wordsOf(text(s)) }) };
    }
    case 'hello': {
      const [newest, oldest] = [at(rule.newest), at(rule.oldest)];
      const every = method.beat?.every;
      const beat = typeof every === 'object' && every !== null ? finder(every.place) : NOTHING;
      const unit = typeof every === 'object' && every?.unit === 's' ? 1000 : 1;
      return {
        ...base,
        read: (s) => ({
          is: 'hello',
          newest: textOf(newest(s)),
          oldest: textOf(oldest(s)),
          epoch: textOf(helloEpoch(s.json)),
          beatMs: numberOf(beat(s), unit),
        }),
      };
    }
    case 'gap': {
      const [newest, oldest, missed] = [at(rule.newest), at(rule.oldest), at(rule.missed)];
      const [reason, text] = [at(rule.reason), at(rule.text)];
      return {
        ...base,
        read: (s) => ({
          is: 'gap',
          oldest: textOf(oldest(s)),
          newest: textOf(newest(s)),
          epoch: textOf(helloEpoch(s.json)),
          missed: countOf(missed(s)),
          reason: textOf(reason(s)),
          text: wordsOf(text(s)),
          then: rule.then,
        }),
      };
    }
  }
}

/** A rule that asks nothing of a message takes any message, and no comment. */
const withoutComments = (matches: Matcher, { when }: MessageRule): Matcher =>
  when.length === 0 ? ({ comment }) => comment === null : matches;

const dataText = (data: unknown, s: Subject): string =>
  data === undefined ? s.text : typeof data === 'string' ? data : JSON.stringify(data);

/** What the server says in words; a part of JSON as it stands. */
function wordsOf(value: unknown): string | null {
  const text = textOf(value);
  if (text !== null || value === undefined || value === null) return text;
  return JSON.stringify(value);
}

const numberOf = (value: unknown, unit: number): number | null =>
  typeof value === 'number' && value > 0 && Number.isFinite(value) ? value * unit : null;

const UNIT_MS = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

function timeReader(place: TimePlace | null): (subject: Subject) => number | null {
  if (place === null) return () => null;
  const { unit } = place;
  const find = finder(place);
  return (s) => {
    const value = find(s);
    if (unit === null) return timeOf(value);
    const number =
      typeof value === 'number' ? value : /^\d+(\.\d+)?$/.test(textOf(value) ?? '') ? Number(textOf(value)) : NaN;
    return Number.isNaN(number) ? dateOf(value) : timestampOf(Math.round(number * UNIT_MS[unit]));
  };
}

/** Unix ms from a number of ms, a number of seconds, or a date. */
function timeOf(value: unknown): number | null {
  if (typeof value === 'string' && /^\d{9,15}$/.test(value)) value = Number(value);
  if (typeof value === 'number') return timestampOf(value < 1e11 ? value * 1000 : value);
  return dateOf(value);
}

function dateOf(value: unknown): number | null {
  const date = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? null : date;
}

const FROM_MESSAGE = /\{(\/[^{}]*)\}/g;

/** What a beat is answered with: `{/n}` takes a value from the beat, as it is where it stands alone. */
function answerText(answer: Json, subject: Subject): string {
  const filled = fillAnswer(answer, subject);
  return typeof filled === 'string' ? filled : JSON.stringify(filled);
}

function fillAnswer(answer: Json, s: Subject): unknown {
  if (typeof answer === 'string') {
    const alone = /^\{(\/[^{}]*)\}$/.exec(answer)?.[1];
    if (alone !== undefined) return pointerFinder(alone)(s.json) ?? null;
    return answer.replaceAll(FROM_MESSAGE, (_, pointer: string) => textOf(pointerFinder(pointer)(s.json)) ?? '');
  }
  if (Array.isArray(answer)) return answer.map((inner) => fillAnswer(inner, s));
  if (!isRecord(answer)) return answer;
  return Object.fromEntries(Object.entries(answer).map(([key, inner]) => [key, fillAnswer(inner, s)]));
}
