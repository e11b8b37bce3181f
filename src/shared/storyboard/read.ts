import { LineCounter, parseDocument } from 'yaml';
import { readScenario, type Scenario } from '../scenario/schema.ts';
import type { ScenarioProblem } from '../scenario/problems.ts';
import { Splicer } from '../yaml/splicer.ts';

/** A scenario's text as far as it can be made out without the engine, who alone knows presets, faults and dialects. */
export interface ParsedStoryboard {
  /** What it says, as plain data; null when it is no YAML. */
  raw: unknown;
  scenario: Scenario | null;
  problems: ScenarioProblem[];
  /** Why it is no YAML, and on which line; null when it is. */
  syntax: { line: number; message: string } | null;
}

/** The text that was read last: a board asks for the same one many times. */
let last: { text: string; read: ParsedStoryboard } | null = null;

export function parseStoryboard(text: string): ParsedStoryboard {
  if (last?.text !== text) last = { text, read: read(text) };
  return last.read;
}

function read(text: string): ParsedStoryboard {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const [error] = doc.errors;
  if (error) return unparsed(lines.linePos(error.pos[0]).line, error.message);
  try {
    const raw: unknown = doc.toJS({ maxAliasCount: 100 });
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { raw, scenario: null, problems: [], syntax: null }; // prettier-ignore
    return { raw, ...readScenario(raw), syntax: null };
  } catch (e) {
    return unparsed(1, (e as Error).message);
  }
}

const unparsed = (line: number, message: string): ParsedStoryboard => ({
  raw: null,
  scenario: null,
  problems: [],
  syntax: { line, message },
});

/** On which lines, from 1, each step of the schedule stands. */
export function stepLines(text: string): { from: number; to: number }[] {
  const { raw } = parseStoryboard(text);
  const schedule = (raw as { schedule?: unknown } | null)?.schedule;
  if (!Array.isArray(schedule)) return [];
  const splicer = new Splicer(text);
  return schedule.map((_, i) => splicer.lines(['schedule', i]) ?? { from: 0, to: 0 });
}
