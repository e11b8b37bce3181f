import { defineStore } from 'pinia';
import { ref } from 'vue';

/** What was pasted anywhere in the view, for the dialog that reads it; and how often a check was asked for by a key. */
export const usePasted = defineStore('endpoints-pasted', () => ({ text: ref(''), checks: ref(0) }));
