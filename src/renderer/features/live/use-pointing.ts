import { reactive, ref, shallowRef } from 'vue';
import type { TimeAxis } from '../../timeline/axis.ts';
import { hitTest, nextMark } from '../../timeline/hit-test.ts';
import type { HitArea } from '../../timeline/marks.ts';
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
    pointing.value = spot ? pointAt(row, spot, 'mouse', true) : null;
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
      pointing.value = { ...pointing.value, pinned: !pointing.value.pinned };
    } else if (e.key === 'Escape') {
      pointing.value = null;
    } else if (e.key === '+' || e.key === '=' || e.key === '-') {
      settings.windowMs = zoomed(windowMs(), e.key === '-' ? 250 : -250);
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }

  function moveTo(row: string, spot: HitArea): void {
    pointing.value = pointAt(row, spot, 'keys');
    const text = markTooltip(spot.fact);
    announcement.value = `${text.title}. ${text.text}`;
  }

  function onBlur(): void {
    if (pointing.value?.by === 'keys' && !pointing.value.pinned) pointing.value = null;
  }

  return { mouse, pointing, tipAt, announcement, follow, onMove, onClick, onWheel, onKey, onBlur };
}
