import type { LaneModel } from '../model/lane-model.ts';
import type { Sleep } from '../model/run-model.ts';
import type { TimeAxis } from './axis.ts';
import { layoutOutages } from './layout-outages.ts';
import { layoutEvents } from './layout-events.ts';
import { layoutShortPolls, layoutLongPolls } from './layout-polls.ts';
import { layoutOpenPeriods, layoutHeartbeats } from './layout-stream.ts';
import { emptyMarks, type LaneGeometry, type LaneMarks, type MeasureText } from './marks.ts';

export interface LaneLayoutInput {
  lane: LaneModel;
  axis: TimeAxis;
  box: LaneGeometry;
  /** Stretches in which this lane's client did not run. */
  sleeps: readonly Sleep[];
  startedAt: number;
  measure: MeasureText;
}

/** A lane's history as marks in pixels. Pure: the same lane and axis give the same marks. */
export function layoutLane({ lane, axis, box, sleeps, startedAt, measure }: LaneLayoutInput): LaneMarks {
  const marks = emptyMarks();
  if (lane.method === 'short-polling') layoutShortPolls(lane, axis, box, sleeps, startedAt, marks);
  else if (lane.method === 'long-polling') layoutLongPolls(lane, axis, box, measure, marks);
  else layoutOpenPeriods(lane, axis, marks);
  layoutEvents(lane, axis, box, marks);
  layoutOutages(lane, axis, box, measure, marks);
  if (!lane.polling) layoutHeartbeats(lane, axis, box, marks);
  return marks;
}
