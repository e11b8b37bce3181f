import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { StepKind } from './step-kinds.ts';
import { useLive } from '../../stores/live.ts';
import { useStoryboard } from './storyboard.ts';
import { useUi } from '../../stores/ui.ts';

export type StoryboardTab = 'step' | 'scenario' | 'yaml' | 'expect';

/** View state of the storyboard; not saved. */
export const useStoryboardView = defineStore('storyboard-view', () => {
  const live = useLive();
  const board = useStoryboard();
  const tab = ref<StoryboardTab>('scenario');
  /** Where the next step goes; null: not chosen. */
  const cursorMs = ref<number | null>(null);
  /** How many times nearer than whole. */
  const zoom = ref(1);
  /** The step kind dragged from the palette; `at` is null while it is not over the timeline. */
  const draggedKind = shallowRef<{ kind: StepKind; x: number; y: number; at: number | null } | null>(null);
  /** Time under a point of the window, given by the timeline while it is there; null beside it. */
  const timeAt = shallowRef<(x: number, y: number, free: boolean) => number | null>(() => null);
  /** Counts up when the form is asked to take the focus. */
  const formFocusRequests = ref(0);
  /** Counts up when the focus goes back to the board. */
  const timelineFocusRequests = ref(0);

  /** The run plays or played what lies open here; it may have been changed since. */
  const currentPlay = computed(() => {
    const play = live.scenario;
    if (!play) return null;
    return (board.played ? board.played.key === board.key : play.text === board.text) ? play : null;
  });
  const playing = computed(() => currentPlay.value !== null && currentPlay.value.endedAt === null);
  /** How far it has come; null while its lanes still open, or when nothing plays. Renewed ten times a second. */
  const elapsed = computed(() => {
    void live.tick;
    const play = currentPlay.value;
    if (!play || play.beganAt === null) return null;
    return Math.max(0, Math.min(play.durationMs, (play.endedAt ?? live.now()) - play.beganAt));
  });

  // Another scenario is looked at whole.
  watch(
    () => board.key,
    () => {
      zoom.value = 1;
      cursorMs.value = null;
      if (tab.value === 'step') tab.value = 'scenario';
    },
  );
  // Somebody wants to see what was played: it is opened, wherever it came from.
  const ui = useUi();
  watch(
    () => ui.showPlayedRequests,
    () => {
      const play = live.scenario;
      if (!play || currentPlay.value || ui.showPlayedRequests === 0) return;
      const known = board.entries.find(
        (e) => e.key === board.played?.key || (board.drafts[e.key] ?? e.text) === play.text,
      );
      if (known) board.open(known.key);
      else if (play.text !== '') board.openDraft(play.text);
    },
    { immediate: true },
  );
  // Where there is no board, there is the text.
  watch(
    () => board.entry !== null && board.scenario === null,
    (none) => void (none && (tab.value = 'yaml')),
    { immediate: true },
  );
  watch(
    () => board.selected,
    (step) => {
      if (step !== null && tab.value === 'scenario') tab.value = 'step';
    },
  );

  function openForm(): void {
    tab.value = board.selected === null ? 'scenario' : 'step';
    formFocusRequests.value++;
  }

  return {
    tab,
    cursorMs,
    zoom,
    draggedKind,
    timeAt,
    formFocusRequests,
    timelineFocusRequests,
    currentPlay,
    playing,
    elapsed,
    openForm,
  };
});
