import type { TimeAxis } from './axis.ts';
import { withOpacity, type Palette } from './palette.ts';
import { verticalLine, type Pen } from './paint-tools.ts';

interface Sighted {
  selection: { from: number; to: number } | null;
  pins: readonly number[];
  /** On the axis: pins have their flags there. */
  flags: boolean;
}

/** What somebody chose to look at: a stretch, and moments that were marked. */
export function paintSight(
  pen: Pen,
  axis: TimeAxis,
  height: number,
  { selection, pins, flags }: Sighted,
  c: Palette,
): void {
  if (selection && selection.to >= axis.from && selection.from <= axis.to) {
    const x0 = Math.max(0, axis.x(selection.from));
    const x1 = Math.min(axis.nowX, axis.x(selection.to));
    pen.fillStyle = withOpacity(c['tx-1'], 0.09);
    pen.fillRect(x0, 0, Math.max(1, x1 - x0), height);
    if (selection.from >= axis.from) verticalLine(pen, x0, 0, height, c['tx-2']);
    if (selection.to <= axis.to) verticalLine(pen, x1, 0, height, c['tx-2']);
  }
  for (const pin of pins) {
    if (pin < axis.from || pin > axis.to) continue;
    const x = axis.x(pin);
    verticalLine(pen, x, flags ? 2 : 0, height, c['line-3']);
    if (!flags) continue;
    pen.fillStyle = c['tx-1'];
    pen.beginPath();
    pen.moveTo(x + 1, 2);
    pen.lineTo(x + 9, 5.5);
    pen.lineTo(x + 1, 9);
    pen.fill();
  }
}
