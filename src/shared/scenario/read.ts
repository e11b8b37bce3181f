/** A scenario from plain data, and everything that is wrong with it. */
import * as v from 'valibot';
import { issueProblem, keyPath, unknownKeys, type ScenarioProblem } from './problems.ts';
import { semanticProblems } from './rules.ts';
import { ScenarioSchema, type Scenario } from './schema.ts';
import { withTargetKeys } from './target-schema.ts';

/**
 * Whether named presets, faults and dialects exist is not looked at here: the planner knows.
 * @returns scenario null when it cannot be made out
 */
export function readScenario(given: Record<string, unknown>): {
  scenario: Scenario | null;
  problems: ScenarioProblem[];
} {
  const value = 'target' in given ? { ...given, target: withTargetKeys(given['target']) } : given;
  const problems = unknownKeys(ScenarioSchema, value);
  const unknown = [...problems];
  const read = v.safeParse(ScenarioSchema, value);
  if (read.success) problems.push(...semanticProblems(read.output));
  else {
    for (const issue of read.issues) {
      const problem = issueProblem(issue);
      // a key that is misspelt is missing too: one word on it is enough
      const parent = keyPath(problem.path.slice(0, -1));
      const meant = `Did you mean ${problem.path.at(-1)}?`;
      const misspelt = unknown.some((u) => u.hint === meant && keyPath(u.path.slice(0, -1)) === parent);
      if (!misspelt) problems.push(problem);
    }
  }
  return { scenario: read.success ? read.output : null, problems };
}
