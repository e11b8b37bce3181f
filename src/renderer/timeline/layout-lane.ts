import type { LaneModel } from '../model/lane-model.ts';
import type { Sleep } from '../model/run-model.ts';
import type { TimeAxis } from './axis.ts';
import { FONT } from './fonts.ts';
import { LabelSlots } from './label-slots.ts';
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
  // The row of labels above the band is shared: how a connection ended comes first, what a poll brought takes what is left.
  const slots = new LabelSlots(0, axis.width);
  layoutOutages(lane, axis, box, measure, slots, marks);
  if (lane.method === 'short-polling') layoutShortPolls({ lane, axis, box, sleeps, startedAt, measure, slots }, marks);
  else if (lane.method === 'long-polling') layoutLongPolls(lane, axis, box, measure, marks);
  else layoutOpenPeriods(lane, axis, marks);
  layoutEvents(lane, axis, box, marks);
  clearLabels(marks, measure);
  if (!lane.polling) layoutHeartbeats(lane, axis, box, marks);
  return marks;
}

/** A label in a box gives way to the ticks that stand there. */
function clearLabels(marks: LaneMarks, measure: MeasureText): void {
  for (const poll of marks.longPolls) {
    if (poll.label === null) continue;
    const middle = (poll.x0 + poll.x1) / 2;
    const half = measure(poll.label, FONT.label) / 2 + 4;
    const covered = marks.ticks.some(({ x, twin }) => x > middle - half - (twin ? 8 : 1) && x < middle + half);
    if (covered) poll.label = null;
  }
}
