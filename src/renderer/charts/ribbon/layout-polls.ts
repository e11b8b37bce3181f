import type { Poll } from '../../stores/model/lane-marks.ts';
import type { LaneTrack } from '../../stores/model/lane-track.ts';
import type { Sleep } from '../../stores/model/run-track.ts';
import { FONT } from './fonts.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneBox, LaneMarks, Measure } from './marks.ts';

const news = (poll: Poll): boolean => poll.events > 0 || (poll.status !== null && poll.status < 300 && !poll.empty);

/** Short polling: a block a poll, solid with news, hollow without; a line while the client runs. */
export function layoutBlocks(
  lane: LaneTrack,
  axis: TimeAxis,
  box: LaneBox,
  sleeps: readonly Sleep[],
  startedAt: number,
  marks: LaneMarks,
): void {
  awake(axis, sleeps, startedAt, (x0, x1) => marks.line.push({ x0, x1 }));
  const first = lane.polls.from(axis.from);
  const inSight = lane.polls.items.length - first;
  const apart = inSight > 1 ? axis.nowX / inSight : 20;
  const w = apart >= 10 ? 6 : apart >= 5 ? 3 : 1;
  let lastX = -Infinity;
  lane.polls.between(
    axis.from,
    axis.to,
    (poll) => {
      if (poll.to === null || poll.to > axis.to || poll.cut !== null) return;
      const x = axis.x(poll.to);
      if (x < -w || (x - lastX < w + 1 && !news(poll))) return;
      lastX = x;
      const full = news(poll);
      marks.blocks.push({
        x,
        w,
        full,
        label: poll.events > 1 && apart >= 14 && box.label > 0 ? String(poll.events) : null,
      });
      marks.spots.push({
        x,
        y: box.mid,
        reach: box.band / 2,
        half: w / 2,
        weight: full ? 3 : 2,
        at: poll.to,
        means: { kind: 'poll', poll, lane },
      });
    },
    2,
  );
}

/** Long polling: a box a request; filled when it ended with news or is still held, hollow when it came back empty. */
export function layoutBoxes(lane: LaneTrack, axis: TimeAxis, box: LaneBox, measure: Measure, marks: LaneMarks): void {
  lane.polls.between(
    axis.from,
    axis.to,
    (poll) => {
      const end = Math.min(poll.to ?? axis.to, axis.to);
      if (end < axis.from) return;
      const begun = axis.x(poll.at) + 1;
      const x0 = Math.max(begun, 0);
      const x1 = Math.max(x0 + 1, Math.min(axis.x(end) - (poll.to === null ? 0 : 1), axis.nowX));
      const kind = poll.to === null || poll.to > axis.to ? 'open' : news(poll) ? 'news' : 'empty';
      const before = marks.boxes[marks.boxes.length - 1];
      if (x1 - x0 < 3 && before && before.kind === kind && x0 - before.x1 <= 3) {
        before.x1 = x1; // too many to tell apart: one stretch
      } else {
        marks.boxes.push({ x0, x1, kind, label: kind === 'empty' ? boxLabel(poll, x1 - x0, measure) : null });
      }
      marks.spots.push({
        x: (x0 + x1) / 2,
        y: box.mid,
        reach: box.band / 2,
        half: (x1 - x0) / 2,
        weight: 0,
        at: poll.to ?? poll.at,
        means: { kind: 'poll', poll, lane },
      });
    },
    3,
  );
}

function boxLabel(poll: Poll, width: number, measure: Measure): string | null {
  const words =
    poll.cut === 'drop' || (poll.status ?? 0) >= 400 ? 'held' : poll.cut === null ? `${poll.status} empty` : null;
  return words !== null && measure(words, FONT.label) + (words === 'held' ? 36 : 8) <= width ? words : null;
}

/** Calls back for each stretch in which the client ran. */
function awake(
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
