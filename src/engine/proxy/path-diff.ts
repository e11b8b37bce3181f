import type { StepSpec } from '../../shared/path/definition.ts';

export interface FaultChange {
  action: 'add' | 'change' | 'remove';
  spec: StepSpec;
}

/** What became of each fault, matched by name and, among equals, by order. */
export function diffFaults(before: readonly StepSpec[], after: readonly StepSpec[]): FaultChange[] {
  const old = [...before];
  const changes: FaultChange[] = [];
  for (const spec of after) {
    const at = old.findIndex((o) => o.name === spec.name);
    if (at < 0) changes.push({ action: 'add', spec });
    else if (JSON.stringify(old.splice(at, 1)[0]!.params) !== JSON.stringify(spec.params)) {
      changes.push({ action: 'change', spec });
    }
  }
  return [...old.map((spec) => ({ action: 'remove' as const, spec })), ...changes];
}
