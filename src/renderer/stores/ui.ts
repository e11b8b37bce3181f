import { defineStore } from 'pinia';
import { ref } from 'vue';

/** What can be opened from more than one place. */
export type Opened = 'target' | 'path' | 'heartbeat' | 'workload' | 'sleep' | 'restart' | 'palette';

/** The page's own passing state: which popover is open, how fast it draws. */
export const useUi = defineStore('ui', () => {
  const opened = ref<Opened | null>(null);
  const fps = ref<number | null>(null);
  return {
    opened,
    fps,
    open: (what: Opened): void => void (opened.value = what),
    close: (what?: Opened): void => {
      if (what === undefined || opened.value === what) opened.value = null;
    },
  };
});
