import type { LaneTrack } from '../../stores/model/lane-track.ts';
import type { Sleep } from '../../stores/model/run-track.ts';
import type { TimeAxis } from './axis.ts';
import { layoutAway } from './layout-away.ts';
import { layoutEvents } from './layout-events.ts';
import { layoutBlocks, layoutBoxes } from './layout-polls.ts';
import { layoutBands, layoutBeats } from './layout-stream.ts';
import { noMarks, type LaneBox, type LaneMarks, type Measure } from './marks.ts';

export interface LaneView {
  lane: LaneTrack;
  axis: TimeAxis;
  box: LaneBox;
  /** Stretches in which this lane's client did not run. */
  sleeps: readonly Sleep[];
  startedAt: number;
  measure: Measure;
}

/** A lane's trail, as pixels. Pure: the same trail and axis give the same marks. */
export function layoutLane({ lane, axis, box, sleeps, startedAt, measure }: LaneView): LaneMarks {
  const marks = noMarks();
  if (lane.method === 'short-polling') layoutBlocks(lane, axis, box, sleeps, startedAt, marks);
  else if (lane.method === 'long-polling') layoutBoxes(lane, axis, box, measure, marks);
  else layoutBands(lane, axis, marks);
  layoutEvents(lane, axis, box, marks);
  layoutAway(lane, axis, box, measure, marks);
  if (!lane.polling) layoutBeats(lane, axis, box, marks);
  return marks;
}
