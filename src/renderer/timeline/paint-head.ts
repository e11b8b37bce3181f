import { clock, clockFine } from '../ui/format.ts';
import type { AxisTick, TimeAxis } from './axis.ts';
import { FONT } from './fonts.ts';
import { HEAD_LAYOUT, type HeadMarks } from './layout-head.ts';
import type { Palette } from './palette.ts';
import { hatch, text, verticalLine, type Pen } from './paint-tools.ts';

/** Run time, conditions and what was published. */
export function paintHead(
  pen: Pen,
  marks: HeadMarks,
  axis: TimeAxis,
  grid: readonly AxisTick[],
  startedAt: number,
  c: Palette,
): void {
  pen.fillStyle = c['bg-0'];
  pen.fillRect(0, 0, axis.width, HEAD_LAYOUT.height - 1);
  pen.fillStyle = c['line-1'];
  pen.fillRect(0, HEAD_LAYOUT.height - 1, axis.width, 1);
  const { top, row, middle } = HEAD_LAYOUT;
  for (const tick of grid) {
    verticalLine(pen, tick.x, tick.major ? 16 : 19, HEAD_LAYOUT.height, c['line-1']);
    if (tick.major && tick.x > 16 && tick.x < axis.nowX - 56) {
      text(pen, tick.at % 1000 === 0 ? clock(tick.at) : clockFine(tick.at, 1), tick.x, HEAD_LAYOUT.axis, {
        color: c['tx-3'],
        font: FONT.label,
        align: 'center',
      });
    }
  }
  for (const s of marks.segments) {
    pen.fillStyle = s.fault ? c['bg-3'] : c['bg-2'];
    if (s.x1 > s.x0) pen.fillRect(s.x0, top, s.x1 - s.x0, row);
  }
  for (const x of marks.bars) {
    pen.fillStyle = c['tx-1'];
    pen.fillRect(x, top, 2, row);
  }
  for (const label of marks.labels) {
    text(pen, label.text, label.x, middle, {
      color: label.strong ? c['tx-1'] : c['tx-2'],
      font: label.strong ? FONT.strong : FONT.label,
    });
  }
  for (const s of marks.sleeps) {
    const w = s.x1 - s.x0;
    pen.fillStyle = c['bg-1'];
    pen.fillRect(s.x0, top, w, row);
    hatch(pen, s.x0, top, w, HEAD_LAYOUT.height - top, c.hatch);
    verticalLine(pen, s.x0, top, HEAD_LAYOUT.height, c['line-2']);
    verticalLine(pen, s.x1, top, HEAD_LAYOUT.height, c['line-2']);
    if (s.label !== null) {
      text(pen, s.label, s.beside ? s.x1 + 6 : (s.x0 + s.x1) / 2, middle, {
        color: c['tx-1'],
        font: FONT.strong,
        align: s.beside ? 'left' : 'center',
        ground: c['bg-1'],
      });
    }
  }
  for (const x of marks.conditionChanges) verticalLine(pen, x, top + row + 1, HEAD_LAYOUT.height, c['line-3'], [2, 3]);
  pen.fillStyle = c['tx-2'];
  for (const { x, faint } of marks.published) {
    pen.fillStyle = faint ? c['tx-3'] : c['tx-2'];
    pen.fillRect(faint ? x : x - 1, HEAD_LAYOUT.published - 5, faint ? 1 : 2, 10);
  }
  pen.fillStyle = c['tx-2'];
  for (const col of marks.publishedColumns) {
    pen.globalAlpha = col.strength;
    pen.fillRect(col.x, HEAD_LAYOUT.published - 5, 2, 10);
  }
  pen.globalAlpha = 1;
  text(pen, clockFine(axis.to - startedAt, 1), axis.nowX + 8, HEAD_LAYOUT.axis, {
    color: c['tx-1'],
    font: FONT.loss,
    align: 'right',
  });
}
