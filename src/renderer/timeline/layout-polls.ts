import type { Poll } from '../model/lane-marks.ts';
import type { LaneModel } from '../model/lane-model.ts';
import type { Sleep } from '../model/run-model.ts';
import { FONT } from './fonts.ts';
import type { LabelSlots } from './label-slots.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneGeometry, LaneMarks, MeasureText } from './marks.ts';

const hasNews = (poll: Poll): boolean => poll.events > 0 || (poll.status !== null && poll.status < 300 && !poll.empty);

export interface ShortPollInput {
  lane: LaneModel;
  axis: TimeAxis;
  box: LaneGeometry;
  sleeps: readonly Sleep[];
  startedAt: number;
  measure: MeasureText;
  slots: LabelSlots;
}

/** Short polling: a block a poll, solid with news, hollow without; a line while the client runs. */
export function layoutShortPolls(
  { lane, axis, box, sleeps, startedAt, measure, slots }: ShortPollInput,
  marks: LaneMarks,
): void {
  forEachAwakeSpan(axis, sleeps, startedAt, (x0, x1) => marks.baseline.push({ x0, x1 }));
  const first = lane.polls.indexFrom(axis.from);
  const inSight = lane.polls.items.length - first;
  const apart = inSight > 1 ? axis.nowX / inSight : 20;
  const w = apart >= 10 ? 6 : apart >= 5 ? 3 : 1;
  const labelFits = (label: string, x: number): boolean => {
    const half = measure(label, FONT.label) / 2 + 2;
    return slots.reserve(x - half, x + half);
  };
  let lastX = -Infinity;
  lane.polls.forEachBetween(
    axis.from,
    axis.to,
    (poll) => {
      if (poll.to === null || poll.to > axis.to || poll.abortedBy !== null) return;
      const x = Math.min(axis.x(poll.to), axis.nowX - Math.ceil(w / 2));
      if (x < -w || (x - lastX < w + 1 && !hasNews(poll))) return;
      lastX = x;
      const full = hasNews(poll);
      marks.shortPolls.push({
        x,
        w,
        full,
        label: poll.events > 1 && box.labelY > 0 && labelFits(String(poll.events), x) ? String(poll.events) : null,
      });
      marks.hitAreas.push({
        x,
        y: box.middle,
        halfHeight: box.band / 2,
        halfWidth: w / 2,
        priority: full ? 3 : 2,
        at: poll.to,
        fact: { kind: 'poll', poll, lane },
      });
    },
    2,
  );
}

/** Long polling: a box a request; filled when it ended with news or is still held, hollow when it came back empty. */
export function layoutLongPolls(
  lane: LaneModel,
  axis: TimeAxis,
  box: LaneGeometry,
  measure: MeasureText,
  marks: LaneMarks,
): void {
  lane.polls.forEachBetween(
    axis.from,
    axis.to,
    (poll) => {
      const end = Math.min(poll.to ?? axis.to, axis.to);
      if (end < axis.from) return;
      const begun = axis.x(poll.at) + 1;
      const x0 = Math.max(begun, 0);
      const x1 = Math.max(x0 + 1, Math.min(axis.x(end) - (poll.to === null ? 0 : 1), axis.nowX));
      const kind = poll.to === null || poll.to > axis.to ? 'open' : hasNews(poll) ? 'news' : 'empty';
      const before = marks.longPolls[marks.longPolls.length - 1];
      if (x1 - x0 < 3 && before && before.kind === kind && x0 - before.x1 <= 3) {
        before.x1 = x1; // too many to tell apart: one stretch
      } else {
        marks.longPolls.push({ x0, x1, kind, label: kind === 'empty' ? longPollLabel(poll, x1 - x0, measure) : null });
      }
      marks.hitAreas.push({
        x: (x0 + x1) / 2,
        y: box.middle,
        halfHeight: box.band / 2,
        halfWidth: (x1 - x0) / 2,
        priority: 0,
        at: poll.to ?? poll.at,
        fact: { kind: 'poll', poll, lane },
      });
    },
    3,
  );
}

function longPollLabel(poll: Poll, width: number, measure: MeasureText): string | null {
  const words =
    poll.abortedBy === 'drop' || (poll.status ?? 0) >= 400
      ? 'held'
      : poll.abortedBy === null
        ? `${poll.status} empty`
        : null;
  return words !== null && measure(words, FONT.label) + (words === 'held' ? 36 : 8) <= width ? words : null;
}

/** Calls back for each stretch in which the client ran. */
function forEachAwakeSpan(
  axis: TimeAxis,
  sleeps: readonly Sleep[],
  startedAt: number,
  visit: (x0: number, x1: number) => void,
): void {
  let from = Math.max(axis.from, startedAt);
  for (const s of sleeps) {
    if ((s.to ?? axis.to) < from || s.at > axis.to) continue;
    if (s.at > from) visit(Math.max(0, axis.x(from)), axis.x(s.at));
    from = Math.max(from, s.to ?? axis.to);
  }
  if (from < axis.to) visit(Math.max(0, axis.x(from)), axis.nowX);
}
