import { isRecord } from '../../shared/guards.ts';
import type { ParamValues } from '../../shared/path/params.ts';
import { DEFINITIONS } from '../../shared/path/definitions.ts';
import { resolveStep } from '../../shared/path/resolve.ts';
import { parseVia } from '../../shared/path/text.ts';
import { faultItem, presetItem, type FaultItem } from './fault-item.ts';
import { badInput, fieldsOf, own } from './json-fields.ts';

/** One item of a proxy's path, under a name by which it can be changed alone. */
export interface NamedFault extends FaultItem {
  readonly name: string;
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

const FIELDS = ['name', 'type', 'direction', 'chance', 'attributes'];
/** What other tools call our fields. */
const ALIASES: Record<string, string> = { toxicity: 'chance', stream: 'direction' };
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
  if (!isRecord(attributes)) {
    throw badInput(`${place}attributes`, 'The attributes are not an object.', 'Write {"delay": "100ms"}.');
  }
  const definition = own(DEFINITIONS, type);
  const { item, values } = definition
    ? faultItem(definition, given, attributes, place, previous)
    : presetItem(type, given, attributes, place, previous);
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

function rejectLanes(values: ParamValues, place: string): void {
  if (values['lanes'] === undefined || values['lanes'] === 'all') return;
  throw badInput(place, 'A proxy has no lanes to choose from: it carries whatever comes.', 'Leave lanes out.');
}
