import type { SummaryFact } from '../observation.ts';
import { summarise, type LaneTally } from './tally.ts';

/** The record that closes a run: every lane counted as of engine time `now`. */
export function summaryFact(tallies: Record<string, LaneTally>, now: number): SummaryFact {
  return {
    type: 'summary',
    lanes: Object.fromEntries(Object.entries(tallies).map(([id, tally]) => [id, summarise(tally, now)])),
  };
}
