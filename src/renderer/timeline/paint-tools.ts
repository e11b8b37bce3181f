import type { MeasureText } from './marks.ts';

export type Pen = CanvasRenderingContext2D;

/** Fits a canvas to its box and the display's pixels, and wipes it. @returns null while it has no size */
export function fit(canvas: HTMLCanvasElement, width: number, height: number): Pen | null {
  if (width < 1 || height < 1) return null;
  const ratio = window.devicePixelRatio || 1;
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

export interface TextStyle {
  color: string;
  font: string;
  align?: CanvasTextAlign;
  /** A ground behind it, so that lines do not run through. */
  ground?: string;
}

export function text(pen: Pen, words: string, x: number, y: number, style: TextStyle): void {
  pen.font = style.font;
  pen.textAlign = style.align ?? 'left';
  pen.textBaseline = 'middle';
  if (style.ground !== undefined) {
    const w = pen.measureText(words).width;
    pen.fillStyle = style.ground;
    const left = style.align === 'right' ? x - w : style.align === 'center' ? x - w / 2 : x;
    pen.fillRect(left - 3, y - 8, w + 6, 15);
  }
  pen.fillStyle = style.color;
  pen.fillText(words, x, y);
}

/** Slanted lines over a box; `phase` is the box's place in the whole, so that neighbours line up. */
export function hatch(pen: Pen, x0: number, y: number, w: number, h: number, color: string, offset = 0): void {
  const step = 8;
  pen.save();
  pen.beginPath();
  pen.rect(x0, y, w, h);
  pen.clip();
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.beginPath();
  // Lines x + y = const: const is a multiple of the step in the whole stage.
  const first = Math.floor((x0 + y + offset) / step) * step - offset;
  for (let c = first; c < x0 + w + y + h; c += step) {
    pen.moveTo(c - y, y);
    pen.lineTo(c - y - h, y + h);
  }
  pen.stroke();
  pen.restore();
}

export function verticalLine(pen: Pen, x: number, y0: number, y1: number, color: string, dash: number[] = []): void {
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(x + 0.5, y0);
  pen.lineTo(x + 0.5, y1);
  pen.stroke();
  if (dash.length > 0) pen.setLineDash([]);
}

/** Text widths, remembered: the same few words are measured every frame. */
export function textMeasurer(pen: Pen): MeasureText {
  const known = new Map<string, number>();
  return (words, font) => {
    const key = `${font}|${words}`;
    let width = known.get(key);
    if (width === undefined) {
      if (known.size > 2000) known.clear();
      pen.font = font;
      width = pen.measureText(words).width;
      known.set(key, width);
    }
    return width;
  };
}
