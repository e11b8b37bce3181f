import type { RunModel } from '../model/run-model.ts';
import type { LaneModel } from '../model/lane-model.ts';
import type { TimeAxis } from './axis.ts';
import { hatch, type Pen } from './paint-tools.ts';
import { hueOf, withOpacity, type Palette } from './palette.ts';

interface OverviewInput {
  run: RunModel;
  height: number;
  /** What the stage shows. */
  frame: { from: number; to: number };
  pins: readonly number[];
  selection: { from: number; to: number } | null;
}

/** More lanes than this share their rows. */
const MAX_ROWS = 16;
const TOP = 3;
const COLUMN = 2;

/** The whole run in a few pixels: each lane a line of how much came, drops in red, sleeps hatched. */
export function paintOverview(pen: Pen, axis: TimeAxis, input: OverviewInput, c: Palette): void {
  const { run, height, frame, pins, selection } = input;
  const rows = Math.max(1, Math.min(MAX_ROWS, run.lanes.length));
  const room = height - 2 * TOP;
  const h = Math.max(1, Math.floor(room / rows) - 1);
  const topOf = (i: number): number => TOP + Math.floor(((i % rows) * room) / rows);
  const begin = axis.x(run.startedAt);
  run.lanes.forEach((lane, i) => {
    pen.fillStyle = withOpacity(c[hueOf(lane.method)], 0.16);
    pen.fillRect(begin, topOf(i), axis.nowX - begin, h);
    paintDensity(pen, axis, lane, topOf(i), h, c[hueOf(lane.method)]);
  });
  for (const sleep of run.sleeps.items) {
    const x0 = axis.x(sleep.at);
    hatch(pen, x0, 0, Math.max(1, axis.x(sleep.to ?? axis.to) - x0), height, c['tx-3']);
  }
  pen.fillStyle = c.loss;
  run.lanes.forEach((lane, i) => {
    for (const drop of lane.drops.items) {
      if (!lane.endedAsleep(drop)) pen.fillRect(axis.x(drop.at) - 1, topOf(i) - 1, 2, h + 2);
    }
  });
  pen.fillStyle = c['tx-1'];
  for (const pin of pins) pen.fillRect(axis.x(pin), 0, 1, height);
  if (selection) {
    pen.fillStyle = withOpacity(c['tx-1'], 0.2);
    pen.fillRect(axis.x(selection.from), 0, Math.max(1, axis.x(selection.to) - axis.x(selection.from)), height);
  }
  const x0 = Math.max(0, axis.x(frame.from));
  const x1 = Math.min(axis.nowX, axis.x(frame.to));
  pen.fillStyle = withOpacity(c['bg-0'], 0.55);
  pen.fillRect(0, 0, x0, height);
  pen.fillRect(x1, 0, axis.width - x1, height);
  pen.strokeStyle = c['tx-2'];
  pen.lineWidth = 1;
  pen.strokeRect(x0 + 0.5, 0.5, Math.max(3, x1 - x0 - 1), height - 1);
}

function paintDensity(pen: Pen, axis: TimeAxis, lane: LaneModel, y: number, h: number, hue: string): void {
  let column = -1;
  let n = 0;
  const close = (): void => {
    if (column < 0) return;
    pen.fillStyle = withOpacity(hue, Math.min(1, 0.4 + Math.log2(1 + n) / 8));
    pen.fillRect(column, y, COLUMN, h);
  };
  const visit = (at: number, count: number): void => {
    const x = Math.floor(axis.x(at) / COLUMN) * COLUMN;
    if (x !== column) {
      close();
      column = x;
      n = 0;
    }
    n += count;
  };
  lane.density.between(axis.from, axis.to, visit, COLUMN * axis.msPerPx);
  close();
}
