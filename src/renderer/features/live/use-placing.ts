import type { LaneModel } from '../../model/lane-model.ts';
import { useLaneOrders } from '../../stores/lane-orders.ts';
import { useLive } from '../../stores/live.ts';

const LANE_DRAG = 'application/x-heartline-lane';

/** Taken by its method's mark, a lane can be dropped on another's place. */
export function beginDrag(e: DragEvent, lane: LaneModel): void {
  e.dataTransfer?.setData(LANE_DRAG, lane.id);
}

/** The listeners of a lane's row: another lane is dropped on it, or Alt and an arrow move its own. */
export function usePlacing(laneOf: () => LaneModel) {
  const live = useLive();
  const orders = useLaneOrders();
  return {
    dragover: (e: DragEvent): void => {
      if (e.dataTransfer?.types.includes(LANE_DRAG)) e.preventDefault();
    },
    drop: (e: DragEvent): void => {
      const dragged = live.run?.lane(e.dataTransfer?.getData(LANE_DRAG) ?? '');
      if (!dragged) return;
      e.preventDefault();
      orders.move(dragged, orders.indexOf(laneOf()));
    },
    keydown: (e: KeyboardEvent): void => {
      const step = e.key === 'ArrowUp' ? -1 : e.key === 'ArrowDown' ? 1 : 0;
      if (step === 0 || !e.altKey) return;
      e.preventDefault();
      orders.move(laneOf(), orders.indexOf(laneOf()) + step);
    },
  };
}
