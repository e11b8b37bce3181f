import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { Observation } from '../../shared/observation.ts';
import type { DropMark } from '../model/lane-marks.ts';
import { effectiveWindow, WINDOW_MS } from '../timeline/window.ts';
import { useLive } from './live.ts';
import { useSettings } from './settings.ts';

/** A stretch of engine time. */
export interface Stretch {
  from: number;
  to: number;
}

/** Two pins nearer than this share of the window are one. */
const SAME_PIN = 0.01;

/** What of the run somebody looks at more closely: which lane, which stretch of time, which drop, which event. */
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
  /** What was dragged over: figures are about it. */
  const selection = shallowRef<Stretch | null>(null);
  /** Moments somebody marked, oldest first. */
  const pins = shallowRef<readonly number[]>([]);
  /** A window beyond those that the wheel keeps; null: the one of the settings. */
  const zoomMs = ref<number | null>(null);
  /** Where on the ribbons the mouse is; null: elsewhere. */
  const pointedAt = ref<number | null>(null);
  /** The time that is asked for is being typed. */
  const jumping = ref(false);
  /** The view stood still for the card, and goes on with it. */
  let frozeForCard = false;

  const startedAt = (): number => live.run?.startedAt ?? 0;

  /** How much time is in sight, ms. */
  const windowMs = (): number => zoomMs.value ?? effectiveWindow(settings.windowMs, live.now() - startedAt());

  /** Changes how much is in sight. @param around the moment that stays where it is; null: the right end does */
  function setWindow(ms: number, around: number | null): void {
    const before = windowMs();
    const end = live.viewTime();
    if (zoomMs.value === null && ms >= WINDOW_MS.min && ms <= WINDOW_MS.max) settings.windowMs = ms;
    else zoomMs.value = ms;
    if (around !== null && live.frozenAt !== null) moveTo(around + ((end - around) * ms) / before);
  }

  /** The right end of the ribbons; at or after now they follow it again. */
  function moveTo(end: number): void {
    live.frozenAt = end >= live.now() ? null : Math.max(startedAt() + Math.min(1000, windowMs()), end);
  }

  const pan = (ms: number): void => moveTo(live.viewTime() + ms);

  /** Back to now, with the window of the settings. */
  function follow(): void {
    live.frozenAt = null;
    zoomMs.value = null;
  }

  /** Brings a moment into the ribbons, where it is not in sight; the view stands still there. */
  function show(at: number): void {
    const width = windowMs();
    const end = live.viewTime();
    if (at >= end - width * 0.95 && at <= end) return;
    live.frozenAt = Math.min(live.now(), at + width * 0.35);
  }

  function zoomToSelection(): void {
    const chosen = selection.value;
    if (!chosen) return;
    zoomMs.value = Math.max(WINDOW_MS.least, chosen.to - chosen.from);
    live.frozenAt = chosen.to;
    selection.value = null;
  }

  function showWholeRun(): void {
    zoomMs.value = Math.max(WINDOW_MS.min, Math.min(WINDOW_MS.most, (live.now() - startedAt()) * 1.01));
    live.frozenAt = null;
  }

  /** Marks the moment under the mouse, or the newest in sight; one that is there already goes. */
  function togglePin(): void {
    const at = Math.round(pointedAt.value ?? live.viewTime());
    const same = pins.value.find((pin) => Math.abs(pin - at) < windowMs() * SAME_PIN);
    pins.value = same === undefined ? [...pins.value, at].sort((a, b) => a - b) : pins.value.filter((p) => p !== same);
  }

  /** What was looked at belongs to the run before. */
  function reset(): void {
    soloLane.value = null;
    editedLane.value = null;
    drop.value = null;
    opened.value = null;
    selection.value = null;
    pins.value = [];
    zoomMs.value = null;
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

  /** To the drop before or after the one that is open; else before or after what is in sight. */
  function stepDrop(step: 1 | -1): void {
    const all = drops();
    const open = drop.value;
    const middle = live.viewTime() - windowMs() / 2;
    const next = open
      ? all[all.findIndex((d) => d.n === open.n) + step]
      : step === 1
        ? all.find((d) => d.at > middle)
        : (all.findLast((d) => d.at < middle) ?? all.at(-1));
    if (next) openDrop(next);
  }

  const place = computed(() => {
    const all = drop.value === null ? [] : drops();
    return { index: all.findIndex((d) => d.n === drop.value?.n), count: all.length };
  });

  return {
    soloLane,
    editedLane,
    drop,
    opened,
    selection,
    pins,
    zoomMs,
    pointedAt,
    jumping,
    place,
    windowMs,
    setWindow,
    moveTo,
    pan,
    follow,
    show,
    zoomToSelection,
    showWholeRun,
    togglePin,
    reset,
    openDrop,
    closeDrop,
    stepDrop,
  };
});
