import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import type { Definition } from '../../shared/path/definition.ts';
import { defaultsOf, parseParam, type Param, type ParamTable, type ParamValues } from '../../shared/path/params.ts';
import { resolveStep } from '../../shared/path/resolve.ts';
import type { PathItem } from '../../shared/path/spec.ts';
import { badInput, own } from './json-fields.ts';

export interface FaultItem {
  readonly item: PathItem;
  /** Checked values of a fault, or what was typed for a preset. */
  readonly values: ParamValues;
}

/** Params that stand beside the attributes, and those that mean nothing in a proxy of its own. */
const SIBLING_FIELDS: Record<string, string> = { dir: 'direction', chance: 'chance' };
const DIRECTIONS: Record<string, string> = { upstream: 'up', downstream: 'down' };

/** A fault with its attributes, on top of what it was. @throws Failure naming the field */
export function faultItem(
  definition: Definition,
  given: Record<string, unknown>,
  attributes: Record<string, unknown>,
  place: string,
  previous: FaultItem | undefined,
): FaultItem {
  const { id: type, params } = definition;
  const typed: ParamValues = {};
  const take = (key: string, value: unknown, where: string): void => {
    typed[key] = parseParam(params[key]!, paramText(params[key]!, value, where), where);
  };
  for (const [key, value] of Object.entries(attributes)) {
    const where = `${place}attributes.${key}`;
    if (SIBLING_FIELDS[key] !== undefined)
      throw badInput(where, `${key} is no attribute.`, `Write ${SIBLING_FIELDS[key]} beside attributes.`);
    if (!own(params, key) || key === 'lanes') throw unknownAttribute(where, key, type, attributeNames(params));
    take(key, value, where);
  }
  const { direction, chance } = given;
  if (direction !== undefined) {
    if (!params['dir']) {
      if (direction !== 'both')
        throw badInput(`${place}direction`, `${type} has no direction: it strikes both ways.`, 'Leave it out.');
    } else
      take(
        'dir',
        (typeof direction === 'string' ? own(DIRECTIONS, direction) : undefined) ?? direction,
        `${place}direction`,
      );
  }
  if (chance !== undefined) take('chance', chance, `${place}chance`);
  const base = previous?.item.steps[0]!.params ?? {
    ...defaultsOf(params),
    ...definition.impliedParams?.(Object.keys(typed)),
  };
  const values = { ...base, ...typed };
  return { item: { steps: [{ name: type, params: values }] }, values };
}

/** A preset with what of it is changed. @throws Failure naming the field */
export function presetItem(
  type: string,
  given: Record<string, unknown>,
  attributes: Record<string, unknown>,
  place: string,
  previous: FaultItem | undefined,
): FaultItem {
  resolveStep({ name: type, params: {} }, `${place}type`); // says which name is nearest
  for (const key of ['direction', 'chance']) {
    if (given[key] === undefined) continue;
    throw badInput(
      `${place}${key}`,
      `The preset ${type} has no ${key} of its own.`,
      'Add its faults one by one instead.',
    );
  }
  const typed = Object.fromEntries(Object.entries(previous?.values ?? {}).map(([key, value]) => [key, String(value)]));
  for (const [key, value] of Object.entries(attributes)) {
    const where = `${place}attributes.${key}`;
    if (typeof value !== 'string' || !/^[\w.-]+$/.test(value) || !/^[a-z0-9.-]+$/.test(key)) {
      throw badInput(where, `${JSON.stringify(value)} is no value for a preset.`, 'Write it as after --via: "3s".');
    }
    typed[key] = value;
    resolveStep({ name: type, params: { [key]: value } }, where);
  }
  return { item: resolveStep({ name: type, params: typed }, `${place}type`), values: typed };
}

/** JSON numbers are milliseconds and bytes; text is as after --via. */
function paramText(param: Param, value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && param.kind !== 'choice')
    return param.kind === 'duration' ? `${value}ms` : `${value}`;
  const wanted =
    param.kind === 'choice'
      ? `Write one of ${Object.keys(param.options).join(', ')}.`
      : param.kind === 'duration'
        ? 'Write milliseconds, or text such as "250ms".'
        : param.kind === 'size'
          ? 'Write bytes, or text such as "64KiB".'
          : 'Write a number.';
  throw badInput(place, `${JSON.stringify(value)} will not do.`, wanted);
}

const attributeNames = (table: ParamTable): string[] =>
  Object.keys(table).filter((key) => SIBLING_FIELDS[key] === undefined && key !== 'lanes');

function unknownAttribute(place: string, key: string, type: string, names: readonly string[]): Failure {
  const near = nearest(key, names);
  return new Failure({
    code: 'unknown-param',
    place,
    message: `${type} has no "${key}".`,
    hint: near ? `Did you mean ${near}?` : `It has ${names.join(', ')}.`,
    exit: 2,
  });
}
