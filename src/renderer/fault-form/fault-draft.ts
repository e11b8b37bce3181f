import {
  defaultsOf,
  formatFault,
  formatParam,
  parseParam,
  parseVia,
  type FaultInfo,
  type ParamValues,
  type PresetInfo,
} from '../../shared/path/params.ts';

/** One fault of a path as it is being edited: its values as text, so that half-typed ones survive. */
export interface FaultDraft {
  /** Only to tell rows apart. */
  key: number;
  info: FaultInfo;
  text: Record<string, string>;
}

let lastKey = 0;

export function newFaultDraft(info: FaultInfo, values: ParamValues = {}): FaultDraft {
  const all = { ...defaultsOf(info.params), ...values };
  const text = Object.fromEntries(
    Object.entries(info.params).map(([key, param]) => [key, formatParam(param, all[key]!)]),
  );
  return { key: ++lastKey, info, text };
}

/** The values of one fault. @throws Failure `bad-param`, its `place` the parameter's name. */
export function draftValues(draft: FaultDraft): ParamValues {
  return Object.fromEntries(
    Object.entries(draft.info.params).map(([key, param]) => [key, parseParam(param, draft.text[key] ?? '', key)]),
  );
}

/** The stack as one would type it after --via. @throws Failure when a value is wrong */
export const formatStack = (stack: readonly FaultDraft[]): string =>
  stack.map((draft) => formatFault(draft.info, draftValues(draft))).join('+');

/**
 * A typed path, taken apart into faults that have a form; a preset is opened into the faults it stands for.
 * @returns null when it names something that has no form here
 */
export function parseStack(
  text: string,
  faults: readonly FaultInfo[],
  presets: readonly PresetInfo[],
  depth = 0,
): FaultDraft[] | null {
  const stack: FaultDraft[] = [];
  for (const step of parseVia(text)) {
    const fault = faults.find((f) => f.id === step.name);
    if (fault) {
      const draft = newFaultDraft(fault);
      for (const [key, value] of Object.entries(step.params)) if (key in draft.text) draft.text[key] = value;
      stack.push(draft);
      continue;
    }
    const preset = presets.find((p) => p.id === step.name);
    if (!preset || depth > 4) return null;
    const inner = parseStack(preset.via, faults, presets, depth + 1);
    if (!inner) return null;
    for (const [name, value] of Object.entries(step.params)) {
      // A preset's own limit, changed in place: its fault's first parameter, or the one behind the dot.
      const [id, param] = name.split('.', 2);
      const target = inner.find((d) => d.info.id === id) ?? inner.find((d) => d.info.id === `http-${id}`);
      const key = param ?? (target && Object.keys(target.info.params)[0]);
      if (target && key !== undefined && key in target.text) target.text[key] = value;
    }
    stack.push(...inner);
  }
  return stack;
}

/** For what a fault is set to, in a line: its first value, and the others that are not as they come. */
export function faultSummary({ info, text }: FaultDraft): string {
  return Object.entries(info.params)
    .filter(([name, param], i) => i === 0 || text[name] !== formatParam(param, param.default))
    .map(([name, param]) => (param.kind === 'choice' ? (param.options[text[name]!] ?? text[name]!) : text[name]!))
    .join(', ');
}
