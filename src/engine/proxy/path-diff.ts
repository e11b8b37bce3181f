import type { PathStep } from '../../shared/path/spec.ts';

export interface StepChange {
  action: 'add' | 'change' | 'remove';
  step: PathStep;
}

/** What became of each fault, matched by name and, among equals, by order. */
export function diffSteps(before: readonly PathStep[], after: readonly PathStep[]): StepChange[] {
  const old = [...before];
  const changes: StepChange[] = [];
  for (const step of after) {
    const at = old.findIndex((o) => o.name === step.name);
    if (at < 0) changes.push({ action: 'add', step });
    else if (JSON.stringify(old.splice(at, 1)[0]!.params) !== JSON.stringify(step.params)) {
      changes.push({ action: 'change', step });
    }
  }
  return [...old.map((step) => ({ action: 'remove' as const, step })), ...changes];
}
