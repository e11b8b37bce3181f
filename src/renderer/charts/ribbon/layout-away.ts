import { dropWords } from '../../words/ends.ts';
import { seconds } from '../../words/format.ts';
import type { Bridge, DropMark, GapMark } from '../../stores/model/lane-marks.ts';
import type { LaneTrack } from '../../stores/model/lane-track.ts';
import { FONT } from './fonts.ts';
import { Room } from './room.ts';
import type { TimeAxis } from './axis.ts';
import type { LaneBox, LaneMarks, Measure } from './marks.ts';

/**
 * Losing and regaining a connection: the cross with its evidence left of the moment, the bridge with the cursor right
 * of it, the hole between them when something was missed. Evidence is placed first: loss is never folded away.
 */
export function layoutAway(lane: LaneTrack, axis: TimeAxis, box: LaneBox, measure: Measure, marks: LaneMarks): void {
  const room = new Room(0, axis.width);
  const drops: DropMark[] = [];
  const bridges: Bridge[] = [];
  lane.drops.between(axis.from, axis.to, (drop) => void drops.push(drop));
  lane.bridges.between(axis.from, Infinity, (bridge) => void (bridge.from <= axis.to && bridges.push(bridge)));
  for (const drop of drops.reverse()) placeDrop(lane, drop, axis, box, measure, room, marks);
  for (const bridge of bridges.reverse()) placeBridge(bridge, axis, box, measure, room, marks);
  layoutGaps(lane, bridges, axis, box, measure, marks);
  const away = lane.away;
  if (away && !away.survived && away.from <= axis.to && (away.entry || away.slept !== null)) {
    // On its way back, or back and waiting for the first word.
    const back = away.back !== null && away.back <= axis.to ? away.back : null;
    const x1 = back === null ? axis.nowX : axis.x(back);
    marks.bridges.push({ x0: axis.x(away.from), x1, done: back !== null, from: null, mono: false, loss: null });
  }
}

function placeDrop(
  lane: LaneTrack,
  drop: DropMark,
  axis: TimeAxis,
  box: LaneBox,
  measure: Measure,
  room: Room,
  marks: LaneMarks,
): void {
  const x = axis.x(drop.at);
  // What ended while the client slept is found on waking; the bridge over the sleep says so.
  const quiet = lane.endedAsleep(drop);
  const words = dropWords(drop, lane.method);
  const fits = !quiet && room.take(x - 8 - measure(words, FONT.loss) - 3, x - 5);
  marks.drops.push({ x, label: fits ? words : null, quiet });
  marks.spots.push({
    x,
    y: box.mid,
    reach: box.band / 2 + 8,
    half: 6,
    weight: 9,
    at: drop.at,
    means: { kind: 'drop', drop, lane },
  });
  // A silence the client slept through is the sleep's, not the channel's.
  const slept = lane.slept(drop.at - drop.silence, drop.at);
  if (drop.cause === 'idle-limit' && !lane.polling && drop.silence > 0 && !slept) {
    const text = `${seconds(drop.silence)} silence`;
    const x0 = axis.x(drop.at - drop.silence) + 4;
    const x1 = x - 10;
    if (x0 > 0 && x1 - x0 > measure(text, FONT.label) + 28) marks.silences.push({ x0, x1, label: text });
  }
}

function placeBridge(
  bridge: Bridge,
  axis: TimeAxis,
  box: LaneBox,
  measure: Measure,
  room: Room,
  marks: LaneMarks,
): void {
  const x0 = axis.x(bridge.from);
  const done = bridge.back <= axis.to;
  const x1 = done ? axis.x(bridge.back) : axis.nowX;
  const { sent, missed } = bridge.resume;
  const from = sent ?? 'the start';
  const mono = sent !== null && sent.includes('.');
  const loss = missed !== null && missed > 0 ? `${missed} missed` : null;
  const width = 28 + measure(from, mono ? FONT.mono : FONT.strong) + (loss ? 10 + measure(loss, FONT.loss) : 0);
  const fits = done && x1 + 9 + width < axis.nowX - 2 && room.take(x1 + 6, x1 + 12 + width);
  marks.bridges.push({ x0, x1, done, from: fits ? from : null, mono, loss: fits ? loss : null });
  if (done) {
    marks.spots.push({
      x: (x0 + x1) / 2,
      y: box.label + 2,
      reach: 9,
      half: Math.max(4, (x1 - x0) / 2),
      weight: 5,
      at: bridge.at,
      means: { kind: 'bridge', bridge },
    });
  }
}

/** A hole is as wide as the time away that it belongs to; one that opened in mid-stream is a narrow one. */
function layoutGaps(
  lane: LaneTrack,
  bridges: readonly Bridge[],
  axis: TimeAxis,
  box: LaneBox,
  measure: Measure,
  marks: LaneMarks,
): void {
  const place = (x0: number, x1: number, missed: number | null, gap: GapMark): void => {
    const label = missed === null ? '?' : String(missed);
    const fits = measure(label, FONT.loss) + 4 <= x1 - x0;
    marks.holes.push({ x0, x1, label: fits ? label : null });
    const x = (x0 + x1) / 2;
    marks.spots.push({
      x,
      y: box.mid,
      reach: box.band / 2,
      half: (x1 - x0) / 2,
      weight: 8,
      at: gap.at,
      means: { kind: 'gap', gap },
    });
  };
  const told = new Set<Bridge>();
  lane.gaps.between(axis.from, axis.to, (gap) => {
    const bridge = bridges.find((b) => gap.at >= b.from && gap.at <= b.at + 1500);
    if (bridge && told.has(bridge)) return;
    if (bridge) told.add(bridge);
    const x0 = bridge ? axis.x(bridge.from) + 7 : axis.x(gap.at) - 8;
    const x1 = bridge ? axis.x(bridge.back) - 3 : axis.x(gap.at) - 1;
    if (x1 - x0 >= 4) place(x0, x1, gap.missed, gap);
    else place(axis.x(gap.at) - 8, axis.x(gap.at) - 1, gap.missed, gap);
  });
  for (const bridge of bridges) {
    const { missed } = bridge.resume;
    if (told.has(bridge) || missed === null || missed === 0 || bridge.at > axis.to) continue;
    const x1 = axis.x(bridge.back) - 3;
    place(Math.min(axis.x(bridge.from) + 7, x1 - 6), x1, missed, {
      ...bridge.resume,
      type: 'gap',
      from: bridge.resume.sent,
      to: bridge.resume.first,
      missed,
      reason: 'hole',
    });
  }
}
