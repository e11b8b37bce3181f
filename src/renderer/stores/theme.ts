import type { Pinia } from 'pinia';
import { computed, ref, watchEffect } from 'vue';
import { useSettings } from './settings.ts';

const darkQuery = matchMedia('(prefers-color-scheme: dark)');
const systemDark = ref(darkQuery.matches);
darkQuery.addEventListener('change', (e) => (systemDark.value = e.matches));

/** The theme in force. */
export const themeNow = computed<'dark' | 'light'>(() => {
  const { theme } = useSettings();
  return theme === 'system' ? (systemDark.value ? 'dark' : 'light') : theme;
});

/** Keeps the document in the chosen theme. */
export function applyTheme(pinia: Pinia): void {
  useSettings(pinia);
  watchEffect(() => {
    document.documentElement.dataset.theme = themeNow.value;
  });
}

export function toggleTheme(): void {
  const settings = useSettings();
  settings.theme = themeNow.value === 'dark' ? 'light' : 'dark';
}
