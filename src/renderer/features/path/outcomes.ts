import { METHODS } from '../../../shared/catalog.ts';
import type { PathStep } from '../../../shared/path/spec.ts';
import { explainPath, unpredictedSteps } from '../../../shared/path/explain.ts';
import type { Outcome } from '../../../shared/path/outcome.ts';
import type { PresetInfo } from '../../../shared/path/presets/preset.ts';
import { outcomeLabels, type OutcomeLabels } from './outcome-labels.ts';

/** What a path does to one method while nothing is sent, in data and in words. */
export interface OutcomeRow extends OutcomeLabels, Outcome {}

/**
 * One row a method.
 * @param steps nearest the client first; null when the path cannot be read
 * @param preset where they come from unchanged: what its vendor does not document stays unknown
 */
export const outcomesOf = (steps: readonly PathStep[] | null, preset: PresetInfo | null): OutcomeRow[] =>
  METHODS.map((method) => {
    if (steps === null) return { ...explainPath([], method), fate: 'unknown', ...UNREADABLE };
    const outcome = explainPath(steps, method, 'quiet', preset);
    return { ...outcome, ...outcomeLabels(outcome) };
  });

const UNREADABLE: OutcomeLabels = { mark: '', silent: 'Unknown', notice: 'Unknown', cure: 'Unknown' };

/** The steps of which the rows say nothing: they depend on what is asked and sent, not on silence. */
export const notInOutcomes = (steps: readonly PathStep[]): string[] => unpredictedSteps(steps).map(({ name }) => name);

/** Something ends it, though nothing is sent. */
export const isCut = ({ fate, end }: Outcome): boolean => fate === 'ends' && end !== null && end.afterMs !== null;

/** It ends at an age, however much is sent. */
export const isAged = ({ end }: Outcome): boolean => end?.when.on === 'age';

/** How often something must be sent to keep it; null where that does not help, or is not needed. */
export function heartbeatMs({ cures }: Outcome): number | null {
  for (const cure of cures) if (cure.by === 'heartbeat') return cure.everyMs;
  return null;
}

/** What its events wait for, where that is noticed. */
export function lateUntil({ hold }: Outcome): 'block' | 'end' | 'next' | null {
  return hold === null || hold.until === 'nothing' || hold.until === 'moment' ? null : hold.until;
}
