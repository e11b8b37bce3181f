import type { StepValues } from './definition.ts';

/** A fault or policy and its values. */
export interface PathStep {
  /** The id of its definition. */
  readonly name: string;
  readonly params: StepValues;
}

/** What was named: a fault or policy by itself, or a preset with all the steps it stands for. */
export interface PathItem {
  /** The id of the preset; absent for a fault or policy by itself. */
  readonly preset?: string;
  readonly steps: readonly PathStep[];
  /** It stands in one text with the item before it, joined by `+`. */
  readonly joined?: true;
}

/** A path as it travels: checked, with every value, nearest the client first. Empty is direct. */
export type PathSpec = readonly PathItem[];

export const stepsOf = (path: PathSpec): PathStep[] => path.flatMap((item) => item.steps);
