import type { LaneModel } from '../model/lane-model.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneGeometry, LaneMarks } from './marks.ts';

/** Ticks closer than this stand side by side, as far as that stays honest; then they are one. */
const MIN_GAP_PX = 4;
const MAX_SHIFT_PX = 12;
/** How far a repeated event's second tick reaches right of its first. */
const TWIN_PX = 7;
/** Lateness worth a line. */
const LATE_MS = 250;
/** With more events than this per pixel, columns take over from ticks. */
const DENSE_PER_PX = 0.4;

/** Events received: ticks while they can be told apart, columns of density beyond. */
export function layoutEvents(lane: LaneModel, axis: TimeAxis, box: LaneGeometry, marks: LaneMarks): void {
  const first = lane.events.indexFrom(axis.from);
  const inSight = lane.events.items.length - first;
  if (inSight > axis.nowX * DENSE_PER_PX || lane.events.completeFrom > axis.from) layoutColumns(lane, axis, box, marks);
  else if (lane.method !== 'short-polling') layoutTicks(lane, axis, box, marks);
  layoutLate(lane, axis, box, inSight, marks);
}

function layoutTicks(lane: LaneModel, axis: TimeAxis, box: LaneGeometry, marks: LaneMarks): void {
  let last = -Infinity;
  lane.events.forEachBetween(
    axis.from,
    axis.to,
    (event) => {
      const exact = axis.x(event.at);
      const shifted = exact - last < MIN_GAP_PX ? last + MIN_GAP_PX : exact;
      // Beside the line of now there is no room to shift to: they share its place until time moves on.
      const x = Math.min(shifted, axis.nowX - (event.duplicate ? TWIN_PX : 1));
      if (x - exact > MAX_SHIFT_PX) return;
      last = x;
      if (exact < -MAX_SHIFT_PX) return;
      marks.ticks.push({ x, twin: event.duplicate });
      if (event.duplicate) last = x + MIN_GAP_PX;
      marks.hitAreas.push({
        x,
        y: box.middle,
        halfHeight: box.band / 2,
        halfWidth: 1,
        priority: 4,
        at: event.at,
        fact: { kind: 'event', event },
      });
    },
    16, // so that what scrolls out does not push the rest about
  );
}

function layoutColumns(lane: LaneModel, axis: TimeAxis, box: LaneGeometry, marks: LaneMarks): void {
  const w = 2;
  let bucketMs = 0;
  let open: { x: number; at: number; count: number; repeated: number } | null = null;
  const close = (): void => {
    if (!open) return;
    const strength = Math.min(1, 0.3 + Math.log2(1 + open.count) / 8);
    marks.columns.push({ x: open.x, w, strength, repeated: open.repeated > 0 });
    const ms = Math.max(bucketMs, w * axis.msPerPx);
    marks.hitAreas.push({
      x: open.x + w / 2,
      y: box.middle,
      halfHeight: box.band / 2,
      halfWidth: w / 2,
      priority: 2,
      at: open.at,
      fact: { kind: 'event-group', at: open.at, count: open.count, repeated: open.repeated, ms },
    });
  };
  const visit = (at: number, count: number, repeated: number): void => {
    const x = Math.floor(axis.x(at) / w) * w;
    if (open?.x !== x) {
      close();
      open = { x, at, count: 0, repeated: 0 };
    }
    open.count += count;
    open.repeated += repeated;
  };
  bucketMs = lane.density.between(axis.from, axis.to, visit, w * axis.msPerPx);
  close();
}

/** Under the band: from where an event was published to where it arrived. */
function layoutLate(lane: LaneModel, axis: TimeAxis, box: LaneGeometry, inSight: number, marks: LaneMarks): void {
  if (inSight > axis.nowX) return;
  const base = box.top + box.band + 4;
  const ends = [-Infinity, -Infinity, -Infinity];
  lane.events.forEachBetween(axis.from, axis.to, (event) => {
    if (event.latency === null || event.latency <= LATE_MS) return;
    const x0 = Math.max(0, axis.x(event.at - event.latency));
    const x1 = axis.x(event.at);
    const row = ends.findIndex((end) => x0 > end + 2);
    const use = row < 0 ? 2 : row;
    ends[use] = Math.max(ends[use]!, x1);
    marks.late.push({ x0, x1, y: base + use * 2.5 });
  });
}
