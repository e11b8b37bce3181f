import { computed, type Ref } from 'vue';
import { snapOf, ticksTo } from '../../../shared/storyboard/axis.ts';
import { boardOf } from '../../../shared/storyboard/board.ts';
import { useStoryboardView } from './storyboard-view.ts';
import { useStoryboard } from './storyboard.ts';
import { clock, clockFine } from '../../ui/format.ts';
import { durationLabel } from '../../ui/duration-label.ts';
import { applyPreview } from './drag-preview.ts';
import { useTimelineDrag } from './use-timeline-drag.ts';

/** The names of the tracks stand here, before time begins. */
export const TRACK_LABEL_PX = 84;
const POINT_ITEM_PX = 20;
/** What a window that is not there yet would have. */
const DEFAULT_WIDTH_PX = 900;
/** Nearer than this there is nothing to aim at. */
const MIN_MS_PER_PX = 2;
const MAX_ZOOM = 2000;
/** Drawn beyond what is in sight, so that a scroll finds lines there. */
const OVERSCAN_PX = 400;

/** Layout of the open scenario: items in tracks, scale and ticks, including a drag in progress. */
export function useTimelineLayout(size: { width: number }, scrolled: Ref<number>) {
  const board = useStoryboard();
  const screen = useStoryboardView();

  const viewportWidth = computed(() => Math.max(200, (size.width || DEFAULT_WIDTH_PX) - TRACK_LABEL_PX - 16));
  /** The whole, with a little beyond its end, is as wide as the frame; nearer, it is as many times wider. */
  const fitMsPerPx = computed(() => {
    const lastMs = Math.max(board.scenario!.duration, ...(board.scenario!.schedule ?? []).map((step) => step.at));
    return (lastMs * 1.03) / viewportWidth.value;
  });
  const maxZoom = computed(() => Math.min(MAX_ZOOM, Math.max(1, fitMsPerPx.value / MIN_MS_PER_PX)));
  const msPerPx = computed(() => drags.frozenScale.value ?? fitMsPerPx.value / Math.min(screen.zoom, maxZoom.value));
  const snap = computed(() => snapOf(msPerPx.value));
  const drags = useTimelineDrag({ msPerPx, snap });
  const px = (ms: number): number => ms / msPerPx.value;

  const layout = computed(() =>
    boardOf(applyPreview(board.scenario!, drags.preview.value), POINT_ITEM_PX * msPerPx.value),
  );
  const contentWidth = computed(() => Math.max((layout.value.reachMs * 1.03) / msPerPx.value, viewportWidth.value));

  /** Near to what is in sight. */
  const isNearView = (ms: number): boolean => {
    const x = px(ms);
    return x >= scrolled.value - OVERSCAN_PX && x <= scrolled.value + viewportWidth.value + OVERSCAN_PX;
  };
  const tickScale = computed(() => ticksTo(contentWidth.value * msPerPx.value, msPerPx.value));
  const ticks = computed(() => tickScale.value.at.filter(isNearView));
  const minors = computed(() => {
    const { minor } = tickScale.value;
    const from = Math.max(0, Math.floor(((scrolled.value - OVERSCAN_PX) * msPerPx.value) / minor));
    const to = Math.min(contentWidth.value, scrolled.value + viewportWidth.value + OVERSCAN_PX) * msPerPx.value;
    const all = Array.from({ length: Math.max(0, Math.ceil(to / minor) - from) }, (_, i) => (from + i) * minor);
    const major = tickScale.value.at[1] ?? Infinity;
    return all.filter((ms) => ms % major !== 0);
  });
  /** As the Live view has it: `0:10`, and tenths where there are any. */
  const tickLabel = (ms: number): string => ((tickScale.value.at[1] ?? 1000) < 1000 ? clockFine(ms, 1) : clock(ms));

  /** Where the dragged item stands. */
  const dragLabel = computed(() => {
    const p = drags.preview.value;
    if (!p) return null;
    if (p.what === 'duration') return { at: p.ms, words: durationLabel(p.ms) };
    if (p.what === 'move') return { at: p.at, words: durationLabel(p.at) };
    const { at } = board.scenario!.schedule![p.step]!;
    return { at: p.end, words: `${durationLabel(p.end)}, ${durationLabel(Math.max(10, p.end - at))} long` };
  });

  /** What begins and is over at once says nothing. */
  const tracks = computed(() =>
    layout.value.tracks.map((track) => ({
      ...track,
      items: track.items.filter((item) => item.step !== null || item.end! > item.at),
    })),
  );
  /** In the order of time, as the keys go. */
  const order = computed(() => tracks.value.flatMap((t) => t.items).toSorted((a, b) => a.at - b.at));
  /** Pixels to whatever comes next in the row, item by item. */
  const freeWidths = computed(() => {
    const found = new Map<string, number>();
    for (const { items } of tracks.value) {
      const next = new Map<number, number>();
      for (const item of items.toSorted((a, b) => b.at - a.at)) {
        found.set(item.key, px((next.get(item.row) ?? (contentWidth.value + 60) * msPerPx.value) - item.at));
        next.set(item.row, item.at);
      }
    }
    return found;
  });

  return {
    drags,
    msPerPx,
    maxZoom,
    snap,
    px,
    layout,
    contentWidth,
    ticks,
    minors,
    tickLabel,
    dragLabel,
    tracks,
    order,
    freeWidths,
  };
}
