import { onBeforeUnmount, onMounted, reactive, type Ref } from 'vue';

/** An element's size in CSS pixels, followed. */
export function useSize(element: Ref<HTMLElement | null>): { width: number; height: number } {
  const size = reactive({ width: 0, height: 0 });
  const observer = new ResizeObserver(() => {
    size.width = element.value?.clientWidth ?? 0;
    size.height = element.value?.clientHeight ?? 0;
  });
  onMounted(() => {
    if (!element.value) return;
    size.width = element.value.clientWidth;
    size.height = element.value.clientHeight;
    observer.observe(element.value);
  });
  onBeforeUnmount(() => observer.disconnect());
  return size;
}
