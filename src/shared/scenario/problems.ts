/** What is wrong with a scenario, in sentences that name the key and offer the nearest name. */
import { isRecord } from '../guards.ts';
import type * as v from 'valibot';
import { nearest } from '../nearest.ts';

export interface ScenarioProblem {
  /** Keys and indices from the top: `['schedule', 2, 'do']`. */
  path: readonly (string | number)[];
  message: string;
  hint?: string;
}

/** A problem where it stands in the file. */
export interface PlacedProblem {
  /** From 1. */
  line: number;
  /** `schedule[2].do`; empty for the whole file. */
  key: string;
  message: string;
  hint?: string;
}

/** `schedule[2].do` */
export function keyPath(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}

/** The parts of a schema that this looks into. */
interface SchemaNode {
  type: string;
  entries?: Record<string, SchemaNode>;
  item?: SchemaNode;
  wrapped?: SchemaNode;
  /** Of a variant. */
  options?: { entries: Record<string, { literal?: unknown }> }[];
  key?: string;
}

/** Keys that no schema knows; valibot itself would tell of the first only. */
export function unknownKeys(
  schema: unknown,
  value: unknown,
  path: readonly (string | number)[] = [],
): ScenarioProblem[] {
  const node = schema as SchemaNode; // cast: valibot types its schemas by what they read, not by what they are
  if (node.wrapped) return unknownKeys(node.wrapped, value, path);
  if (node.type === 'array' && Array.isArray(value)) {
    return value.flatMap((one, i) => unknownKeys(node.item, one, [...path, i]));
  }
  if (!isRecord(value)) return [];
  if (node.type === 'variant') {
    const named = value[node.key!];
    const option = node.options?.find((o) => o.entries[node.key!]?.literal === named);
    return option ? unknownKeys(option, value, path) : [];
  }
  const { entries } = node;
  if (!entries) return [];
  const unusedKeys = Object.keys(entries).filter((key) => !Object.hasOwn(value, key));
  return Object.entries(value).flatMap(([key, inner]): ScenarioProblem[] => {
    if (Object.hasOwn(entries, key)) return unknownKeys(entries[key], inner, [...path, key]);
    return [{ path: [...path, key], message: `"${key}" is not known here.`, hint: suggest(key, unusedKeys) }];
  });
}

/** One issue as a sentence. */
export function issueProblem(issue: v.BaseIssue<unknown>): ScenarioProblem {
  const path = (issue.path ?? []).map((item) => item.key as string | number); // cast: of plain data
  const known = [...(issue.expected ?? '').matchAll(/"([^"]+)"/g)].map((m) => m[1]!);
  if (issue.kind === 'transformation') return { path, message: issue.message };
  if (issue.received === 'undefined') {
    const choice = issue.type !== 'object' && known.length > 0;
    return {
      path,
      message: 'It is missing.',
      ...(choice ? { hint: `Write ${known.join(', ')}.` } : {}),
    };
  }
  if (issue.type === 'picklist' || issue.type === 'variant' || issue.type === 'literal') {
    if (known.length > 0) {
      const typed = String(issue.input);
      return { path, message: `${issue.received} is not one of its values.`, hint: suggest(typed, known) };
    }
  }
  if (issue.kind === 'schema')
    return { path, message: `It must be ${TYPE_NAMES[issue.expected ?? ''] ?? issue.expected}.` };
  return {
    path,
    message: `${shownInput(issue)} will not do.`,
    hint: BOUND_HINTS[issue.type]?.(issue.requirement) ?? issue.message,
  };
}

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'a set of keys',
};

const BOUND_HINTS: Record<string, (requirement: unknown) => string> = {
  min_value: (n) => `Give at least ${String(n)}.`,
  max_value: (n) => `Give at most ${String(n)}.`,
  integer: () => 'Give a whole number.',
  min_length: (n) => `Give at least ${String(n)}.`,
  max_length: (n) => `Give at most ${String(n)}.`,
};

const suggest = (typed: string, known: readonly string[]): string => {
  const near = nearest(typed, known);
  return near ? `Did you mean ${near}?` : `Write ${known.join(', ')}.`;
};

function shownInput(issue: v.BaseIssue<unknown>): string {
  const { input } = issue;
  return typeof input === 'string' || typeof input === 'number'
    ? JSON.stringify(input).slice(0, 80)
    : 'What stands here';
}
