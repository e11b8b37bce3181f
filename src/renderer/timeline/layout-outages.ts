import { dropLabel } from '../labels/drop.ts';
import { seconds } from '../ui/format.ts';
import type { Recovery, DropMark, GapMark } from '../model/lane-marks.ts';
import type { LaneModel } from '../model/lane-model.ts';
import { FONT } from './fonts.ts';
import type { LabelSlots } from './label-slots.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneGeometry, LaneMarks, MeasureText } from './marks.ts';

/**
 * Losing and regaining a connection: the cross with its evidence left of the moment, the recovery with the cursor right
 * of it, the hole between them when something was missed. Evidence is placed first: loss is never folded away.
 */
export function layoutOutages(
  lane: LaneModel,
  axis: TimeAxis,
  box: LaneGeometry,
  measure: MeasureText,
  slots: LabelSlots,
  marks: LaneMarks,
): void {
  const drops: DropMark[] = [];
  const recoveries: Recovery[] = [];
  lane.drops.forEachBetween(axis.from, axis.to, (drop) => void drops.push(drop));
  lane.recoveries.forEachBetween(
    axis.from,
    Infinity,
    (recovery) => void (recovery.from <= axis.to && recoveries.push(recovery)),
  );
  for (const drop of drops.reverse()) placeDrop(lane, drop, axis, box, measure, slots, marks);
  for (const recovery of recoveries.reverse()) placeRecovery(recovery, axis, box, measure, slots, marks);
  layoutGaps(lane, recoveries, axis, box, measure, marks);
  const outage = lane.outage;
  if (outage && !outage.connectionSurvived && outage.from <= axis.to && (outage.entry || outage.sleptMs !== null)) {
    // On its way back, or back and waiting for the first word.
    const back = outage.reconnectedAt !== null && outage.reconnectedAt <= axis.to ? outage.reconnectedAt : null;
    const x1 = back === null ? axis.nowX : axis.x(back);
    marks.recoveries.push({ x0: axis.x(outage.from), x1, done: back !== null, from: null, mono: false, loss: null });
  }
}

function placeDrop(
  lane: LaneModel,
  drop: DropMark,
  axis: TimeAxis,
  box: LaneGeometry,
  measure: MeasureText,
  slots: LabelSlots,
  marks: LaneMarks,
): void {
  const x = axis.x(drop.at);
  // What ended while the client slept is found on waking; the recovery over the sleep says so.
  const quiet = lane.endedAsleep(drop);
  const words = dropLabel(drop, lane.method);
  const fits = !quiet && slots.reserve(x - 8 - measure(words, FONT.loss) - 8, x - 5);
  marks.drops.push({ x, label: fits ? words : null, quiet });
  marks.hitAreas.push({
    x,
    y: box.middle,
    halfHeight: box.band / 2 + 8,
    halfWidth: 6,
    priority: 9,
    at: drop.at,
    fact: { kind: 'drop', drop, lane },
  });
  // A silence the client slept through is the sleep's, not the channel's.
  const slept = lane.wokeBetween(drop.at - drop.silence, drop.at);
  if (drop.cause === 'idle-limit' && !lane.polling && drop.silence > 0 && !slept) {
    const text = `${seconds(drop.silence)} silence`;
    const x0 = axis.x(drop.at - drop.silence) + 4;
    const x1 = x - 10;
    if (x0 > 0 && x1 - x0 > measure(text, FONT.label) + 28) marks.silences.push({ x0, x1, label: text });
  }
}

function placeRecovery(
  recovery: Recovery,
  axis: TimeAxis,
  box: LaneGeometry,
  measure: MeasureText,
  slots: LabelSlots,
  marks: LaneMarks,
): void {
  const x0 = axis.x(recovery.from);
  const done = recovery.reconnectedAt <= axis.to;
  const x1 = done ? axis.x(recovery.reconnectedAt) : axis.nowX;
  const { sent, missed } = recovery.resume;
  const from = sent ?? 'the start';
  const mono = sent !== null && sent.includes('.');
  const loss = missed !== null && missed > 0 ? `${missed} missed` : null;
  const width = 28 + measure(from, mono ? FONT.mono : FONT.strong) + (loss ? 10 + measure(loss, FONT.loss) : 0);
  const fits = done && x1 + 9 + width < axis.nowX - 2 && slots.reserve(x1 + 6, x1 + 12 + width);
  marks.recoveries.push({ x0, x1, done, from: fits ? from : null, mono, loss: fits ? loss : null });
  if (done) {
    marks.hitAreas.push({
      x: (x0 + x1) / 2,
      y: box.labelY + 2,
      halfHeight: 9,
      halfWidth: Math.max(4, (x1 - x0) / 2),
      priority: 5,
      at: recovery.at,
      fact: { kind: 'recovery', recovery },
    });
  }
}

/** A hole is as wide as the time away that it belongs to; one that opened in mid-stream is a narrow one. */
function layoutGaps(
  lane: LaneModel,
  recoveries: readonly Recovery[],
  axis: TimeAxis,
  box: LaneGeometry,
  measure: MeasureText,
  marks: LaneMarks,
): void {
  const place = (x0: number, x1: number, missed: number | null, gap: GapMark): void => {
    const label = missed === null ? '?' : String(missed);
    const fits = measure(label, FONT.loss) + 4 <= x1 - x0;
    marks.gaps.push({ x0, x1, label: fits ? label : null });
    const x = (x0 + x1) / 2;
    marks.hitAreas.push({
      x,
      y: box.middle,
      halfHeight: box.band / 2,
      halfWidth: (x1 - x0) / 2,
      priority: 8,
      at: gap.at,
      fact: { kind: 'gap', gap },
    });
  };
  const drawn = new Set<Recovery>();
  lane.gaps.forEachBetween(axis.from, axis.to, (gap) => {
    const recovery = recoveries.find((b) => gap.at >= b.from && gap.at <= b.at + 1500);
    if (recovery && drawn.has(recovery)) return;
    if (recovery) drawn.add(recovery);
    const x0 = recovery ? axis.x(recovery.from) + 7 : axis.x(gap.at) - 8;
    const x1 = recovery ? axis.x(recovery.reconnectedAt) - 3 : axis.x(gap.at) - 1;
    if (x1 - x0 >= 4) place(x0, x1, gap.missed, gap);
    else place(axis.x(gap.at) - 8, axis.x(gap.at) - 1, gap.missed, gap);
  });
  for (const recovery of recoveries) {
    const { missed } = recovery.resume;
    if (drawn.has(recovery) || missed === null || missed === 0 || recovery.at > axis.to) continue;
    const x1 = axis.x(recovery.reconnectedAt) - 3;
    place(Math.min(axis.x(recovery.from) + 7, x1 - 6), x1, missed, {
      ...recovery.resume,
      type: 'gap',
      from: recovery.resume.sent,
      to: recovery.resume.first,
      missed,
      reason: 'hole',
    });
  }
}
