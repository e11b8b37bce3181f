import { LineCounter, parseDocument, isMap, isPair, isScalar, isSeq, type Document, type Node } from 'yaml';
import { Failure } from '../../shared/failure.ts';
import type { Scenario } from '../../shared/scenario/schema.ts';
import { readScenario } from '../../shared/scenario/schema.ts';
import { keyPath, type PlacedProblem, type ScenarioProblem } from '../../shared/scenario/problems.ts';
import { PathPlan } from './path-plan.ts';
import { planScenario, type Plan } from './plan.ts';

/** Where something is wrong, `scenario` is what could be made out all the same. */
export type ScenarioReading =
  | { ok: true; scenario: Scenario; plan: Plan; problems: [] }
  | { ok: false; scenario: Scenario | null; problems: [PlacedProblem, ...PlacedProblem[]] };

/** More text than any scenario has. */
const MAX_LENGTH = 1024 * 1024;

/** A scenario file's text, checked whole: every problem with its line, key and a way out, in the order of the file. */
export function readScenarioText(text: string): ScenarioReading {
  if (text.length > MAX_LENGTH) return failedReading([{ line: 1, key: '', message: 'It is longer than 1 MiB.' }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors.map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    key: '',
    message: `It is not YAML: ${message.replace(/\.?$/, '.')}`,
  }));
  if (syntax.length > 0) return failedReading(syntax);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return failedReading([{ line: 1, key: '', message: `It is not YAML: ${(error as Error).message}.` }]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return failedReading([
      { line: 1, key: '', message: 'It is no scenario.', hint: 'Begin with name:, lanes: and duration:.' },
    ]);
  }
  const locate = ({ path, ...rest }: ScenarioProblem): PlacedProblem => ({
    line: lines.linePos(offsetOf(document, path)).line,
    key: keyPath(path),
    ...rest,
  });
  const { scenario, problems } = readScenario(value);
  if (!scenario) return failedReading([...problems, ...pathProblems(value)].map(locate));
  const { plan, problems: unknown } = planScenario(scenario);
  const all = [...problems, ...unknown].map(locate);
  return all.length > 0 ? failedReading(all, scenario) : { ok: true, scenario, plan, problems: [] };
}

/** `lift.yaml:12: schedule[2].do: …` */
export function formatProblem(file: string, { line, key, message, hint }: PlacedProblem): string {
  return `${file}:${line}: ${key === '' ? '' : `${key}: `}${message}${hint ? ` ${hint}` : ''}`;
}

/** @throws Failure `bad-scenario` with the first problem, and where it stands */
export function readPlan(text: string): Plan {
  const read = readScenarioText(text);
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
  if (text.length > MAX_LENGTH) return null;
  const name: unknown = parseDocument(text, { prettyErrors: false }).get('name');
  return typeof name === 'string' && name.trim() !== '' ? name.trim() : null;
}

function failedReading(problems: PlacedProblem[], scenario: Scenario | null = null): ScenarioReading {
  const [first, ...more] = problems.toSorted((a, b) => a.line - b.line);
  return { ok: false, scenario, problems: [first!, ...more] };
}

/** What can be said of the path though the rest could not be made out. */
function pathProblems(value: object): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const { path, schedule } = value as { path?: unknown; schedule?: unknown };
  const plan = new PathPlan(isStringArray(path) ? path : [], problems);
  if (!Array.isArray(schedule)) return problems;
  for (const [entry, step] of (schedule as unknown[]).entries()) {
    if (typeof step !== 'object' || step === null) continue;
    const { do: what, via, path: next } = step as Record<string, unknown>;
    if (what === 'fault' && typeof via === 'string') plan.add(via, entry);
    if (what === 'set' && isStringArray(next)) plan.replace(next, entry);
  }
  return problems;
}

const isStringArray = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** Where a key stands; where it is missing, what should have held it. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      const item = node.items[key];
      offset = startOf(isPair(item) ? item.key : item) ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
