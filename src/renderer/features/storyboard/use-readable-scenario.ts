import { isRecord } from '../../../shared/guards.ts';
import { computed, shallowRef, watch, type Ref } from 'vue';
import type { Scenario } from '../../../shared/scenario/schema.ts';
import { parseStoryboard } from '../../../shared/storyboard/read.ts';

/**
 * A text as a scenario: what it says now or, while it cannot be read, what it last said.
 * @param key which entry of the list the text is of
 * @param savedText the entry's text as it was saved
 */
export function useReadableScenario(key: Ref<string>, text: Ref<string>, savedText: () => string) {
  /** What could be read last, while this page is there. */
  const lastReadable = shallowRef<{ key: string; scenario: Scenario; raw: unknown } | null>(null);
  const read = computed(() => parseStoryboard(text.value));
  const lastRead = computed(() =>
    lastReadable.value?.key === key.value ? lastReadable.value : parseStoryboard(savedText()),
  );
  const scenario = computed(() => read.value.scenario ?? lastRead.value.scenario);
  const unreadable = computed(() => read.value.scenario === null);
  /** The file's own values word by word, for the forms. */
  const raw = computed(() => {
    const shown = unreadable.value && scenario.value ? lastRead.value.raw : read.value.raw;
    return isRecord(shown) ? shown : {};
  });
  watch(
    [read, key],
    () => {
      const { scenario: readable, raw: values } = read.value;
      if (readable) lastReadable.value = { key: key.value, scenario: readable, raw: values };
    },
    { immediate: true },
  );
  return { read, scenario, raw, unreadable };
}
