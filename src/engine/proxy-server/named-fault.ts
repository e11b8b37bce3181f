import { Failure } from '../../shared/failure.ts';
import { defaultsOf, parseParam, type Param, type ParamTable, type ParamValues } from '../../shared/path/params.ts';
import { nearest } from '../../shared/nearest.ts';
import { parseVia } from '../../shared/path/text.ts';
import { DEFINITIONS } from '../../shared/path/definitions.ts';
import { PRESETS } from '../../shared/path/presets/index.ts';
import type { Definition } from '../../shared/path/definition.ts';
import type { PathItem } from '../../shared/path/spec.ts';
import { resolveStep } from '../../shared/path/resolve.ts';

/** One item of a proxy's path, under a name by which it can be changed alone. */
export interface NamedFault {
  readonly name: string;
  readonly item: PathItem;
  /** Checked values of a fault, or what was typed for a preset. */
  readonly values: ParamValues;
}

/** The id of a fault or a preset. */
const typeOf = ({ item }: NamedFault): string => item.preset ?? item.steps[0]!.name;

/** A fault as it crosses the control API. Durations are integer milliseconds, sizes bytes. */
export interface FaultView {
  name: string;
  type: string;
  /** Only where the fault has a direction. */
  direction?: string;
  /** Share of the connections it applies to; not for presets. */
  chance?: number;
  attributes: ParamValues;
}

/** Params that stand beside the attributes, and those that mean nothing in a proxy of its own. */
const SIBLING_FIELDS: Record<string, string> = { dir: 'direction', chance: 'chance' };
const FIELDS = ['name', 'type', 'direction', 'chance', 'attributes'];
/** What other tools call our fields. */
const ALIASES: Record<string, string> = { toxicity: 'chance', stream: 'direction' };
const DIRECTIONS: Record<string, string> = { upstream: 'up', downstream: 'down' };
export const NAME_PATTERN = /^[\w.-]{1,64}$/;

export function viewOf(fault: NamedFault): FaultView {
  const { dir, chance, lanes: _, ...attributes } = fault.values;
  return {
    name: fault.name,
    type: typeOf(fault),
    ...(dir === undefined ? {} : { direction: String(dir) }),
    ...(chance === undefined ? {} : { chance: Number(chance) }),
    attributes,
  };
}

/**
 * A new fault from JSON, or a change of the one it was.
 * @param place what stands before the fields in messages: `faults[2].`
 * @throws Failure naming the field and the nearest name, exit 2
 */
export function faultFrom(json: unknown, place: string, previous?: NamedFault): NamedFault {
  const given = fieldsOf(json, place, FIELDS, ALIASES);
  const type = given['type'] ?? (previous && typeOf(previous));
  if (typeof type !== 'string') {
    throw badInput(
      `${place}type`,
      'A fault needs a type.',
      `It is one of ${Object.keys(DEFINITIONS).join(', ')}, or a preset.`,
    );
  }
  if (previous && type !== typeOf(previous))
    throw badInput(`${place}type`, 'The type of a fault cannot change.', 'Remove it and add one.');
  if (previous && given['name'] !== undefined && given['name'] !== previous.name) {
    throw badInput(`${place}name`, 'The name of a fault cannot change.', 'Remove it and add one.');
  }
  const attributes = given['attributes'] ?? {};
  if (typeof attributes !== 'object' || Array.isArray(attributes)) {
    throw badInput(`${place}attributes`, 'The attributes are not an object.', 'Write {"delay": "100ms"}.');
  }
  const definition = own(DEFINITIONS, type);
  const { item, values } = definition
    ? faultItem(definition, given, attributes as Record<string, unknown>, place, previous)
    : presetItem(type, given, attributes as Record<string, unknown>, place, previous);
  const name = previous?.name ?? given['name'] ?? defaultName(type, values);
  if (typeof name !== 'string' || !NAME_PATTERN.test(name)) {
    throw badInput(
      `${place}name`,
      `${JSON.stringify(name)} is not a name.`,
      'Use letters, digits, and . _ - (at most 64).',
    );
  }
  return { name, item, values };
}

/** A path as typed, each step under a name of its own. @throws Failure as `resolveVia` */
export function faultsFromVia(texts: readonly string[], place: string): NamedFault[] {
  const faults: NamedFault[] = [];
  for (const step of texts.flatMap((text) => parseVia(text, place))) {
    const item = resolveStep(step, place);
    const values = item.preset === undefined ? item.steps[0]!.params : step.params;
    rejectLanes(values, place);
    faults.push({ name: freeName(defaultName(step.name, values), faults), item, values });
  }
  return faults;
}

/** The name, with a number behind it where it is taken. */
export function freeName(name: string, taken: readonly NamedFault[]): string {
  let free = name;
  for (let n = 2; taken.some((f) => f.name === free); n++) free = `${name}-${n}`;
  return free;
}

const defaultName = (type: string, { dir }: ParamValues): string =>
  dir === 'up' || dir === 'down' ? `${type}-${dir}` : type;

function faultItem(
  definition: Definition,
  given: Record<string, unknown>,
  attributes: Record<string, unknown>,
  place: string,
  previous: NamedFault | undefined,
): Pick<NamedFault, 'item' | 'values'> {
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
  const before = previous?.item.steps[0]!.params;
  const base = before ?? { ...defaultsOf(params), ...definition.impliedParams?.(Object.keys(typed)) };
  const values = { ...base, ...typed };
  return { item: { steps: [{ name: type, params: values }] }, values };
}

function presetItem(
  type: string,
  given: Record<string, unknown>,
  attributes: Record<string, unknown>,
  place: string,
  previous: NamedFault | undefined,
): Pick<NamedFault, 'item' | 'values'> {
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

/** The fields of an object, each under our name for it. @throws Failure on one that does not exist */
export function fieldsOf(
  json: unknown,
  place: string,
  fields: readonly string[],
  also: Record<string, string>,
): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badInput(
      place.replace(/\.$/, '') || 'body',
      'This is not an object.',
      `Its fields are ${fields.join(', ')}.`,
    );
  }
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    const name = own(also, key) ?? key;
    if (!fields.includes(name)) {
      const near = nearest(key, fields);
      throw new Failure({
        code: 'unknown-field',
        place: `${place}${key}`,
        message: `There is no field "${key}".`,
        hint: near ? `Did you mean ${near}?` : `The fields are ${fields.join(', ')}.`,
        exit: 2,
      });
    }
    if (value !== null && value !== undefined) given[name] = value;
  }
  return given;
}

function rejectLanes(values: ParamValues, place: string): void {
  if (values['lanes'] === undefined || values['lanes'] === 'all') return;
  throw badInput(place, 'A proxy has no lanes to choose from: it carries whatever comes.', 'Leave lanes out.');
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

export const badInput = (place: string, message: string, hint: string): Failure =>
  new Failure({ code: 'bad-input', place, message, hint, exit: 2 });

/** Inherited names such as `constructor` are no faults. */
function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Everything that can be named as a type, for whoever asks what there is. */
export function catalogue(): { faults: object[]; presets: object[] } {
  return {
    faults: Object.values(DEFINITIONS).map(({ id, label, what, params }) => {
      const { dir, chance: _, lanes: __, ...attributes } = params;
      return { id, label, what, direction: dir !== undefined, attributes };
    }),
    presets: Object.values(PRESETS),
  };
}
