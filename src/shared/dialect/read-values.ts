/** The small values of a dialect file: pointers, places, templates, patterns, durations, JSON. */
import { Failure, messageOf } from '../failure.ts';
import { isRecord } from '../guards.ts';
import { parseDuration } from '../duration.ts';
import { Keys, shown, type KeyPath, type Problems } from './keys.ts';
import type { Condition, Conditions, Expectation, Json, TimePlace, ValuePlace } from './model.ts';
import { badTemplate } from './template.ts';

const POINTER = /^(\/.*)?$/s;
const A_POINTER = 'a JSON pointer such as /seq';

export function readPointer(keys: Keys, key: string): string | null {
  const value = keys.get(key);
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && POINTER.test(value)) return value;
  keys.bad(key, `${shown(value)} is not ${A_POINTER}.`, typeof value === 'string' ? `Write /${value}` : undefined);
  return null;
}

/** `/seq`, `{header: x-id}` or `{field: time}`. */
export function readPlace(keys: Keys, key: string): ValuePlace | null {
  const value = keys.get(key);
  if (value === undefined || value === null) return null;
  if (!isRecord(value)) {
    const pointer = readPointer(keys, key);
    return pointer === null ? null : { pointer };
  }
  const inner = new Keys(value, [...keys.path, key], keys.problems);
  const place = readPlaceKeys(inner);
  inner.done();
  if (!place) keys.bad(key, 'It names no place.', 'Write /seq, {pointer: /seq}, {header: x-id} or {field: time}.');
  return place;
}

function readPlaceKeys(keys: Keys): ValuePlace | null {
  const pointer = readPointer(keys, 'pointer');
  const [header, field] = [keys.text('header'), keys.text('field')];
  if (pointer !== null) return { pointer };
  if (header !== null) return { header: header.toLowerCase() };
  return field === null ? null : { field };
}

/** `/ts` or `{at: /ts, unit: ms}`. */
export function readTime(keys: Keys, key: string): TimePlace | null {
  const value = keys.get(key);
  if (!isRecord(value) || !Object.hasOwn(value, 'at')) {
    const place = readPlace(keys, key);
    return place && { ...place, unit: null };
  }
  const inner = new Keys(value, [...keys.path, key], keys.problems);
  const place = readPlace(inner, 'at');
  const unit = inner.choice('unit', ['s', 'ms', 'us', 'ns']);
  inner.done();
  return place && { ...place, unit };
}

/** A text with templates in it, as in a URL: no other braces. */
export function readTemplate(keys: Keys, key: string): string | null {
  const text = keys.text(key);
  if (text !== null) checkTemplate(text, [...keys.path, key], keys.problems, true);
  return text;
}

export function checkTemplate(text: string, path: KeyPath, problems: Problems, strict: boolean): void {
  const bad = badTemplate(text, strict);
  if (!bad) return;
  const hint =
    bad.near === null
      ? 'Known: {base}, {channel}, {cursor}, {epoch}, {token}, {var.NAME}.'
      : `Did you mean {${bad.near}}?`;
  problems.add(path, `${bad.text} is not a template.`, hint);
}

/** Milliseconds, from `20s`. */
export function readDuration(keys: Keys, key: string): number | null {
  const value = keys.get(key);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') {
    keys.bad(key, `${shown(value)} is not a duration.`, 'Write a number with a unit: 250ms, 10s or 5m.');
    return null;
  }
  try {
    return parseDuration(value);
  } catch (error) {
    keys.bad(key, messageOf(error), error instanceof Failure ? error.hint : undefined);
    return null;
  }
}

/** Any JSON, with templates in its texts; undefined where nothing stands. */
export function readJson(keys: Keys, key: string): Json | undefined {
  const value = keys.get(key);
  if (value === undefined) return undefined;
  return jsonOf(value, [...keys.path, key], keys.problems);
}

function jsonOf(value: unknown, path: KeyPath, problems: Problems): Json {
  if (typeof value === 'string') {
    checkTemplate(value, path, problems, false);
    return value;
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map((inner, i) => jsonOf(inner, [...path, i], problems));
  if (!isRecord(value)) {
    problems.add(path, `${shown(value)} cannot be sent as JSON.`);
    return null;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, jsonOf(inner, [...path, key], problems)]),
  );
}

export function patternProblem(pattern: string): string | null {
  try {
    new RegExp(pattern);
    return null;
  } catch (error) {
    return `It is not a pattern: ${messageOf(error)}.`;
  }
}

const WORDS = ['data', 'event', 'comment'] as const;

/** What must hold of a message: `data`, `event`, `comment`, or a pointer, each with what it must be. */
export function readConditions(value: unknown, path: KeyPath, problems: Problems): Conditions {
  const keys = Keys.of(value, path, problems, 'a set of keys: data, event, comment or a pointer such as /type');
  if (!keys) return [];
  const out: Conditions = [];
  for (const word of WORDS) {
    const test = readTest(keys.get(word), [...path, word], problems);
    if (test) out.push({ on: word, pointer: '', test });
  }
  for (const key of keys.rest()) {
    if (!POINTER.test(key)) continue;
    const test = readTest(keys.get(key), [...path, key], problems);
    if (test) out.push({ on: 'pointer', pointer: key, test });
  }
  const unknown = keys.rest()[0];
  if (unknown !== undefined) keys.get('/type'); // so that a pointer is offered among what is known
  keys.done();
  return out;
}

function readTest(value: unknown, path: KeyPath, problems: Problems): Condition['test'] | null {
  if (value === undefined) return null;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { equals: value };
  }
  const keys = Keys.of(value, path, problems, 'a value, {exists: true} or {pattern: …}');
  if (!keys) return null;
  const exists = keys.get('exists');
  const pattern = keys.text('pattern');
  keys.done();
  if (pattern !== null) {
    const wrong = patternProblem(pattern);
    if (wrong === null) return { pattern };
    keys.bad('pattern', wrong);
    return null;
  }
  if (typeof exists === 'boolean') return { exists };
  problems.add(path, 'It says nothing that could be tried.', 'Write a value, {exists: true} or {pattern: …}.');
  return null;
}

/** What a message is awaited as: conditions where every key is one, else JSON (or text) that it has at least. */
export function readExpectation(keys: Keys, key: string): Expectation | null {
  const value = keys.get(key);
  if (value === undefined || value === null) return null;
  const path = [...keys.path, key];
  const names = isRecord(value) ? Object.keys(value) : [];
  const conditions =
    names.length > 0 && names.every((name) => name.startsWith('/') || WORDS.some((word) => word === name));
  if (conditions) return { conditions: readConditions(value, path, keys.problems) };
  return { like: jsonOf(value, path, keys.problems) };
}
