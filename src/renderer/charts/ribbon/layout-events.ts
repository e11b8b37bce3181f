import type { LaneTrack } from '../../stores/model/lane-track.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneBox, LaneMarks } from './marks.ts';

/** Ticks closer than this stand side by side, as far as that stays honest; then they are one. */
const APART = 4;
const MAY_SHIFT = 12;
/** Lateness worth a line. */
const LATE_MS = 250;
/** With more events than this per pixel, columns take over from ticks. */
const DENSE = 0.4;

/** Events received: ticks while they can be told apart, columns of density beyond. */
export function layoutEvents(lane: LaneTrack, axis: TimeAxis, box: LaneBox, marks: LaneMarks): void {
  const first = lane.events.from(axis.from);
  const inSight = lane.events.items.length - first;
  if (inSight > axis.nowX * DENSE || lane.events.completeFrom > axis.from) columns(lane, axis, box, marks);
  else if (lane.method !== 'short-polling') ticks(lane, axis, box, marks);
  late(lane, axis, box, inSight, marks);
}

function ticks(lane: LaneTrack, axis: TimeAxis, box: LaneBox, marks: LaneMarks): void {
  let last = -Infinity;
  lane.events.between(
    axis.from,
    axis.to,
    (event) => {
      const exact = axis.x(event.at);
      const x = exact - last < APART ? last + APART : exact;
      if (x - exact > MAY_SHIFT) return;
      last = x;
      if (exact < -MAY_SHIFT) return;
      marks.ticks.push({ x, twin: event.duplicate });
      if (event.duplicate) last = x + APART;
      marks.spots.push({
        x,
        y: box.mid,
        reach: box.band / 2,
        half: 1,
        weight: 4,
        at: event.at,
        means: { kind: 'event', event },
      });
    },
    16, // so that what scrolls out does not push the rest about
  );
}

function columns(lane: LaneTrack, axis: TimeAxis, box: LaneBox, marks: LaneMarks): void {
  const w = 2;
  let open: { x: number; at: number; count: number; repeated: number } | null = null;
  const close = (): void => {
    if (!open) return;
    const strength = Math.min(1, 0.3 + Math.log2(1 + open.count) / 8);
    marks.columns.push({ x: open.x, w, strength, repeated: open.repeated > 0 });
    const ms = Math.max(lane.density.bucketMs, w * axis.msPerPx);
    marks.spots.push({
      x: open.x + w / 2,
      y: box.mid,
      reach: box.band / 2,
      half: w / 2,
      weight: 2,
      at: open.at,
      means: { kind: 'many', at: open.at, count: open.count, repeated: open.repeated, ms },
    });
  };
  lane.density.between(axis.from, axis.to, (at, count, repeated) => {
    const x = Math.floor(axis.x(at) / w) * w;
    if (open?.x !== x) {
      close();
      open = { x, at, count: 0, repeated: 0 };
    }
    open!.count += count;
    open!.repeated += repeated;
  });
  close();
}

/** Under the band: from where an event was published to where it arrived. */
function late(lane: LaneTrack, axis: TimeAxis, box: LaneBox, inSight: number, marks: LaneMarks): void {
  if (inSight > axis.nowX) return;
  const base = box.top + box.band + 4;
  const ends = [-Infinity, -Infinity, -Infinity];
  lane.events.between(axis.from, axis.to, (event) => {
    if (event.latency === null || event.latency <= LATE_MS) return;
    const x0 = Math.max(0, axis.x(event.at - event.latency));
    const x1 = axis.x(event.at);
    const row = ends.findIndex((end) => x0 > end + 2);
    const use = row < 0 ? 2 : row;
    ends[use] = Math.max(ends[use]!, x1);
    marks.late.push({ x0, x1, y: base + use * 2.5 });
  });
}
