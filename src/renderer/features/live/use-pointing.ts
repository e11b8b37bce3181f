import { reactive, ref, shallowRef } from 'vue';
import type { TimeAxis } from '../../timeline/axis.ts';
import { hitTest, nextMark } from '../../timeline/hit-test.ts';
import type { HitArea, MarkFact } from '../../timeline/marks.ts';
import type { Observation } from '../../../shared/observation.ts';
import { useFactMenu } from '../../stores/fact-menu.ts';
import { useSight } from '../../stores/sight.ts';
import { useLive } from '../../stores/live.ts';
import { markTooltip } from '../../timeline/mark-tooltip.ts';
import { zoomed } from '../../timeline/window.ts';
import { pointAt, type Pointing } from './pointing.ts';

const DRAG_PX = 4;
/** Of what is in sight, a step of the arrow keys. */
const PAN_SHARE = 0.25;

const rowOf = (e: Event): string | null => (e.target instanceof Element ? e.target.getAttribute('data-row') : null);

/**
 * Hovering, opening and walking the marks of the stage; selecting, panning and zooming its time.
 * @param hitAreas where the marks of each row were last drawn
 * @param rowTop how far below the stage's top a row begins, in pixels
 * @param axisNow as it was last drawn
 */
export function usePointing(
  hitAreas: ReadonlyMap<string, HitArea[]>,
  rowTop: (row: string) => number,
  axisNow: () => TimeAxis | null,
) {
  const live = useLive();
  const sight = useSight();
  const menu = useFactMenu();
  const mouse = reactive<{ row: string | null; x: number; y: number }>({ row: null, x: 0, y: 0 });
  const pointing = shallowRef<Pointing | null>(null);
  const tipAt = reactive({ x: 0, y: 0 });
  /** The mark walked to, for those who listen. */
  const announcement = ref('');

  /** Keeps the tip at what is pointed at while time moves on under it. */
  function follow(axis: TimeAxis): void {
    const current = pointing.value;
    if (current?.pinned || current?.by === 'keys') {
      tipAt.x = axis.x(current.at);
      tipAt.y = rowTop(current.row) + current.y;
      if (tipAt.x < -20) pointing.value = null;
      return;
    }
    if (mouse.row === null) {
      pointing.value = null;
      return;
    }
    const spot = hitTest(hitAreas.get(mouse.row) ?? [], mouse.x, mouse.y);
    if (!spot) pointing.value = null;
    else if (current?.fact !== spot.fact) pointing.value = pointAt(mouse.row, spot, 'mouse');
    tipAt.x = mouse.x;
    tipAt.y = rowTop(mouse.row) + mouse.y;
  }

  function onMove(e: PointerEvent): void {
    mouse.row = rowOf(e);
    if (mouse.row === null) return void (sight.pointedAt = null);
    mouse.x = e.offsetX;
    mouse.y = e.offsetY;
    const axis = axisNow();
    sight.pointedAt = axis ? Math.min(axis.to, axis.time(e.offsetX)) : null;
    if (drag) dragTo(e, axis);
  }

  function onLeave(): void {
    mouse.row = null;
    sight.pointedAt = null;
  }

  /** Where a drag began; it is one once it has gone a little way. */
  let drag: { x: number; at: number; end: number; msPerPx: number; pans: boolean; moved: boolean } | null = null;
  let dragged = false;

  function onDown(e: PointerEvent): void {
    dragged = false;
    const axis = axisNow();
    if (rowOf(e) === null || !axis || e.button > 1 || e.pointerType === 'touch') return;
    const pans = e.shiftKey || e.button === 1;
    drag = { x: e.clientX, at: axis.time(e.offsetX), end: axis.to, msPerPx: axis.msPerPx, pans, moved: false };
    if (e.button === 1) e.preventDefault();
  }

  function dragTo(e: PointerEvent, axis: TimeAxis | null): void {
    if (!drag || !axis) return;
    if (!drag.moved && Math.abs(e.clientX - drag.x) < DRAG_PX) return;
    drag.moved = true;
    pointing.value = null;
    if (drag.pans) return sight.moveTo(drag.end - (e.clientX - drag.x) * drag.msPerPx);
    // what is dragged over while time moves on would run away
    if (live.frozenAt === null) live.frozenAt = live.now();
    const here = Math.min(axis.to, Math.max(live.run?.startedAt ?? 0, axis.time(e.offsetX)));
    sight.selection = { from: Math.min(drag.at, here), to: Math.max(drag.at, here) };
  }

  function onUp(): void {
    dragged = drag?.moved ?? false;
    drag = null;
  }

  function onClick(e: MouseEvent): void {
    const row = rowOf(e);
    if (row === null || dragged) return;
    const spot = hitTest(hitAreas.get(row) ?? [], e.offsetX, e.offsetY);
    if (spot && open(spot.fact)) return;
    pointing.value = spot ? pointAt(row, spot, 'mouse', true) : null;
  }

  function onContextMenu(e: MouseEvent): void {
    const row = rowOf(e);
    const spot = row === null ? null : hitTest(hitAreas.get(row) ?? [], e.offsetX, e.offsetY);
    const fact = spot && observationOf(spot.fact);
    if (!fact) return;
    e.preventDefault();
    menu.openFor(fact, e);
  }

  function onWheel(e: WheelEvent): void {
    const axis = axisNow();
    if (rowOf(e) === null || !axis) return;
    const sideways = Math.abs(e.deltaX) > Math.abs(e.deltaY);
    if (sideways) {
      e.preventDefault();
      return sight.pan(e.deltaX * axis.msPerPx);
    }
    if (e.shiftKey && !e.ctrlKey) return;
    e.preventDefault();
    sight.setWindow(zoomed(sight.windowMs(), e.ctrlKey ? e.deltaY * 4 : e.deltaY), axis.time(e.offsetX));
  }

  function onKey(e: KeyboardEvent): void {
    const row = rowOf(e);
    if (row === null) return;
    if (e.altKey) return;
    if (e.shiftKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) {
      sight.pan((e.key === 'ArrowLeft' ? -1 : 1) * sight.windowMs() * PAN_SHARE);
    } else if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
      const from = pointing.value?.row === row ? pointing.value.at : null;
      const spot = nextMark(hitAreas.get(row) ?? [], from, e.key === 'ArrowRight' ? 1 : -1);
      if (spot) moveTo(row, spot);
    } else if (e.key === 'Enter' && pointing.value) {
      if (!open(pointing.value.fact)) pointing.value = { ...pointing.value, pinned: !pointing.value.pinned };
    } else if (e.key === 'Escape') {
      if (pointing.value === null) sight.selection = null;
      pointing.value = null;
    } else if (e.key === 'Home') {
      sight.moveTo((live.run?.startedAt ?? 0) + sight.windowMs());
    } else if (e.key === 'End') {
      sight.follow();
    } else if (e.key === '+' || e.key === '=' || e.key === '-') {
      sight.setWindow(zoomed(sight.windowMs(), e.key === '-' ? 250 : -250), null);
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }

  /** A drop has a card, an event what it carries. @returns false where there is nothing but the tip */
  function open(fact: MarkFact): boolean {
    if (fact.kind === 'drop') sight.openDrop(fact.drop);
    else if (fact.kind === 'event') sight.opened = fact.event;
    else return false;
    pointing.value = null;
    return true;
  }

  function moveTo(row: string, spot: HitArea): void {
    pointing.value = pointAt(row, spot, 'keys');
    const text = markTooltip(spot.fact);
    announcement.value = `${text.title}. ${text.text}`;
  }

  function onBlur(): void {
    if (pointing.value?.by === 'keys' && !pointing.value.pinned) pointing.value = null;
  }

  return {
    mouse,
    pointing,
    tipAt,
    announcement,
    follow,
    onMove,
    onLeave,
    onClick,
    onContextMenu,
    onDown,
    onUp,
    onWheel,
    onKey,
    onBlur,
  };
}

/** What was observed, where a mark stands for one thing that was. */
function observationOf(fact: MarkFact): Observation | null {
  switch (fact.kind) {
    case 'event':
      return fact.event;
    case 'drop':
      return fact.drop;
    case 'gap':
      return fact.gap;
    case 'recovery':
      return fact.recovery.resume;
    case 'heartbeat':
      return fact.heartbeat;
    case 'condition':
      return fact.condition.observation;
    default:
      return null;
  }
}
