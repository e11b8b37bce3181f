/** The one reader of scenario files: YAML text into a scenario, with every problem at its line. */
import { isRecord } from '../guards.ts';
import { readYaml } from '../yaml/source.ts';
import { keyPath, type PlacedProblem, type ScenarioProblem } from './problems.ts';
import { readScenario } from './read.ts';
import type { Scenario } from './schema.ts';

/** A scenario's text as far as it can be made out without the engine, which alone knows what can be put on a path. */
export interface ScenarioDocument {
  /** What it says, as plain data; null when it is no YAML. */
  raw: unknown;
  scenario: Scenario | null;
  problems: ScenarioProblem[];
  /** Why it is no YAML; empty when it is. */
  syntax: { line: number; message: string }[];
  /** Where in the text a problem stands. */
  place(problem: ScenarioProblem): PlacedProblem;
}

export function readScenarioDocument(text: string): ScenarioDocument {
  const { raw, syntax, lineOf } = readYaml(text);
  const place = ({ path, ...rest }: ScenarioProblem): PlacedProblem => ({
    line: lineOf(path),
    key: keyPath(path),
    ...rest,
  });
  if (syntax.length > 0) return { raw: null, scenario: null, problems: [], syntax, place };
  if (!isRecord(raw)) return { raw, scenario: null, problems: [NO_SCENARIO], syntax, place };
  return { raw, ...readScenario(raw), syntax, place };
}

const NO_SCENARIO: ScenarioProblem = {
  path: [],
  message: 'It is no scenario.',
  hint: 'Begin with name:, lanes: and duration:.',
};
