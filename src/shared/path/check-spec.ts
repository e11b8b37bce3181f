import { Failure } from '../failure.ts';
import { DEFINITIONS } from './definitions.ts';
import { paramProblem, type ParamValues } from './params.ts';
import { PRESETS } from './presets/index.ts';
import { presetSteps } from './resolve.ts';
import type { PathSpec } from './spec.ts';

/** A path of which nothing is known but that it has the shape of one. */
export type UncheckedPath = readonly {
  readonly preset?: string;
  readonly joined?: true;
  readonly steps: readonly { readonly name: string; readonly params: ParamValues }[];
}[];

/** @throws Failure `bad-path` where something is not as a path may be */
export function checkSpec(path: UncheckedPath): asserts path is PathSpec {
  const message = specProblem(path);
  if (message !== null) throw new Failure({ code: 'bad-path', message, exit: 2 });
}

function specProblem(path: UncheckedPath): string | null {
  for (const { preset, steps } of path) {
    for (const { name, params } of steps) {
      if (!Object.hasOwn(DEFINITIONS, name)) return `there is no fault or policy called "${name}"`;
      const problem = valuesProblem(name, params);
      if (problem !== null) return `${name}: ${problem}`;
    }
    if (preset === undefined) {
      if (steps.length !== 1) return 'an item without a preset is one step';
    } else if (!Object.hasOwn(PRESETS, preset)) return `there is no preset called "${preset}"`;
    else {
      const own = presetSteps(PRESETS[preset]!).map((step) => step.name);
      if (own.join() !== steps.map((step) => step.name).join()) return `${preset} is ${own.join(', ')}`;
    }
  }
  return null;
}

function valuesProblem(name: string, values: ParamValues): string | null {
  const { params } = DEFINITIONS[name]!;
  const unknown = Object.keys(values).find((key) => !Object.hasOwn(params, key));
  if (unknown !== undefined) return `it has no "${unknown}"`;
  for (const [key, param] of Object.entries(params)) {
    const value = values[key];
    const problem = value === undefined ? 'it is missing' : paramProblem(param, value)?.message;
    if (problem !== undefined) return `${key}: ${problem}`;
  }
  return null;
}
