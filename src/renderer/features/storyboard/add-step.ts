import { formatDuration, parseDuration } from '../../../shared/duration.ts';
import { addStep } from '../../../shared/storyboard/edits.ts';
import { useStoryboardView } from './storyboard-view.ts';
import { useStoryboard } from './storyboard.ts';
import type { StepKind } from './step-kinds.ts';

/** Adds a step to the scenario and opens its form. */
export function useAddStep(): (kind: StepKind, at?: number) => void {
  const board = useStoryboard();
  const screen = useStoryboardView();

  /** At the cursor; else where the playing is; else behind the last step, or in the middle. */
  function defaultTime(): number {
    const s = board.scenario!;
    const afterLast = Math.max(0, ...(s.schedule ?? []).map((step) => step.at)) + 5000;
    return screen.cursorMs ?? (screen.playing ? Math.round((screen.elapsed ?? 0) / 100) * 100 : afterLast);
  }

  return (kind, at) => {
    const s = board.scenario;
    if (!s || board.unreadable) return;
    // what begins at the end or after it would not happen
    const last = Math.max(0, s.duration - Math.min(1000, s.duration / 2));
    const where = Math.min(at ?? defaultTime(), last);
    // what would last beyond the end lasts to the end
    const usualMs = typeof kind.fields['for'] === 'string' ? parseDuration(kind.fields['for']) : 0;
    const leftMs = Math.max(1000, Math.floor((s.duration - where) / 1000) * 1000);
    const span = usualMs > leftMs ? { for: formatDuration(leftMs) } : {};
    // a server that is not ours has no heartbeat to set
    const fields = kind.do === 'set' && s.target ? { pongs: 'off' } : { ...kind.fields, ...span };
    if (board.edit((text) => addStep(text, { at: where, do: kind.do, ...fields }))) screen.openForm();
  };
}
