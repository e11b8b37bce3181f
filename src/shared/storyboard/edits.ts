/** What a storyboard's editor does to a scenario file. Each takes the text and gives the text; nothing else in it moves. */
import { fieldOf, isRecord } from '../guards.ts';
import type { Method } from '../catalog.ts';
import { formatDuration } from '../duration.ts';
import { parseStoryboard } from './read.ts';
import { sameValue, formatYamlValue } from '../yaml/format-value.ts';
import { editYaml, styleOf } from '../yaml/edit.ts';
import type { YamlPath } from '../yaml/path.ts';

/** A value of the file: durations as people write them. */
export type FieldValue = string | number | boolean | readonly string[];

/** As the file is usually laid out: a new key goes behind those that stand before it here. */
const KEY_ORDER = ['name', 'description', 'seed', 'timeScale', 'server', 'target', 'lanes', 'path', 'schedule', 'duration', 'expect']; // prettier-ignore
const STEP_KEY_ORDER = ['at', 'do', 'via', 'type', 'data', 'count', 'every', 'final', 'lane', 'for', 'timers', 'end'];

const keysBefore = (order: readonly string[], key: string): string[] => order.slice(0, Math.max(0, order.indexOf(key)));

export const moveStep = (text: string, step: number, atMs: number): string =>
  setStepField(text, step, 'at', formatDuration(Math.max(0, atMs)));

/** @param forMs null: to the end, or as long as it takes by itself */
export const resizeStep = (text: string, step: number, forMs: number | null): string =>
  setStepField(text, step, 'for', forMs === null ? undefined : formatDuration(Math.max(1, forMs)));

/** @param value undefined takes the key out */
export function setStepField(text: string, step: number, key: string, value: FieldValue | undefined): string {
  const path = ['schedule', step, key];
  const current = valueAt(parseStoryboard(text).raw, path);
  if (Array.isArray(current) && isList(value)) return setList(text, path, current, value);
  return setKey(text, ['schedule', step], key, value, keysBefore(STEP_KEY_ORDER, key));
}

/** Stands in order of time where the others do. @returns the text, and which step of it this is */
export function addStep(
  text: string,
  step: { at: number; do: string } & Record<string, FieldValue>,
): { text: string; index: number } {
  // prettier-ignore
  const { at, ...rest } = step;
  const value = { at: formatDuration(Math.max(0, at)), ...rest };
  const { raw } = parseStoryboard(text);
  const list = listAt(raw, 'schedule');
  if (list === null) {
    const spelled = `\n  - ${formatYamlValue(value)}`;
    const edit = {
      do: 'set',
      path: ['schedule'],
      value: [value],
      spelled,
      after: keysBefore(KEY_ORDER, 'schedule'),
    } as const;
    return { text: editYaml(text, edit), index: 0 };
  }
  const times = (parseStoryboard(text).scenario?.schedule ?? []).map((s) => s.at);
  const last = times.length === list.length ? times.findLastIndex((t) => t <= step.at) : list.length - 1;
  const index = last + 1;
  return { text: editYaml(text, { do: 'insert', path: ['schedule'], index, value }), index };
}

export const removeStep = (text: string, step: number): string =>
  editYaml(text, { do: 'remove', path: ['schedule', step] });

/** A second one like it, right behind it. */
export function copyStep(text: string, step: number, atMs: number): { text: string; index: number } {
  const one = listAt(parseStoryboard(text).raw, 'schedule')?.[step];
  const value = { ...(isRecord(one) && one), at: formatDuration(atMs) };
  const index = step + 1;
  return { text: editYaml(text, { do: 'insert', path: ['schedule'], index, value }), index };
}

/** A key of the file itself: `name`, `duration`, `timeScale`, `seed`. @param value undefined takes it out */
export const setField = (text: string, key: string, value: FieldValue | undefined): string =>
  setKey(text, [], key, value, keysBefore(KEY_ORDER, key));

export const setDuration = (text: string, ms: number): string =>
  setField(text, 'duration', formatDuration(Math.max(1, ms)));

/** A key of `server`. The map comes with its first key and goes with its last. */
export function setServer(text: string, key: string, value: FieldValue | undefined): string {
  const server = fieldOf(parseStoryboard(text).raw, 'server');
  if (!isRecord(server)) return value === undefined ? text : setKey(text, [], 'server', { [key]: value }, keysBefore(KEY_ORDER, 'server')); // prettier-ignore
  if (value === undefined && Object.keys(server).length === 1 && key in server) return setField(text, 'server', undefined); // prettier-ignore
  return setKey(text, ['server'], key, value, []);
}

/** The path to begin with, nearest the client first. What stays keeps its words and its comment. */
export function setPath(text: string, via: readonly string[]): string {
  const current = listAt(parseStoryboard(text).raw, 'path');
  if (via.length === 0) return current === null ? text : setField(text, 'path', undefined);
  if (current === null) return setField(text, 'path', via);
  return setList(text, ['path'], current, via);
}

/** How many lanes of a method there are; the last of them go first, and new ones stand at the end. */
export function setLanes(text: string, method: Method, count: number): string {
  let out = text;
  for (;;) {
    const lanes = listAt(parseStoryboard(out).raw, 'lanes') ?? [];
    const mine = lanes.flatMap((lane, i) => (fieldOf(lane, 'method') === method ? [i] : []));
    if (mine.length === count) return out;
    if (mine.length > count) out = editYaml(out, { do: 'remove', path: ['lanes', mine.at(-1)!] });
    else {
      const value = { method };
      const spelled = styleOf(out, ['lanes', 0]) === 'flow' ? formatYamlValue(value) : `method: ${method}`;
      out = editYaml(out, { do: 'insert', path: ['lanes'], index: lanes.length, value, spelled });
    }
  }
}

/** @param check as it stands behind the dash: `missed == 0`, `sse: drops == 0` */
export function addExpect(text: string, check: string): string {
  const list = listAt(parseStoryboard(text).raw, 'expect');
  const path = ['expect'];
  const { value, spelled } = formatExpect(check, styleOf(text, path));
  if (list !== null) return editYaml(text, { do: 'insert', path, index: list.length, value, spelled });
  return editYaml(text, { do: 'set', path, value: [value], spelled: `\n  - ${spelled}`, after: KEY_ORDER });
}

export function setExpect(text: string, index: number, check: string): string {
  return editYaml(text, { do: 'set', path: ['expect', index], ...formatExpect(check, styleOf(text, ['expect'])) });
}

export const removeExpect = (text: string, index: number): string =>
  editYaml(text, { do: 'remove', path: ['expect', index] });

/** A check for some lanes reads as a map of one key, which is how such files are written. */
function formatExpect(check: string, style: 'flow' | 'block' | null): { value: unknown; spelled: string } {
  const typed = check.trim().replace(/\s+/g, ' ');
  const m = /^([a-z0-9-]+(?:, [a-z0-9-]+)*): ([\w.:=!<> -]+)$/.exec(typed);
  if (m === null || style === 'flow' || /: |#/.test(m[2]!)) return { value: typed, spelled: formatYamlValue(typed) };
  return { value: { [m[1]!]: m[2]! }, spelled: typed };
}

function setKey(text: string, parent: YamlPath, key: string, value: unknown, after: readonly string[]): string {
  const path = [...parent, key];
  const current = valueAt(parseStoryboard(text).raw, path);
  if (value === undefined) return current === undefined ? text : editYaml(text, { do: 'remove', path });
  return sameValue(current, value) ? text : editYaml(text, { do: 'set', path, value, after });
}

/** Item by item, so that what stays keeps its words. */
function setList(text: string, path: YamlPath, current: readonly unknown[], next: readonly string[]): string {
  let out = text;
  const same = Math.min(current.length, next.length);
  for (let i = 0; i < same; i++) {
    if (current[i] !== next[i]) out = editYaml(out, { do: 'set', path: [...path, i], value: next[i] });
  }
  for (let i = current.length - 1; i >= next.length; i--) out = editYaml(out, { do: 'remove', path: [...path, i] });
  for (let i = same; i < next.length; i++) out = editYaml(out, { do: 'insert', path, index: i, value: next[i] });
  return out;
}

/** `Array.isArray` does not know read-only lists. */
const isList = (value: FieldValue | undefined): value is readonly string[] => Array.isArray(value);

function valueAt(raw: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(fieldOf, raw);
}

/** Null where there is none, or where it is no list. */
function listAt(raw: unknown, key: string): unknown[] | null {
  const value = valueAt(raw, [key]);
  return Array.isArray(value) ? value : null;
}
