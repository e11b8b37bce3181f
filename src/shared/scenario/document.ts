/** The one reader of scenario files: YAML text into a scenario, with every problem at its line. */
import { isRecord } from '../guards.ts';
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { failureData } from '../failure.ts';
import { yamlLimitProblem } from '../yaml/limits.ts';
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
  const limit = yamlLimitProblem(text);
  if (limit) return unparsed([limit]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0) {
    return unparsed(
      document.errors.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, message: notYaml(message) })),
    );
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return unparsed([{ line: 1, message: notYaml(failureData(error).message) }]);
  }
  const place = ({ path, ...rest }: ScenarioProblem): PlacedProblem => ({
    line: lines.linePos(offsetOf(document, path)).line,
    key: keyPath(path),
    ...rest,
  });
  if (!isRecord(raw)) return { raw, scenario: null, problems: [NO_SCENARIO], syntax: [], place };
  return { raw, ...readScenario(raw), syntax: [], place };
}

const NO_SCENARIO: ScenarioProblem = {
  path: [],
  message: 'It is no scenario.',
  hint: 'Begin with name:, lanes: and duration:.',
};

const notYaml = (message: string): string => `It is not YAML: ${message.replace(/\.?$/, '.')}`;

const unparsed = (syntax: ScenarioDocument['syntax']): ScenarioDocument => ({
  raw: null,
  scenario: null,
  problems: [],
  syntax,
  place: ({ path, ...rest }) => ({ line: 1, key: keyPath(path), ...rest }),
});

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

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
