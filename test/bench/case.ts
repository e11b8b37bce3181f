/** One line of a result. `goal` is the most a value may be (`atLeast`: the least). */
export interface Row {
  what: string;
  value: number;
  unit: string;
  goal?: number;
  atLeast?: boolean;
  /** The single repetitions behind the median. */
  runs?: number[];
}

/** A question and how it is answered, in processes of its own. */
export interface Case {
  name: string;
  about: string;
  run(o: { repeat: number; say: (text: string) => void }): Promise<Row[]>;
}

export const met = (row: Row): boolean | null =>
  row.goal === undefined || Number.isNaN(row.value)
    ? null
    : row.atLeast
      ? row.value >= row.goal
      : row.value <= row.goal;
