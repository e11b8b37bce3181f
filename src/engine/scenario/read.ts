import { fieldOf, isRecord } from '../../shared/guards.ts';
import { Failure } from '../../shared/failure.ts';
import { readScenarioDocument } from '../../shared/scenario/document.ts';
import type { PlacedProblem, ScenarioProblem } from '../../shared/scenario/problems.ts';
import type { Scenario } from '../../shared/scenario/schema.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import type { DialectFiles } from './plan.ts';
import { PathPlan } from './path-plan.ts';
import { planScenario, type Plan } from './plan.ts';

/** Where something is wrong, `scenario` is what could be made out all the same. */
export type ScenarioReading =
  | { ok: true; scenario: Scenario; plan: Plan; problems: [] }
  | { ok: false; scenario: Scenario | null; problems: [PlacedProblem, ...PlacedProblem[]] };

/**
 * A scenario file's text, checked whole: every problem with its line, key and a way out, in the order of the file.
 * @param saved the endpoints that its target may name
 * @param files reads the dialect file that its target names; absent: only built-in ones can be named
 */
export function readScenarioText(
  text: string,
  saved: readonly RemoteTarget[] = [],
  files?: DialectFiles,
): ScenarioReading {
  const { raw, scenario, problems, syntax, place } = readScenarioDocument(text);
  if (syntax.length > 0) return failedReading(syntax.map((problem) => ({ key: '', ...problem })));
  if (!scenario) return failedReading([...problems, ...pathProblems(raw)].map(place));
  const { plan, problems: unknown } = planScenario(scenario, saved, files);
  const all = [...problems, ...unknown].map(place);
  return all.length > 0 ? failedReading(all, scenario) : { ok: true, scenario, plan, problems: [] };
}

/** `lift.yaml:12: schedule[2].do: …` */
export function formatProblem(file: string, { line, key, message, hint }: PlacedProblem): string {
  return `${file}:${line}: ${key === '' ? '' : `${key}: `}${message}${hint ? ` ${hint}` : ''}`;
}

/** @throws Failure `bad-scenario` with the first problem, and where it stands */
export function readPlan(text: string, saved: readonly RemoteTarget[] = []): Plan {
  const read = readScenarioText(text, saved);
  if (read.ok) return read.plan;
  const [{ line, key, message, hint }] = read.problems;
  throw new Failure({
    code: 'bad-scenario',
    message,
    place: key === '' ? `line ${line}` : `line ${line}: ${key}`,
    exit: 2,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What a scenario calls itself, even where something else in it is wrong; null where it does not. */
export function scenarioName(text: string): string | null {
  const name = fieldOf(readScenarioDocument(text).raw, 'name');
  return typeof name === 'string' && name.trim() !== '' ? name.trim() : null;
}

function failedReading(problems: PlacedProblem[], scenario: Scenario | null = null): ScenarioReading {
  const [first, ...more] = problems.toSorted((a, b) => a.line - b.line);
  return { ok: false, scenario, problems: [first!, ...more] };
}

/** What can be said of the path though the rest could not be made out. */
function pathProblems(raw: unknown): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const { path, schedule } = isRecord(raw) ? raw : {};
  const plan = new PathPlan(isStringArray(path) ? path : [], problems);
  if (!Array.isArray(schedule)) return problems;
  for (const [entry, step] of schedule.entries()) {
    if (!isRecord(step)) continue;
    const { do: what, via, path: next } = step;
    if (what === 'fault' && typeof via === 'string') plan.add(via, entry);
    if (what === 'set' && isStringArray(next)) plan.replace(next, entry);
  }
  return problems;
}

const isStringArray = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
