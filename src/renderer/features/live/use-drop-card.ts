import { computed, reactive } from 'vue';
import { useLive } from '../../stores/live.ts';
import { useSight } from '../../stores/sight.ts';
import type { TimeAxis } from '../../timeline/axis.ts';
import { laneGeometry } from '../../timeline/marks.ts';

/**
 * Where the card of the open drop has its mark.
 * @param ribbonOf the ribbon of a lane, where it is drawn
 */
export function useDropCard(ribbonOf: (lane: string) => HTMLCanvasElement | null) {
  const live = useLive();
  const sight = useSight();
  const dropLane = computed(() => {
    void live.figures;
    const lane = sight.drop?.lane;
    return lane == null ? null : (live.run?.lane(lane) ?? null);
  });
  /** In the window; null while the mark is out of sight. */
  const dropAt = reactive<{ x: number | null; y: number | null }>({ x: null, y: null });

  /** Once a frame, with the axis that was drawn. */
  function placeCard(axis: TimeAxis): void {
    const { drop } = sight;
    const box = drop?.lane == null ? null : ribbonOf(drop.lane)?.getBoundingClientRect();
    const x = drop && box ? axis.x(drop.at) : -1;
    const seen = box && x >= 0 && x <= box.width;
    dropAt.x = seen ? box.left + x : null;
    dropAt.y = seen ? box.top + laneGeometry(box.height).middle : null;
  }

  function closeCard(): void {
    const lane = sight.drop?.lane;
    sight.closeDrop();
    // back to the mark it was opened from
    if (lane != null) ribbonOf(lane)?.focus();
  }

  return { dropLane, dropAt, placeCard, closeCard };
}
