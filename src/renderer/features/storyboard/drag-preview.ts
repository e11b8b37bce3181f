/** An edit in progress while dragging: drawn on the timeline, not yet written to the text. */
import type { Scenario, ScenarioStep } from '../../../shared/scenario/schema.ts';
import { moveStep, resizeStep, setDuration, setStepField } from '../../../shared/storyboard/edits.ts';
import { formatDuration } from '../../../shared/duration.ts';

export type DragPreview =
  | { what: 'move'; step: number; at: number }
  | { what: 'size'; step: number; end: number }
  | { what: 'duration'; ms: number };

/** Steps that have a length which can be drawn out. */
export function isResizable(step: ScenarioStep): boolean {
  if (step.do === 'publish') return (step.count ?? 1) > 1;
  return step.do === 'fault' || step.do === 'sleep' || step.do === 'offline' || step.do === 'kill-server';
}

/** Drawn beyond the end, it has none of its own; sleep and kill always do. */
const isOpenEnded = (step: ScenarioStep, end: number, s: Scenario): boolean =>
  (step.do === 'fault' || step.do === 'offline') && end >= s.duration;

/** How often a row of events comes when its last is there. Written in whole 10 ms. */
const publishInterval = (step: ScenarioStep & { do: 'publish' }, end: number): number =>
  Math.max(10, Math.round((end - step.at) / Math.max(1, (step.count ?? 1) - 1) / 10) * 10);

export function applyPreview(s: Scenario, preview: DragPreview | null): Scenario {
  if (!preview) return s;
  if (preview.what === 'duration') return { ...s, duration: preview.ms };
  const schedule = (s.schedule ?? []).map((step, i): ScenarioStep => {
    if (i !== preview.step) return step;
    if (preview.what === 'move') return { ...step, at: preview.at };
    if (step.do === 'publish') return { ...step, every: publishInterval(step, preview.end) };
    if (!('for' in step) && !isResizable(step)) return step;
    // cast: only some steps have it
    const { for: _, ...rest } = step as ScenarioStep & { for?: number };
    return (isOpenEnded(step, preview.end, s) ? rest : { ...rest, for: Math.max(10, preview.end - step.at) }) as
      // cast: the same step but for its times
      ScenarioStep;
  });
  return { ...s, schedule };
}

/** Writes it. */
export function writePreview(text: string, s: Scenario, preview: DragPreview): string {
  if (preview.what === 'duration') return setDuration(text, preview.ms);
  const step = s.schedule![preview.step]!;
  if (preview.what === 'move') return moveStep(text, preview.step, preview.at);
  if (step.do === 'publish')
    return setStepField(text, preview.step, 'every', formatDuration(publishInterval(step, preview.end)));
  return resizeStep(text, preview.step, isOpenEnded(step, preview.end, s) ? null : Math.max(10, preview.end - step.at));
}
