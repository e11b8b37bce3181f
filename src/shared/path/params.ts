import { formatDuration, formatSize, parseDuration, parseSize } from '../duration.ts';
import { Failure } from '../failure.ts';

/** What a fault (or a preset) lets one change. The form in the page and the flag on the command line follow from it. */
export type Param =
  | { kind: 'duration'; label: string; help?: string; default: number; min?: number; max?: number }
  | { kind: 'size'; label: string; help?: string; default: number; min?: number; max?: number }
  | {
      kind: 'number';
      label: string;
      help?: string;
      default: number;
      min?: number;
      max?: number;
      /** A count: there is no half of one. */
      whole?: true;
    }
  | { kind: 'choice'; label: string; help?: string; default: string; options: Record<string, string> };

export type ParamTable = Record<string, Param>;
/** A choice is one of the keys of its options; everything else is a number. */
type ValueOf<P extends Param> = P extends { kind: 'choice'; options: infer O } ? keyof O & string : number;
/** The values that a table of params can take: durations in milliseconds, sizes in bytes. */
export type ValuesOf<T extends ParamTable> = { readonly [K in keyof T]: ValueOf<T[K]> };
/** Durations in milliseconds, sizes in bytes. */
export type ParamValues = Record<string, number | string>;

/** What people may know of a fault without touching the engine. */
export interface FaultInfo {
  id: string;
  label: string;
  /** One plain sentence: what the client sees. */
  what: string;
  params: ParamTable;
  /** An HTTP intermediary does it: connections that were opened without one do not have it. */
  layer?: 'http';
}

/** The defaults of a table, which are values of its own params. */
export function defaultsOf<T extends ParamTable>(table: T): ValuesOf<T> {
  return Object.fromEntries(Object.entries(table).map(([key, p]) => [key, p.default])) as ValuesOf<T>; // cast: defaults are of their params' types
}

/** One value from text. @throws Failure `bad-param` naming the place. */
export function parseParam(param: Param, text: string, place: string): number | string {
  const value = valueFrom(param, text, place);
  const problem = paramProblem(param, value, text);
  if (problem) throw new Failure({ code: 'bad-param', place, exit: 2, ...problem });
  return value;
}

function valueFrom({ kind }: Param, text: string, place: string): number | string {
  if (kind === 'choice') return text;
  if (kind === 'duration') return parseDuration(text, place);
  if (kind === 'size') return parseSize(text, place);
  return text.trim() === '' ? NaN : Number(text);
}

/** What is wrong with a value, and what would do; null where it will do. @param text the value as it was given */
export function paramProblem(
  param: Param,
  value: number | string,
  text = String(value),
): { message: string; hint?: string } | null {
  if (param.kind === 'choice') {
    if (typeof value === 'string' && Object.hasOwn(param.options, value)) return null;
    return { message: `"${text}" is not one of its values.`, hint: `Write ${Object.keys(param.options).join(', ')}.` };
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return { message: `"${text}" is not a number.` };
  if (param.kind === 'number' && param.whole && !Number.isInteger(value)) {
    return {
      message: `${text} is not a whole number.`,
      hint: `Give ${Math.floor(value)} or ${Math.ceil(value)}.`,
    };
  }
  const { min, max } = param;
  if ((min === undefined || value >= min) && (max === undefined || value <= max)) return null;
  const least = formatParam(param, min ?? 0);
  const range = max === undefined ? `at least ${least}` : `between ${least} and ${formatParam(param, max)}`;
  return { message: `${text} is out of range.`, hint: `Give ${range}.` };
}

export function formatParam(param: Param, value: number | string): string {
  if (param.kind === 'duration') return formatDuration(Number(value));
  if (param.kind === 'size') return formatSize(Number(value));
  return String(value);
}
