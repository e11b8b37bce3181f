import { onScopeDispose, ref, type Ref } from 'vue';

/** Whether a media query holds, followed. */
export function useMedia(query: string): Ref<boolean> {
  const list = matchMedia(query);
  const matches = ref(list.matches);
  const listen = (e: MediaQueryListEvent): void => void (matches.value = e.matches);
  list.addEventListener('change', listen);
  onScopeDispose(() => list.removeEventListener('change', listen));
  return matches;
}
