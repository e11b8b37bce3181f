import type { AxisTick } from './axis.ts';
import { FONT } from './fonts.ts';
import type { LaneGeometry, LaneMarks, Span } from './marks.ts';
import { withOpacity, type Palette } from './palette.ts';
import { hatch, text, verticalLine, type Pen } from './paint-tools.ts';

export interface LanePaintInput {
  marks: LaneMarks;
  box: LaneGeometry;
  width: number;
  nowX: number;
  hue: string;
  grid: readonly AxisTick[];
  sleeps: readonly Span[];
  conditionChanges: readonly number[];
  /** Streams have a rail for heartbeats. */
  hasHeartbeats: boolean;
  /** Where this lane begins on the stage, so that hatching runs through. */
  offset: number;
}

/** Puts a lane's marks on its canvas, ground first, loss last. */
export function paintLane(pen: Pen, input: LanePaintInput, c: Palette): void {
  const { marks, box, hue } = input;
  for (const tick of input.grid) verticalLine(pen, tick.x, 0, box.height, c['line-1']);
  for (const s of input.sleeps) {
    hatch(pen, s.x0, 0, s.x1 - s.x0, box.height, c.hatch, input.offset);
    verticalLine(pen, s.x0, 0, box.height, c['line-2']);
    verticalLine(pen, s.x1, 0, box.height, c['line-2']);
  }
  for (const x of input.conditionChanges) verticalLine(pen, x, 0, box.height, c['line-3'], [2, 3]);
  paintOpenPeriods(pen, marks, box, hue);
  paintLongPolls(pen, marks, box, hue, c);
  paintShortPolls(pen, marks, box, hue, c);
  paintLate(pen, marks, hue);
  paintEvents(pen, marks, box, hue, c);
  if (input.hasHeartbeats) paintHeartbeats(pen, input, c);
  paintSilences(pen, marks, box, c);
  paintGaps(pen, marks, box, c);
  paintRecoveries(pen, marks, box, c);
  paintDrops(pen, marks, box, c);
}

function paintOpenPeriods(pen: Pen, marks: LaneMarks, box: LaneGeometry, hue: string): void {
  for (const { x0, x1 } of marks.openPeriods) {
    pen.fillStyle = withOpacity(hue, 0.17);
    pen.fillRect(x0, box.top, x1 - x0, box.band);
    pen.fillStyle = withOpacity(hue, 0.55);
    pen.fillRect(x0, box.top, x1 - x0, 1);
    pen.fillRect(x0, box.top + box.band - 1, x1 - x0, 1);
  }
}

function paintLongPolls(pen: Pen, marks: LaneMarks, box: LaneGeometry, hue: string, c: Palette): void {
  pen.lineWidth = 1;
  for (const b of marks.longPolls) {
    const w = b.x1 - b.x0;
    if (b.kind !== 'empty') {
      pen.fillStyle = withOpacity(hue, 0.17);
      pen.fillRect(b.x0, box.top, w, box.band);
    }
    pen.strokeStyle = withOpacity(hue, b.kind === 'empty' ? 0.9 : 0.55);
    pen.beginPath();
    if (b.kind === 'open') {
      pen.moveTo(b.x1, box.top + 0.5);
      pen.lineTo(b.x0 + 0.5, box.top + 0.5);
      pen.lineTo(b.x0 + 0.5, box.top + box.band - 0.5);
      pen.lineTo(b.x1, box.top + box.band - 0.5);
    } else if (w > 2) {
      pen.rect(b.x0 + 0.5, box.top + 0.5, w - 1, box.band - 1);
    }
    pen.stroke();
    if (b.label === null) continue;
    text(pen, b.label, (b.x0 + b.x1) / 2, box.middle + 0.5, { color: c['tx-3'], font: FONT.label, align: 'center' });
  }
}

function paintShortPolls(pen: Pen, marks: LaneMarks, box: LaneGeometry, hue: string, c: Palette): void {
  pen.fillStyle = withOpacity(hue, 0.4);
  for (const { x0, x1 } of marks.baseline) pen.fillRect(x0, box.middle - 0.5, x1 - x0, 1);
  for (const b of marks.shortPolls) {
    const x = b.x - b.w / 2;
    if (b.full) {
      pen.fillStyle = hue;
      pen.fillRect(Math.floor(x), box.top + 3, b.w, box.band - 6);
    } else if (b.w < 4) {
      pen.fillStyle = withOpacity(hue, 0.6);
      pen.fillRect(Math.floor(x), box.top + 9, b.w, box.band - 18);
    } else {
      pen.fillStyle = c['bg-1'];
      pen.fillRect(x, box.top + 8, b.w, box.band - 16);
      pen.strokeStyle = hue;
      pen.lineWidth = 1.25;
      pen.strokeRect(x + 0.5, box.top + 8.5, b.w - 1, box.band - 17);
    }
    if (b.label !== null) {
      text(pen, b.label, b.x, box.top - 6, { color: c['tx-2'], font: FONT.label, align: 'center' });
    }
  }
}

function paintLate(pen: Pen, marks: LaneMarks, hue: string): void {
  pen.fillStyle = withOpacity(hue, 0.75);
  for (const { x0, x1, y } of marks.late) {
    pen.fillRect(x0, y, x1 - x0, 1);
    pen.fillRect(x0, y - 1, 1, 3);
  }
}

function paintEvents(pen: Pen, marks: LaneMarks, box: LaneGeometry, hue: string, c: Palette): void {
  for (const col of marks.columns) {
    pen.fillStyle = withOpacity(hue, col.strength);
    pen.fillRect(col.x, box.top - 3, col.w, box.band + 6);
  }
  pen.fillStyle = hue;
  for (const { x } of marks.ticks) pen.fillRect(x - 1, box.top - 3, 2, box.band + 6);
  pen.strokeStyle = c['tx-1'];
  pen.lineWidth = 1;
  for (const { x, twin } of marks.ticks) if (twin) pen.strokeRect(x + 3.5, box.top - 2.5, 3, box.band + 5);
}

function paintHeartbeats(pen: Pen, { marks, box, nowX, hue }: LanePaintInput, c: Palette): void {
  pen.fillStyle = c['line-2'];
  pen.fillRect(0, box.heartbeatY, nowX, 1);
  pen.strokeStyle = hue;
  pen.lineWidth = 1.5;
  const y = box.heartbeatY + 0.5;
  for (const x of marks.heartbeats) {
    pen.beginPath();
    pen.moveTo(x - 5, y);
    pen.lineTo(x - 2, y);
    pen.lineTo(x, y - 6.5);
    pen.lineTo(x + 2, y + 3.5);
    pen.lineTo(x + 3.5, y);
    pen.lineTo(x + 6, y);
    pen.stroke();
  }
}

function paintSilences(pen: Pen, marks: LaneMarks, box: LaneGeometry, c: Palette): void {
  for (const { x0, x1, label } of marks.silences) {
    pen.font = FONT.label;
    const half = pen.measureText(label).width / 2 + 6;
    const middle = (x0 + x1) / 2;
    pen.strokeStyle = c['tx-3'];
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x0, box.middle + 0.5);
    pen.lineTo(middle - half, box.middle + 0.5);
    pen.moveTo(middle + half, box.middle + 0.5);
    pen.lineTo(x1 - 2, box.middle + 0.5);
    pen.moveTo(x0 + 0.5, box.middle - 3);
    pen.lineTo(x0 + 0.5, box.middle + 4);
    pen.stroke();
    text(pen, label, middle, box.middle + 0.5, { color: c['tx-2'], font: FONT.label, align: 'center' });
  }
}

function paintGaps(pen: Pen, marks: LaneMarks, box: LaneGeometry, c: Palette): void {
  for (const { x0, x1, label } of marks.gaps) {
    pen.fillStyle = c['bg-1'];
    pen.fillRect(x0, box.top + 1, x1 - x0, box.band - 2);
    pen.fillStyle = withOpacity(c.loss, 0.2);
    pen.fillRect(x0, box.top + 1, x1 - x0, box.band - 2);
    pen.strokeStyle = c.loss;
    pen.lineWidth = 1.5;
    pen.setLineDash([3, 2]);
    pen.strokeRect(x0, box.top + 1, x1 - x0, box.band - 2);
    pen.setLineDash([]);
    if (label !== null) {
      text(pen, label, (x0 + x1) / 2, box.middle + 0.5, { color: c.loss, font: FONT.loss, align: 'center' });
    }
  }
}

function paintRecoveries(pen: Pen, marks: LaneMarks, box: LaneGeometry, c: Palette): void {
  const top = box.labelY - 1;
  const bottom = box.top - 5;
  for (const b of marks.recoveries) {
    pen.strokeStyle = c['tx-2'];
    pen.lineWidth = 1.25;
    const wide = b.x1 - b.x0 > 14;
    if (wide) {
      const r = 5;
      pen.beginPath();
      pen.moveTo(b.x0, bottom);
      pen.lineTo(b.x0, top + r);
      pen.quadraticCurveTo(b.x0, top, b.x0 + r, top);
      if (b.done) {
        pen.lineTo(b.x1 - r, top);
        pen.quadraticCurveTo(b.x1, top, b.x1, top + r);
        pen.lineTo(b.x1, bottom);
      } else {
        pen.setLineDash([3, 3]);
        pen.lineTo(b.x1, top);
      }
      pen.stroke();
      pen.setLineDash([]);
    }
    if (!b.done) continue;
    pen.fillStyle = c['tx-2'];
    pen.beginPath();
    pen.moveTo(b.x1 - 3.5, bottom - 3);
    pen.lineTo(b.x1 + 3.5, bottom - 3);
    pen.lineTo(b.x1, bottom + 2);
    pen.fill();
    if (b.from === null) continue;
    const y = box.labelY;
    const ground = c['bg-1'];
    text(pen, 'from', b.x1 + 9, y, { color: c['tx-3'], font: FONT.plain, ground });
    const font = b.mono ? FONT.mono : FONT.strong;
    text(pen, b.from, b.x1 + 37, y, { color: c['tx-1'], font, ground });
    if (b.loss !== null) {
      pen.font = font;
      const x = b.x1 + 47 + pen.measureText(b.from).width;
      text(pen, b.loss, x, y, { color: c.loss, font: FONT.loss, ground });
    }
  }
}

function paintDrops(pen: Pen, marks: LaneMarks, box: LaneGeometry, c: Palette): void {
  for (const drop of marks.drops) {
    if (drop.quiet) continue;
    pen.fillStyle = c.loss;
    pen.fillRect(drop.x - 1, box.top - 4, 2, box.band + 8);
    pen.fillStyle = c['bg-1'];
    pen.beginPath();
    pen.arc(drop.x, box.middle, 8, 0, 7);
    pen.fill();
    pen.strokeStyle = c.loss;
    pen.lineWidth = 2;
    pen.lineCap = 'round';
    pen.beginPath();
    pen.moveTo(drop.x - 4, box.middle - 4);
    pen.lineTo(drop.x + 4, box.middle + 4);
    pen.moveTo(drop.x + 4, box.middle - 4);
    pen.lineTo(drop.x - 4, box.middle + 4);
    pen.stroke();
    pen.lineCap = 'butt';
    if (drop.label === null) continue;
    text(pen, drop.label, drop.x - 8, box.labelY, {
      color: c.loss,
      font: FONT.loss,
      align: 'right',
      ground: c['bg-1'],
    });
  }
}
