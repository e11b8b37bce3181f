import { reactive, ref, shallowRef } from 'vue';
import type { TimeAxis } from '../../timeline/axis.ts';
import { hitTest, nextMark } from '../../timeline/hit-test.ts';
import type { HitArea, MarkFact } from '../../timeline/marks.ts';
import type { Observation } from '../../../shared/observation.ts';
import { useFactMenu } from '../../stores/fact-menu.ts';
import { useSight } from '../../stores/sight.ts';
import { useSettings } from '../../stores/settings.ts';
import { markTooltip } from '../../timeline/mark-tooltip.ts';
import { pointAt, zoomed, type Pointing } from './pointing.ts';

const rowOf = (e: Event): string | null => (e.target instanceof Element ? e.target.getAttribute('data-row') : null);

/**
 * Hovering, pinning and walking the marks of the stage, and zooming its time.
 * @param hitAreas where the marks of each row were last drawn
 * @param windowMs the stretch of time in sight
 * @param rowTop how far below the stage's top a row begins, in pixels
 */
export function usePointing(
  hitAreas: ReadonlyMap<string, HitArea[]>,
  rowTop: (row: string) => number,
  windowMs: () => number,
) {
  const settings = useSettings();
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
    if (mouse.row === null) return;
    mouse.x = e.offsetX;
    mouse.y = e.offsetY;
  }

  function onClick(e: MouseEvent): void {
    const row = rowOf(e);
    if (row === null) return;
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
    if (rowOf(e) === null || (e.shiftKey && !e.ctrlKey)) return;
    e.preventDefault();
    settings.windowMs = zoomed(windowMs(), e.ctrlKey ? e.deltaY * 4 : e.deltaY);
  }

  function onKey(e: KeyboardEvent): void {
    const row = rowOf(e);
    if (row === null) return;
    if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
      const from = pointing.value?.row === row ? pointing.value.at : null;
      const spot = nextMark(hitAreas.get(row) ?? [], from, e.key === 'ArrowRight' ? 1 : -1);
      if (spot) moveTo(row, spot);
    } else if (e.key === 'Enter' && pointing.value) {
      if (!open(pointing.value.fact)) pointing.value = { ...pointing.value, pinned: !pointing.value.pinned };
    } else if (e.key === 'Escape') {
      pointing.value = null;
    } else if (e.key === '+' || e.key === '=' || e.key === '-') {
      settings.windowMs = zoomed(windowMs(), e.key === '-' ? 250 : -250);
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

  return { mouse, pointing, tipAt, announcement, follow, onMove, onClick, onContextMenu, onWheel, onKey, onBlur };
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
