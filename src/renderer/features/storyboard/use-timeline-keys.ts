import { nextTick, type Ref } from 'vue';
import type { TrackItem } from '../../../shared/storyboard/board.ts';
import { copyStep, removeStep } from '../../../shared/storyboard/edits.ts';
import { useStoryboardView } from './storyboard-view.ts';
import { useStoryboard } from './storyboard.ts';
import { writePreview, isResizable } from './drag-preview.ts';

const FINE_STEP_MS = 10;

/** The board by keyboard: up and down to another step, sideways to another time, with Shift to another length. */
export function useTimelineKeys(items: Ref<TrackItem[]>, snap: Ref<number>, focus: (key: string) => void) {
  const board = useStoryboard();
  const screen = useStoryboardView();

  function go(from: TrackItem, to: number): void {
    const next = items.value[Math.max(0, Math.min(items.value.length - 1, to))];
    if (!next || next === from) return;
    board.selected = next.step;
    focus(next.key);
  }

  function nudge(item: TrackItem, by: number, resize: boolean): void {
    const s = board.scenario;
    const { step, is, end } = item;
    if (!s || board.unreadable || step === null || !is) return;
    const grid = (ms: number): number => Math.round((ms + by) / Math.abs(by)) * Math.abs(by);
    if (!resize) {
      const at = Math.max(0, grid(is.at));
      board.edit((text) => writePreview(text, s, { what: 'move', step, at }), `move:${step}`);
    } else if (isResizable(is) && item.part === null) {
      const to = Math.max(is.at + FINE_STEP_MS, grid(end ?? is.at));
      board.edit((text) => writePreview(text, s, { what: 'size', step, end: to }), `size:${step}`);
    }
    void nextTick(() => focus(item.key));
  }

  function remove(item: TrackItem): void {
    if (item.step === null || board.unreadable) return;
    const at = items.value.indexOf(item);
    const { step } = item;
    if (!board.edit((text) => removeStep(text, step))) return;
    void nextTick(() => {
      const next = items.value[Math.min(at, items.value.length - 1)];
      board.selected = next?.step ?? null;
      if (next) focus(next.key);
    });
  }

  function copy(item: TrackItem): void {
    const { step, is } = item;
    if (step === null || !is || board.unreadable) return;
    const at = Math.min(
      Math.max(item.end ?? 0, is.at + snap.value),
      Math.max(0, board.scenario!.duration - snap.value),
    );
    board.edit((text) => copyStep(text, step, at));
    void nextTick(() => focus(String(board.selected)));
  }

  return (e: KeyboardEvent, item: TrackItem): void => {
    const at = items.value.indexOf(item);
    const by = e.altKey ? FINE_STEP_MS : snap.value;
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'd') copy(item);
    else if (e.ctrlKey || e.metaKey) return;
    else if (e.key === 'ArrowDown') go(item, at + 1);
    else if (e.key === 'ArrowUp') go(item, at - 1);
    else if (e.key === 'Home') go(item, 0);
    else if (e.key === 'End') go(item, items.value.length - 1);
    else if (e.key === 'ArrowRight') nudge(item, by, e.shiftKey);
    else if (e.key === 'ArrowLeft') nudge(item, -by, e.shiftKey);
    else if (e.key === 'Delete' || e.key === 'Backspace') remove(item);
    else if (e.key === 'Enter') screen.openForm();
    else if (e.key === 'Escape') board.selected = null;
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
}
