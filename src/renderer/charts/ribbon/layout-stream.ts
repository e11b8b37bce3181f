import type { LaneTrack } from '../../stores/model/lane-track.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneBox, LaneMarks } from './marks.ts';

/** Bands: the stretches a stream stood open. */
export function layoutBands(lane: LaneTrack, axis: TimeAxis, marks: LaneMarks): void {
  lane.bands.between(
    axis.from,
    axis.to,
    (band) => {
      const x0 = Math.max(0, axis.x(band.at));
      const x1 = Math.min(axis.nowX, axis.x(Math.min(band.to ?? axis.to, axis.to)));
      if (x1 > x0) marks.bands.push({ x0, x1 });
    },
    lane.bands.items.length, // a band may have begun long ago
  );
}

const BEAT_APART = 9;

/** Beats received; several within a few pixels are one mark. */
export function layoutBeats(lane: LaneTrack, axis: TimeAxis, box: LaneBox, marks: LaneMarks): void {
  let last = -Infinity;
  lane.beats.between(axis.from, axis.to, (beat) => {
    const x = axis.x(beat.at);
    if (x - last >= BEAT_APART) {
      marks.beats.push(x);
      last = x;
    }
    marks.spots.push({ x, y: box.rail, reach: 10, half: 0, weight: 1, at: beat.at, means: { kind: 'beat', beat } });
  });
}
