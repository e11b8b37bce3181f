import { formatProblem } from '../../engine/scenario/read.ts';
import type { PlacedProblem } from '../../shared/scenario/problems.ts';

/** More problems than this are one: it is not the right file. */
const MANY = 8;
const FIRST = 3;

/** What is wrong with a scenario file, a line a problem; of very many only the first. */
export function problemsText(file: string, problems: readonly PlacedProblem[]): string[] {
  const lines = problems.map((problem) => formatProblem(file, problem));
  if (lines.length <= MANY) return lines;
  return [
    `${file} is no scenario. Name one such as those in scenarios/; heartline run --help tells more.`,
    ...lines.slice(0, FIRST),
    `… and ${lines.length - FIRST} more`,
  ];
}
