import { formatDuration, parseDuration } from '../../../shared/duration.ts';
import { addStep } from '../../../shared/storyboard/edits.ts';
import { useBoardScreen } from '../../stores/storyboard-screen.ts';
import { useStoryboard } from '../../stores/storyboard.ts';
import type { Kind } from './kinds.ts';

/** Lays a step on the board, and opens its form. */
export function useAddKind(): (kind: Kind, at?: number) => void {
  const board = useStoryboard();
  const screen = useBoardScreen();

  /** At the cursor; else where the playing is; else behind the last step, or in the middle. */
  function usual(): number {
    const s = board.scenario!;
    const behind = Math.max(0, ...(s.schedule ?? []).map((step) => step.at)) + 5000;
    return screen.cursorMs ?? (screen.playing ? Math.round((screen.elapsed ?? 0) / 100) * 100 : behind);
  }

  return (kind, at) => {
    const s = board.scenario;
    if (!s || board.stale) return;
    // what begins at the end or after it would not happen
    const last = Math.max(0, s.duration - Math.min(1000, s.duration / 2));
    const where = Math.min(at ?? usual(), last);
    // what would last beyond the end lasts to the end
    const usualMs = typeof kind.fields['for'] === 'string' ? parseDuration(kind.fields['for']) : 0;
    const leftMs = Math.max(1000, Math.floor((s.duration - where) / 1000) * 1000);
    const span = usualMs > leftMs ? { for: formatDuration(leftMs) } : {};
    // a server that is not ours has no heartbeat to set
    const fields = kind.do === 'set' && s.target ? { pongs: 'off' } : { ...kind.fields, ...span };
    if (board.edit((text) => addStep(text, { at: where, do: kind.do, ...fields }))) screen.inspect();
  };
}
