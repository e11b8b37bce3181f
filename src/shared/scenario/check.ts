/** One check as it is written: `missed == 0`, `timeToRecover.p95 < 5s`, `drops.idle-limit >= 1`. */
import { isOneOf } from '../guards.ts';
import { STATES } from '../catalog.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from '../duration.ts';
import { Failure } from '../failure.ts';
import { nearest } from '../nearest.ts';
import { MEASURE_NAMES, MEASURES, type Measure, type MeasureInfo, type Unit } from './measures.ts';

export interface Check {
  measure: Measure;
  /** After the dot: a quantile, a state, a drop's evidence or cause, a gap's reason. */
  part: string | null;
  op: Op;
  /** Milliseconds, bytes, a count, or a state's name; null is `unknown`. */
  value: number | string | null;
}

export type Op = '==' | '!=' | '<=' | '>=' | '<' | '>';

/** One check from text. @throws Failure `bad-check` saying what would do */
export function parseCheck(text: string): Check {
  const m = /^\s*([A-Za-z]+)(?:\.([A-Za-z0-9:-]+))?\s*(==|!=|<=|>=|<|>)\s*(\S+)\s*$/.exec(text);
  if (!m) throw badCheck(`"${text}" is not a check.`, 'Write one such as missed == 0 or timeToRecover.p95 < 5s.');
  const [, name = '', part = null, typedOp, valueText = ''] = m;
  const op = typedOp as Op; // cast: the expression has no others
  if (!isOneOf(MEASURE_NAMES, name)) throw badCheck(`There is no measure "${name}".`, suggest(name, MEASURE_NAMES));
  const info: MeasureInfo = MEASURES[name];
  checkPart(name, part, info);
  if (info.unit === 'state' && op !== '==' && op !== '!=') {
    throw badCheck(`${name} is a word: it is not more or less than another.`, 'Use == or !=.');
  }
  if (valueText === 'unknown' && op !== '==')
    throw badCheck('Whether it is unknown is asked with ==.', `Write ${name} == unknown.`);
  return { measure: name, part, op, value: valueText === 'unknown' ? null : valueOf(info.unit, valueText) };
}

function checkPart(name: string, part: string | null, { parts, needsPart }: MeasureInfo): void {
  if (part === null) {
    if (needsPart)
      throw badCheck(`${name} has several figures.`, `Write ${parts!.map((p) => `${name}.${p}`).join(', ')}.`);
    return;
  }
  if (!parts) throw badCheck(`${name} is one figure; nothing comes after it.`, `Write ${name}.`);
  if (parts.includes(part) || (name === 'drops' && /^(status|close):\d{3,4}$/.test(part))) return;
  throw badCheck(`${name} has no "${part}".`, suggest(part, parts));
}

function valueOf(unit: Unit, typed: string): number | string {
  if (unit === 'duration') return parseDuration(typed);
  if (unit === 'size') return parseSize(typed);
  if (unit === 'state') {
    if (isOneOf(STATES, typed)) return typed;
    throw badCheck(`"${typed}" is not a state.`, suggest(typed, STATES));
  }
  if (/^\d+$/.test(typed)) return Number(typed);
  throw badCheck(`"${typed}" is not a count.`, 'Write a whole number, or unknown.');
}

/** As people write it. */
export function checkText({ measure, part, op, value }: Check): string {
  const { unit }: MeasureInfo = MEASURES[measure];
  return `${measure}${part === null ? '' : `.${part}`} ${op} ${value === null ? 'unknown' : formatValue(unit, value)}`;
}

export function formatValue(unit: Unit, value: number | string): string {
  if (typeof value === 'string') return value;
  if (unit === 'duration') return formatDuration(value);
  return unit === 'size' ? formatSize(value) : String(value);
}

const suggest = (typed: string, known: readonly string[]): string => {
  const near = nearest(typed, known);
  return near ? `Did you mean ${near}?` : `There are ${known.join(', ')}.`;
};

const badCheck = (message: string, hint: string): Failure => new Failure({ code: 'bad-check', message, hint, exit: 2 });
