import { defineStore } from 'pinia';
import { ref } from 'vue';

/** What of the run somebody looks at more closely. */
export const useSight = defineStore('sight', () => {
  /** The lane that is shown in full, the others as strips; null: all as they fit. */
  const soloLane = ref<string | null>(null);
  /** The lane whose name and settings are open. */
  const editedLane = ref<string | null>(null);
  return { soloLane, editedLane };
});
