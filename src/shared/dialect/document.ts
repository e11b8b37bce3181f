/** The one reader of dialect files: YAML or JSON text, of either version, into a dialect, with every problem at its line. */
import { Failure } from '../failure.ts';
import { fieldOf, isRecord } from '../guards.ts';
import { readYaml } from '../yaml/source.ts';
import type { KeyPath } from './keys.ts';
import type { Dialect } from './model.ts';
import { readDialect } from './read.ts';
import { readDialectV1 } from './version-1.ts';

/** What is wrong with a dialect file, where it stands. */
export interface DialectProblem {
  /** From 1. */
  line: number;
  /** `methods.sse.messages[2].is`; empty for the whole file. */
  key: string;
  message: string;
  hint?: string;
}

export interface DialectDocument {
  dialect: Dialect | null;
  problems: DialectProblem[];
}

/** @param fallbackName what a file that does not name its dialect is called by */
export function readDialectDocument(text: string, fallbackName?: string): DialectDocument {
  const { raw, syntax, lineOf } = readYaml(text, { exact: true });
  if (syntax.length > 0) return { dialect: null, problems: syntax.map((problem) => ({ ...problem, key: '' })) };
  const { dialect, problems } = isVersion1(raw) ? readDialectV1(raw) : readDialect(raw, fallbackName);
  const placed = problems.map(({ path, ...rest }) => ({ line: lineOf(path), key: keyText(path), ...rest }));
  return { dialect, problems: placed.toSorted((a, b) => a.line - b.line) };
}

/** Version 1 had no number: it is told by its keys. */
const isVersion1 = (raw: unknown): boolean =>
  isRecord(raw) &&
  fieldOf(raw, 'dialect') === undefined &&
  !('methods' in raw) &&
  ('poll' in raw || 'urls' in raw || 'dense' in raw);

/** `methods.sse.messages[2].when./type` */
const keyText = (path: KeyPath): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );

/**
 * A dialect file's text.
 * @param file what it is called in errors
 * @param place the flag or key that named the file, where there is one: `--dialect`
 * @throws Failure `bad-dialect` with the first problem, and where it stands
 */
export function parseDialectText(text: string, file: string, place?: string): Dialect {
  const { dialect, problems } = readDialectDocument(text, nameOfFile(file));
  if (dialect) return dialect;
  const [first, ...others] = problems;
  const { line, key, message, hint } = first ?? { line: 1, key: '', message: 'It is no dialect.' };
  const more = others.length > 0 ? ` (${others.length} more: heartline dialects check ${file})` : '';
  throw new Failure({
    code: 'bad-dialect',
    message: `${message}${more}`,
    place: `${place === undefined ? '' : `${place} `}${file}:${line}${key === '' ? '' : `: ${key}`}`,
    exit: 2,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** `a/ticker.yaml` → `ticker` */
function nameOfFile(file: string): string {
  const base = file
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.(ya?ml|json)$/i, '');
  return /^[A-Za-z0-9][\w.-]*$/.test(base) ? base : 'dialect';
}
