import { shallowRef, type Ref } from 'vue';
import type { TrackItem } from '../../../shared/storyboard/board.ts';
import { snapped } from '../../../shared/storyboard/axis.ts';
import { useStoryboard } from './storyboard.ts';
import { writePreview, type DragPreview } from './drag-preview.ts';

const DRAG_THRESHOLD_PX = 3;

/** Dragging on the timeline: previewed while dragging, written on release, cancelled by Escape. */
export function useTimelineDrag(scale: { msPerPx: Ref<number>; snap: Ref<number> }) {
  const board = useStoryboard();
  const preview = shallowRef<DragPreview | null>(null);
  /** The scale stays while something is dragged, whatever it makes of the length. */
  const frozenScale = shallowRef<number | null>(null);

  function drag(e: PointerEvent, start: number, make: (ms: number) => DragPreview): void {
    if (e.button !== 0 || board.unreadable) return;
    // cast: the listener sits on this element
    const target = e.currentTarget as HTMLElement;
    target.setPointerCapture(e.pointerId);
    frozenScale.value = scale.msPerPx.value;
    let dragging = false;
    const move = (m: PointerEvent): void => {
      dragging ||= Math.abs(m.clientX - e.clientX) >= DRAG_THRESHOLD_PX;
      if (!dragging) return;
      const ms = start + (m.clientX - e.clientX) * frozenScale.value!;
      preview.value = make(snapped(ms, m.altKey ? null : scale.snap.value));
    };
    const end = (how: 'keep' | 'drop'): void => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', up);
      target.removeEventListener('pointercancel', cancel);
      window.removeEventListener('keydown', escape, true);
      const done = preview.value;
      preview.value = null;
      frozenScale.value = null;
      if (how === 'keep' && done) board.edit((text) => writePreview(text, board.scenario!, done));
    };
    const up = (): void => end('keep');
    const cancel = (): void => end('drop');
    const escape = (k: KeyboardEvent): void => {
      if (k.key !== 'Escape') return;
      k.stopPropagation();
      end('drop');
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', up);
    target.addEventListener('pointercancel', cancel);
    window.addEventListener('keydown', escape, true);
  }

  /** @param last what is in sight ends here: an edge beyond it is drawn, and grabbed, there */
  function grab(e: PointerEvent, item: TrackItem, what: 'move' | 'size', last: number): void {
    board.selected = item.step;
    if (item.step === null) return;
    const { step } = item;
    if (what === 'move') drag(e, item.is!.at, (at) => ({ what, step, at }));
    else drag(e, Math.min(item.end!, last), (end) => ({ what, step, end }));
  }

  /** The end of the whole. */
  function grabEnd(e: PointerEvent): void {
    const least = scale.snap.value;
    drag(e, board.scenario!.duration, (ms) => ({ what: 'duration', ms: Math.max(least, ms) }));
  }

  function setEnd(ms: number): void {
    if (!board.unreadable)
      board.edit((text) => writePreview(text, board.scenario!, { what: 'duration', ms }), 'duration');
  }

  return { preview, frozenScale, grab, grabEnd, setEnd };
}
