import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { Observation } from '../../shared/observation.ts';
import type { DropMark } from '../model/lane-marks.ts';
import { useLive } from './live.ts';
import { useSettings } from './settings.ts';

/** What of the run somebody looks at more closely. */
export const useSight = defineStore('sight', () => {
  const live = useLive();
  const settings = useSettings();
  /** The lane that is shown in full, the others as strips; null: all as they fit. */
  const soloLane = ref<string | null>(null);
  /** The lane whose name and settings are open. */
  const editedLane = ref<string | null>(null);
  /** The drop whose card is open. */
  const drop = shallowRef<DropMark | null>(null);
  /** The event, or other fact, that is open beside the list. */
  const opened = shallowRef<Observation | null>(null);
  /** The view stood still for the card, and goes on with it. */
  let frozeForCard = false;

  /** Brings a moment into the ribbons; the view stands still there. */
  function show(at: number): void {
    const now = live.now();
    const from = live.viewTime() - settings.windowMs;
    if (at >= from + settings.windowMs * 0.05 && at <= live.viewTime()) return;
    live.frozenAt = Math.min(now, at + settings.windowMs * 0.35);
  }

  /** Every drop of every lane that is shown, oldest first. */
  const drops = (): DropMark[] =>
    (live.run?.lanes ?? [])
      .flatMap((lane) => lane.drops.items.filter((d) => !lane.endedAsleep(d)))
      .sort((a, b) => a.n - b.n);

  /** Opens its card, and keeps the ribbons still beside it. */
  function openDrop(of: DropMark): void {
    if (live.frozenAt === null) {
      live.frozenAt = live.now();
      frozeForCard = true;
    }
    show(of.at);
    drop.value = of;
  }

  function closeDrop(): void {
    drop.value = null;
    if (frozeForCard) live.frozenAt = null;
    frozeForCard = false;
  }

  /** To the drop before or after the one that is open, or before or after what is in sight. */
  function stepDrop(step: 1 | -1): void {
    const all = drops();
    const from = drop.value;
    const at = live.viewTime() - (from ? 0 : settings.windowMs / 2);
    const next = from
      ? all[all.findIndex((d) => d.n === from.n) + step]
      : step === 1
        ? all.find((d) => d.at > at)
        : all.findLast((d) => d.at < at);
    const fallback = from === null && step === -1 ? all.at(-1) : undefined;
    if (next ?? fallback) openDrop((next ?? fallback)!);
  }

  const place = computed(() => {
    const all = drop.value === null ? [] : drops();
    return { index: all.findIndex((d) => d.n === drop.value?.n), count: all.length };
  });

  return { soloLane, editedLane, drop, opened, place, show, openDrop, closeDrop, stepDrop };
});
