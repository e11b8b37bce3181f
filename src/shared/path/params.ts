import type { Method } from '../catalog.ts';
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

/** What of a preset its sources leave open: how connections of a method end, its limit, its buffering, the Upgrade. */
export type UnsourcedFact = Exclude<Method, 'short-polling'> | 'limit' | 'buffering' | 'upgrade';

/** What is known of the real thing that a preset plays. Null is unknown. */
export interface PresetFacts {
  /** How much sooner or later than its limit it acts, in milliseconds: least and most, as measured. */
  timerOffsetMs?: readonly [number, number] | null;
  /** How the origin's connection ends when the limit strikes: `FIN`, `RST`, or in words. */
  originSees?: string | null;
  /** What it does differently for a client that speaks HTTP/2 with it. The path itself speaks HTTP/1.1 on both sides. */
  http2?: string | null;
  /** What becomes of connections when it is given another configuration. */
  reload?: string;
  /** How an event stream comes where it compresses. */
  gzipSse?: string;
  /** What becomes of an ETag where it compresses. */
  etag?: string;
  /** Its sources say that nothing is ended for being idle. */
  noIdleLimit?: true;
  /** Played so because something must be played: no source tells. */
  assumed?: readonly UnsourcedFact[];
  /** From general knowledge: no document was at hand. */
  fromMemory?: readonly UnsourcedFact[];
}

/** A named path. */
export interface PresetInfo extends PresetFacts {
  id: string;
  label: string;
  group: string;
  what: string;
  kind: 'built-in' | 'measured' | 'documented' | 'from memory';
  source: string;
  /** The faults it stands for, as one would type them after --via. */
  via: string;
}

/** One step of a path as typed: `latency:delay=100ms,jitter=20ms`. */
export interface ParsedStep {
  name: string;
  params: Record<string, string>;
}

/** A step that has been checked against its fault. */
export interface FaultSpec {
  name: string;
  params: ParamValues;
  /** The methods whose connections it ends in a way that is only assumed; left out where there are none. */
  assumed?: readonly string[];
}

/** The defaults of a table, which are values of its own params. */
export function defaultsOf<T extends ParamTable>(table: T): ValuesOf<T> {
  return Object.fromEntries(Object.entries(table).map(([key, p]) => [key, p.default])) as ValuesOf<T>;
}

/** One value from text. @throws Failure `bad-param` naming the place. */
export function parseParam(param: Param, text: string, place: string): number | string {
  if (param.kind === 'choice') {
    if (Object.hasOwn(param.options, text)) return text;
    throw new Failure({
      code: 'bad-param',
      place,
      message: `"${text}" is not one of its values.`,
      hint: `Write ${Object.keys(param.options).join(', ')}.`,
      exit: 2,
    });
  }
  const value =
    param.kind === 'duration'
      ? parseDuration(text, place)
      : param.kind === 'size'
        ? parseSize(text, place)
        : text.trim() === ''
          ? NaN
          : Number(text);
  const show = param.kind === 'duration' ? formatDuration : param.kind === 'size' ? formatSize : String;
  if (!Number.isFinite(value)) {
    throw new Failure({ code: 'bad-param', place, message: `"${text}" is not a number.`, exit: 2 });
  }
  if (param.kind === 'number' && param.whole && !Number.isInteger(value)) {
    throw new Failure({
      code: 'bad-param',
      place,
      message: `${text} is not a whole number.`,
      hint: `Give ${Math.floor(value)} or ${Math.ceil(value)}.`,
      exit: 2,
    });
  }
  if ((param.min !== undefined && value < param.min) || (param.max !== undefined && value > param.max)) {
    const range =
      param.max === undefined
        ? `at least ${show(param.min ?? 0)}`
        : `between ${show(param.min ?? 0)} and ${show(param.max)}`;
    throw new Failure({
      code: 'bad-param',
      place,
      message: `${text} is out of range.`,
      hint: `Give ${range}.`,
      exit: 2,
    });
  }
  return value;
}

export function formatParam(param: Param, value: number | string): string {
  if (param.kind === 'duration') return formatDuration(Number(value));
  if (param.kind === 'size') return formatSize(Number(value));
  return String(value);
}

/** `latency:delay=100ms,jitter=20ms+idle-timeout:after=60s` → steps. @throws Failure `bad-via`. */
export function parseVia(text: string, place = '--via'): ParsedStep[] {
  return text
    .split('+')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [name, rest] = splitAt(part.trim(), ':');
      if (!/^[a-z0-9.-]+$/.test(name)) {
        throw new Failure({
          code: 'bad-via',
          place,
          message: `"${name}" is not the name of a preset or fault.`,
          hint: 'Write a preset such as direct, or name:key=value,key=value+name:…',
          exit: 2,
        });
      }
      const params: Record<string, string> = {};
      for (const pair of rest === undefined || rest === '' ? [] : rest.split(',')) {
        const [key, value] = splitAt(pair, '=');
        if (value === undefined || key.trim() === '') {
          throw new Failure({
            code: 'bad-via',
            place,
            message: `"${pair}" in ${name} is not key=value.`,
            hint: `Write ${name}:key=value.`,
            exit: 2,
          });
        }
        params[key.trim()] = value.trim();
      }
      return { name, params };
    });
}

/** A fault as one would type it; values equal to their default are left out. */
export function formatFault(info: FaultInfo, values: ParamValues): string {
  const pairs = Object.entries(info.params)
    .filter(([key, p]) => values[key] !== undefined && values[key] !== p.default)
    .map(([key, p]) => `${key}=${formatParam(p, values[key]!)}`);
  return `${info.id}:${pairs.join(',')}`;
}

/** The closest of some names, for "did you mean"; null when nothing is near. */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestScore = Math.max(2, Math.floor(name.length / 2)) + 1;
  for (const candidate of names) {
    const d = distance(name, candidate);
    if (d < bestScore) {
      best = candidate;
      bestScore = d;
    }
  }
  return best;
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
