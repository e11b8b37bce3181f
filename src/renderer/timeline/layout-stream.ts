import type { LaneModel } from '../model/lane-model.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneGeometry, LaneMarks } from './marks.ts';

/** Bands: the stretches a stream stood open. */
export function layoutOpenPeriods(lane: LaneModel, axis: TimeAxis, marks: LaneMarks): void {
  lane.openPeriods.forEachBetween(
    axis.from,
    axis.to,
    (band) => {
      const x0 = Math.max(0, axis.x(band.at));
      const x1 = Math.min(axis.nowX, axis.x(Math.min(band.to ?? axis.to, axis.to)));
      if (x1 > x0) marks.openPeriods.push({ x0, x1 });
    },
    lane.openPeriods.items.length, // a band may have begun long ago
  );
}

const MIN_GAP_PX = 9;
/** Of the mark, right of its middle. */
const HALF_WIDTH_PX = 6;

/** Heartbeats received; several within a few pixels are one mark. */
export function layoutHeartbeats(lane: LaneModel, axis: TimeAxis, box: LaneGeometry, marks: LaneMarks): void {
  let last = -Infinity;
  lane.heartbeats.forEachBetween(axis.from, axis.to, (heartbeat) => {
    const x = Math.min(axis.x(heartbeat.at), axis.nowX - HALF_WIDTH_PX);
    if (x - last >= MIN_GAP_PX) {
      marks.heartbeats.push(x);
      last = x;
    }
    marks.hitAreas.push({
      x,
      y: box.heartbeatY,
      halfHeight: 10,
      halfWidth: 0,
      priority: 1,
      at: heartbeat.at,
      fact: { kind: 'heartbeat', heartbeat },
    });
  });
}
