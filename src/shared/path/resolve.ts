import { Failure } from '../failure.ts';
import { nearest } from '../nearest.ts';
import type { Definition, StepValues } from './definition.ts';
import { DEFINITIONS } from './definitions.ts';
import { defaultsOf, parseParam } from './params.ts';
import { PRESETS } from './presets/index.ts';
import type { PresetInfo } from './presets/preset.ts';
import { stepsOf, type PathItem, type PathSpec, type PathStep } from './spec.ts';
import { overrideKey, parseVia, type TypedStep } from './text.ts';

/**
 * A path from what was typed; each text may hold several steps joined by `+`.
 * @throws Failure with exit 2, its place naming the flag, the step and the param
 */
export function resolveVia(texts: readonly string[], place = '--via'): PathSpec {
  return texts.flatMap((text) => {
    const items = parseVia(text, place)
      .map((step) => resolveStep(step, place))
      .filter((item) => item.steps.length > 0); // `direct` is none
    return items.map((item, i): PathItem => (i === 0 ? item : { ...item, joined: true }));
  });
}

/** What was recorded or kept; null where another version knew other steps. */
export function recordedPath(texts: readonly string[]): PathSpec | null {
  try {
    return resolveVia(texts);
  } catch {
    return null;
  }
}

/** One step; a preset that stands for nothing has no steps. @throws Failure as `resolveVia` */
export function resolveStep(step: TypedStep, place: string): PathItem {
  const preset = own(PRESETS, step.name);
  if (preset) return { preset: preset.id, steps: override(preset, step.params, place) };
  const definition = own(DEFINITIONS, step.name) ?? unknownStep(step.name, place);
  return { steps: [{ name: definition.id, params: valuesOf(definition, step.params, place) }] };
}

const presetStepsById = new Map<string, readonly PathStep[]>();

/** What a preset stands for as it comes. */
export function presetSteps({ id, via }: PresetInfo): readonly PathStep[] {
  const steps = presetStepsById.get(id) ?? stepsOf(resolveVia([via]));
  presetStepsById.set(id, steps);
  return steps;
}

/** `idle-timeout=3s` changes a preset's step in its first param, `idle-timeout.end=rst` in any other. */
function override(preset: PresetInfo, typed: TypedStep['params'], place: string): readonly PathStep[] {
  let steps = presetSteps(preset);
  for (const [key, text] of Object.entries(typed)) {
    const where = `${place} ${preset.id}:${key}`;
    const { index, definition, param } = overridden(steps, key) ?? unknownOverride(preset, steps, key, where);
    const value = parseParam(definition.params[param]!, text, where);
    steps = steps.map((step, i) => (i === index ? { ...step, params: { ...step.params, [param]: value } } : step));
  }
  return steps;
}

function overridden(
  steps: readonly PathStep[],
  key: string,
): { index: number; definition: Definition; param: string } | null {
  const dot = key.indexOf('.');
  const name = dot < 0 ? key : key.slice(0, dot);
  let index = steps.findIndex((step) => step.name === name);
  // What HTTP does at its idle limit is known by the shorter name too.
  if (index < 0) index = steps.findIndex((step) => step.name === `http-${name}`);
  const definition = own(DEFINITIONS, steps[index]?.name ?? '');
  const param = definition && (dot < 0 ? Object.keys(definition.params)[0] : key.slice(dot + 1));
  if (!definition || param === undefined || !Object.hasOwn(definition.params, param)) return null;
  return { index, definition, param };
}

function valuesOf(definition: Definition, typed: TypedStep['params'], place: string): StepValues {
  const values = Object.entries(typed).map(([key, text]) => {
    const where = `${place} ${definition.id}:${key}`;
    const param = own(definition.params, key) ?? unknownParam(definition, key, where);
    return [key, parseParam(param, text, where)] as const;
  });
  const implied = definition.impliedParams?.(Object.keys(typed));
  return { ...defaultsOf(definition.params), ...implied, ...Object.fromEntries(values) };
}

function unknownStep(name: string, place: string): never {
  const near = nearest(name, [...Object.keys(PRESETS), ...Object.keys(DEFINITIONS)]);
  throw new Failure({
    code: 'unknown-preset',
    place,
    message: `There is no preset, fault or policy called "${name}".`,
    hint: near ? `Did you mean ${near}?` : 'Run heartline presets for the list.',
    exit: 2,
  });
}

function unknownParam({ id, params }: Definition, key: string, place: string): never {
  const near = nearest(key, Object.keys(params));
  throw new Failure({
    code: 'unknown-param',
    place,
    message: `${id} has no "${key}".`,
    hint: near ? `Did you mean ${near}?` : `It has ${Object.keys(params).join(', ')}.`,
    exit: 2,
  });
}

function unknownOverride(preset: PresetInfo, steps: readonly PathStep[], key: string, place: string): never {
  const can = steps.flatMap(({ name }) => {
    const definition = DEFINITIONS[name]!;
    return Object.keys(definition.params).map((param) => overrideKey(definition, param));
  });
  const short = can.filter((name) => name.startsWith('http-')).map((name) => name.slice('http-'.length));
  const near = nearest(key, [...can, ...short]);
  throw new Failure({
    code: 'unknown-param',
    place,
    message: `${preset.id} has no "${key}" to change.`,
    hint: near
      ? `Did you mean ${near}?`
      : can.length > 0
        ? `It has ${can.join(', ')}.`
        : 'It has nothing that can be changed.',
    exit: 2,
  });
}

/** Inherited names such as `constructor` are no presets. */
function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
