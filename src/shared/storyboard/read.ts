import { fieldOf } from '../guards.ts';
import { readScenarioDocument, type ScenarioDocument } from '../scenario/document.ts';
import { Splicer } from '../yaml/splicer.ts';

/** The text that was read last: a board asks for the same one many times. */
let last: { text: string; read: ScenarioDocument } | null = null;

export function parseStoryboard(text: string): ScenarioDocument {
  if (last?.text !== text) last = { text, read: readScenarioDocument(text) };
  return last.read;
}

/** On which lines, from 1, each step of the schedule stands. */
export function stepLines(text: string): { from: number; to: number }[] {
  const { raw } = parseStoryboard(text);
  const schedule = fieldOf(raw, 'schedule');
  if (!Array.isArray(schedule)) return [];
  const splicer = new Splicer(text);
  return schedule.map((_, i) => splicer.lines(['schedule', i]) ?? { from: 0, to: 0 });
}
