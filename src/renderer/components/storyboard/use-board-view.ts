import { computed, type Ref } from 'vue';
import { snapOf, ticksTo } from '../../../shared/storyboard/axis.ts';
import { boardOf } from '../../../shared/storyboard/board.ts';
import { useBoardScreen } from '../../stores/storyboard-screen.ts';
import { useStoryboard } from '../../stores/storyboard.ts';
import { clock, clockFine } from '../../words/format.ts';
import { spanWords } from '../path/span-words.ts';
import { previewed } from './preview.ts';
import { useBoardDrag } from './use-board-drag.ts';

/** The names of the tracks stand here, before time begins. */
export const HEAD_PX = 84;
const MOMENT_PX = 20;
/** What a window that is not there yet would have. */
const USUAL_PX = 900;
/** Nearer than this there is nothing to aim at. */
const NEAREST_MS_PER_PX = 2;
const MOST_ZOOM = 2000;
/** Drawn beyond what is in sight, so that a scroll finds lines there. */
const AHEAD_PX = 400;

/** The open scenario as it is drawn: what lies where, in which scale, with what a hand is just doing to it. */
export function useBoardView(size: { width: number }, scrolled: Ref<number>) {
  const board = useStoryboard();
  const screen = useBoardScreen();

  const room = computed(() => Math.max(200, (size.width || USUAL_PX) - HEAD_PX - 16));
  /** The whole, with a little beyond its end, is as wide as the frame; nearer, it is as many times wider. */
  const fit = computed(() => {
    const reach = Math.max(board.scenario!.duration, ...(board.scenario!.schedule ?? []).map((step) => step.at));
    return (reach * 1.03) / room.value;
  });
  const mostZoom = computed(() => Math.min(MOST_ZOOM, Math.max(1, fit.value / NEAREST_MS_PER_PX)));
  const msPerPx = computed(() => drags.held.value ?? fit.value / Math.min(screen.zoom, mostZoom.value));
  const snap = computed(() => snapOf(msPerPx.value));
  const drags = useBoardDrag({ msPerPx, snap });
  const px = (ms: number): number => ms / msPerPx.value;

  const layout = computed(() => boardOf(previewed(board.scenario!, drags.preview.value), MOMENT_PX * msPerPx.value));
  const wide = computed(() => Math.max((layout.value.reachMs * 1.03) / msPerPx.value, room.value));

  /** Near to what is in sight. */
  const near = (ms: number): boolean => {
    const x = px(ms);
    return x >= scrolled.value - AHEAD_PX && x <= scrolled.value + room.value + AHEAD_PX;
  };
  const scale = computed(() => ticksTo(wide.value * msPerPx.value, msPerPx.value));
  const ticks = computed(() => scale.value.at.filter(near));
  const minors = computed(() => {
    const { minor } = scale.value;
    const from = Math.max(0, Math.floor(((scrolled.value - AHEAD_PX) * msPerPx.value) / minor));
    const to = Math.min(wide.value, scrolled.value + room.value + AHEAD_PX) * msPerPx.value;
    const all = Array.from({ length: Math.max(0, Math.ceil(to / minor) - from) }, (_, i) => (from + i) * minor);
    const major = scale.value.at[1] ?? Infinity;
    return all.filter((ms) => ms % major !== 0);
  });
  /** As the Live view has it: `0:10`, and tenths where there are any. */
  const tickWords = (ms: number): string => ((scale.value.at[1] ?? 1000) < 1000 ? clockFine(ms, 1) : clock(ms));

  /** What is being dragged, told where it is. */
  const told = computed(() => {
    const p = drags.preview.value;
    if (!p) return null;
    if (p.what === 'duration') return { at: p.ms, words: spanWords(p.ms) };
    if (p.what === 'move') return { at: p.at, words: spanWords(p.at) };
    const { at } = board.scenario!.schedule![p.step]!;
    return { at: p.end, words: `${spanWords(p.end)}, ${spanWords(Math.max(10, p.end - at))} long` };
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
  const rooms = computed(() => {
    const found = new Map<string, number>();
    for (const { items } of tracks.value) {
      const next = new Map<number, number>();
      for (const item of items.toSorted((a, b) => b.at - a.at)) {
        found.set(item.key, px((next.get(item.row) ?? (wide.value + 60) * msPerPx.value) - item.at));
        next.set(item.row, item.at);
      }
    }
    return found;
  });

  return { drags, msPerPx, mostZoom, snap, px, layout, wide, ticks, minors, tickWords, told, tracks, order, rooms };
}
