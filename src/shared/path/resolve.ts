import { Failure } from '../failure.ts';
import type { Definition, StepSpec, StepValues } from './definition.ts';
import { COMMON_PARAMS } from './common-params.ts';
import { DEFINITIONS } from './definitions.ts';
import {
  defaultsOf,
  formatFault,
  formatParam,
  nearest,
  parseParam,
  parseVia,
  type ParamValues,
  type PresetInfo,
  type ParsedStep,
} from './params.ts';
import { PRESETS } from './presets/index.ts';
import { durationText } from './quantity-text.ts';

/** A path that has been checked and may be set. */
export interface ResolvedPath {
  /** As typed after --via, in the shortest spelling; empty is direct. */
  via: string[];
  /** `Direct`, `idle limit 10 s`, `AWS NLB, idle limit 350 s`. */
  label: string;
  /** Nearest the client first. */
  faults: StepSpec[];
  /** Which of them came together with a preset: from one index up to another. */
  presets: { from: number; to: number }[];
  idleLimitMs: number | null;
}

/**
 * A path from what was typed; each text may hold several steps joined by `+`.
 * @throws Failure with exit 2, its place naming the flag, the step and the param
 */
export function resolveVia(texts: readonly string[], place = '--via'): ResolvedPath {
  const via: string[] = [];
  const labels: string[] = [];
  const faults: StepSpec[] = [];
  const presets: ResolvedPath['presets'] = [];
  for (const text of texts) {
    const parts: string[] = [];
    for (const step of parseVia(text, place)) {
      const preset = own(PRESETS, step.name);
      const resolved = preset ? fromPreset(preset, step, place) : fromFault(step, place);
      if (resolved.faults.length === 0) continue;
      if (preset) presets.push({ from: faults.length, to: faults.length + resolved.faults.length });
      faults.push(...resolved.faults);
      parts.push(resolved.text);
      labels.push(resolved.label);
    }
    if (parts.length > 0) via.push(parts.join('+'));
  }
  const label = labels.length > 0 ? labels.join(' + ') : 'Direct';
  return { via, label, faults, presets, idleLimitMs: idleLimit(faults) };
}

/** The shortest of the idle limits; null when there is none. */
function idleLimit(faults: readonly StepSpec[]): number | null {
  const limits = faults.map((f) => DEFINITIONS[f.name]?.idleLimitMs?.(f.params) ?? null).filter((ms) => ms !== null);
  return limits.length > 0 ? Math.min(...limits) : null;
}

interface ResolvedStep {
  faults: StepSpec[];
  text: string;
  label: string;
}

function fromFault(step: ParsedStep, place: string): ResolvedStep {
  const fault = own(DEFINITIONS, step.name) ?? unknownStep(step.name, place);
  const params = valuesOf(fault, step.params, place);
  return {
    faults: [{ name: fault.id, params }],
    text: formatFault(fault, params),
    label: summaryOf(fault, params),
  };
}

function fromPreset(preset: PresetInfo, step: ParsedStep, place: string): ResolvedStep {
  const base = resolveVia(preset.via === '' ? [] : [preset.via], place).faults;
  const faults = base.map((f) => ({ ...f }));
  for (const [key, value] of Object.entries(step.params)) override(preset, faults, key, value, place);
  // What differs from the preset is kept as typed, each under one spelling.
  const changes = faults.flatMap((f, i) => {
    const fault = DEFINITIONS[f.name]!;
    return Object.keys(fault.params)
      .filter((key) => f.params[key] !== base[i]!.params[key])
      .map((key) => `${paramKey(fault, key)}=${formatParam(fault.params[key]!, f.params[key]!)}`);
  });
  const limit = idleLimit(faults);
  return {
    faults: faults.map((f, i) => ({ ...f, ...assumedMethods(preset, f.params, base[i]!.params) })),
    text: changes.length > 0 ? `${preset.id}:${changes.join(',')}` : preset.id,
    label: limit === null ? preset.label : `${preset.label}, idle limit ${durationText(limit)}`,
  };
}

/** The param that says how a step ends the connections of a method. */
const END_PARAM = { 'long-polling': 'poll', sse: 'stream', websocket: 'ws' } as const;

/** What of a preset's step is only assumed; what was typed is meant. */
function assumedMethods(
  { assumed = [] }: PresetInfo,
  params: ParamValues,
  given: ParamValues,
): Pick<StepSpec, 'assumed'> {
  const left = assumed.filter((fact) => {
    const param = fact in END_PARAM ? END_PARAM[fact as keyof typeof END_PARAM] : undefined;
    return param !== undefined && params[param] !== undefined && params[param] === given[param];
  });
  return left.length > 0 ? { assumed: left } : {};
}

/** `idle-timeout=3s` changes a preset's fault in its first param, `idle-timeout.end=rst` in any other. */
function override(preset: PresetInfo, faults: StepSpec[], key: string, text: string, place: string): void {
  const dot = key.indexOf('.');
  const name = dot < 0 ? key : key.slice(0, dot);
  // What HTTP does at its idle limit is known by the shorter name too.
  const target = faults.find((f) => f.name === name) ?? faults.find((f) => f.name === `http-${name}`);
  const where = `${place} ${preset.id}:${key}`;
  const fault = target && DEFINITIONS[target.name]!;
  const param = dot < 0 ? fault && Object.keys(fault.params)[0] : key.slice(dot + 1);
  if (!target || !fault || param === undefined || !Object.hasOwn(fault.params, param)) {
    const can = faults.flatMap((f) =>
      Object.keys(DEFINITIONS[f.name]!.params).map((p) => paramKey(DEFINITIONS[f.name]!, p)),
    );
    const short = can.filter((name) => name.startsWith('http-')).map((name) => name.slice('http-'.length));
    const near = nearest(key, [...can, ...short]);
    throw new Failure({
      code: 'unknown-param',
      place: where,
      message: `${preset.id} has no "${key}" to change.`,
      hint: near
        ? `Did you mean ${near}?`
        : can.length > 0
          ? `It has ${can.join(', ')}.`
          : 'It has nothing that can be changed.',
      exit: 2,
    });
  }
  target.params = { ...target.params, [param]: parseParam(fault.params[param]!, text, where) };
}

function paramKey(fault: Definition, key: string): string {
  return key === Object.keys(fault.params)[0] ? fault.id : `${fault.id}.${key}`;
}

function valuesOf(fault: Definition, typed: Record<string, string>, place: string): StepValues {
  const values: Record<string, number | string> = {};
  for (const [key, text] of Object.entries(typed)) {
    const param = own(fault.params, key);
    if (!param) {
      const near = nearest(key, Object.keys(fault.params));
      throw new Failure({
        code: 'unknown-param',
        place: `${place} ${fault.id}:${key}`,
        message: `${fault.id} has no "${key}".`,
        hint: near ? `Did you mean ${near}?` : `It has ${Object.keys(fault.params).join(', ')}.`,
        exit: 2,
      });
    }
    values[key] = parseParam(param, text, `${place} ${fault.id}:${key}`);
  }
  return { ...defaultsOf(fault.params), ...fault.impliedParams?.(Object.keys(typed)), ...values };
}

function summaryOf(fault: Definition, params: StepValues): string {
  const { lanes, chance } = params;
  return [
    fault.summary(params),
    lanes !== 'all' && `(${COMMON_PARAMS.lanes.options[lanes]} only)`,
    chance < 1 && `(${Math.round(chance * 1000) / 10} % of connections)`,
  ]
    .filter(Boolean)
    .join(' ');
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

/** Inherited names such as `constructor` are no presets. */
function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
