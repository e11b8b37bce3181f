import type { Definition } from '../../shared/path/definition.ts';
import { DEFINITIONS } from '../../shared/path/definitions.ts';
import { defaultsOf, formatParam, parseParam, type Param, type ParamValues } from '../../shared/path/params.ts';
import { stepsOf, type PathSpec, type PathStep } from '../../shared/path/spec.ts';

/** One step of a path as it is being edited: its values as text, so that half-typed ones survive. */
export interface FaultDraft {
  /** Only to tell rows apart. */
  key: number;
  info: Definition;
  text: Record<string, string>;
}

let lastKey = 0;

export function newFaultDraft(info: Definition, values: ParamValues = {}): FaultDraft {
  const all: ParamValues = { ...defaultsOf(info.params), ...values };
  const text = Object.fromEntries(
    Object.entries(info.params).map(([key, param]) => [key, formatParam(param, all[key]!)]),
  );
  return { key: ++lastKey, info, text };
}

/** @throws Failure `bad-param`, its `place` the parameter's name. */
export function draftStep({ info, text }: FaultDraft): PathStep {
  const values = Object.fromEntries(
    Object.entries<Param>(info.params).map(([key, param]) => [key, parseParam(param, text[key] ?? '', key)]),
  );
  return { name: info.id, params: { ...defaultsOf(info.params), ...values } };
}

/** A form for each step; a preset is opened into the steps it stands for. */
export const draftsOf = (path: PathSpec): FaultDraft[] =>
  stepsOf(path).map(({ name, params }) => newFaultDraft(DEFINITIONS[name]!, params));

/** The steps by themselves, in one text. */
export const pathOf = (steps: readonly PathStep[]): PathSpec =>
  steps.map((step, i) => (i === 0 ? { steps: [step] } : { steps: [step], joined: true }));

/** For what a fault is set to, in a line: its first value, and the others that are not as they come. */
export function faultSummary({ info, text }: FaultDraft): string {
  return Object.entries<Param>(info.params)
    .filter(([name, param], i) => i === 0 || text[name] !== formatParam(param, param.default))
    .map(([name, param]) => (param.kind === 'choice' ? (param.options[text[name]!] ?? text[name]!) : text[name]!))
    .join(', ');
}
