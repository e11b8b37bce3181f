import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { OpenedInPage } from '../../shared/opened.ts';

/** What can be opened from more than one place. */
export type PopoverId =
  'target' | 'path' | 'heartbeat' | 'workload' | 'sleep' | 'restart' | 'palette' | 'sheet' | 'settings';

/** What fills the page under the title bar. */
export type View = 'live' | 'path' | 'storm' | 'endpoints';

export type OfferedEndpoint = OpenedInPage & { kind: 'endpoint' };

/** The page's own passing state: which popover is open, how fast it draws. */
export const useUi = defineStore('ui', () => {
  const view = ref<View>('live');
  /** Which half of the Path view. */
  const pathTab = ref<'paths' | 'storyboard'>('paths');
  /** Counts up when the scenario that was played is asked for. */
  const showPlayedRequests = ref(0);
  const opened = ref<PopoverId | null>(null);
  const fps = ref<number | null>(null);
  /** An endpoint from outside, for the target form. */
  const offeredEndpoint = shallowRef<OfferedEndpoint | null>(null);
  return {
    offeredEndpoint,
    view,
    pathTab,
    showPlayedRequests,
    opened,
    fps,
    showPath: (tab: 'paths' | 'storyboard'): void => {
      view.value = 'path';
      pathTab.value = tab;
    },
    showPlayed: (): void => {
      view.value = 'path';
      pathTab.value = 'storyboard';
      showPlayedRequests.value++;
    },
    open: (what: PopoverId): void => {
      // All but the palette, the sheet and the settings open under a field of the Live view.
      if (what !== 'palette' && what !== 'sheet' && what !== 'settings') view.value = 'live';
      opened.value = what;
    },
    close: (what?: PopoverId): void => {
      if (what === undefined || opened.value === what) opened.value = null;
    },
  };
});
