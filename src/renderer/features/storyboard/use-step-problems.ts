import { computed, type ComputedRef } from 'vue';
import { useStoryboard } from './storyboard.ts';
import { useStoryboardView } from './storyboard-view.ts';

/** What is wrong with each step of the schedule, by its index: found by the check, or when it was played. */
export function useStepProblems(): ComputedRef<ReadonlyMap<number, string>> {
  const board = useStoryboard();
  const view = useStoryboardView();
  return computed(() => {
    const found = new Map<number, string>();
    const add = (key: string, text: string): void => {
      const m = /^schedule\[(\d+)\]/.exec(key);
      if (m && !found.has(Number(m[1]))) found.set(Number(m[1]), text);
    };
    for (const p of board.problems) add(p.key, `${p.message} ${p.hint ?? ''}`.trim());
    if (view.currentPlay?.text === board.text) {
      for (const c of view.currentPlay.checks ?? []) if (!c.passed) add(c.name, `It could not be done: ${c.actual}`);
    }
    return found;
  });
}
