import { nativeImage, type NativeImage } from 'electron';

const SIZE = 32;
/** The line of the app's icon, on a grid of 20. */
const LINE = [
  [1.5, 10], [5.5, 10], [7.5, 4.5], [11, 15.5], [13.5, 8], [14.5, 10], [18.5, 10],
] as const; // prettier-ignore
const LINE_COLOR = [0x90, 0x90, 0x90];
const DOT_COLOR = [0xc8, 0x28, 0x1e];

/** Drawn, so that a state needs no file of its own. Grey is seen on a light and on a dark bar. @param alert a lane is down */
export function trayImage(alert: boolean): NativeImage {
  const pixels = Buffer.alloc(SIZE * SIZE * 4);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const at = { x: ((x + 0.5) * 20) / SIZE, y: ((y + 0.5) * 20) / SIZE };
      const inDot = alert ? cover(4.2 - Math.hypot(at.x - 15.5, at.y - 15.5)) : 0;
      const inLine = cover(1.15 - distanceToLine(at));
      const [r = 0, g = 0, b = 0] = inDot > 0 ? DOT_COLOR : LINE_COLOR;
      const alpha = inDot > 0 ? inDot : inLine;
      // blue, green, red, each multiplied by how much of the pixel is covered
      pixels.set([b * alpha, g * alpha, r * alpha, 255 * alpha].map(Math.round), (y * SIZE + x) * 4);
    }
  }
  return nativeImage.createFromBitmap(pixels, { width: SIZE, height: SIZE, scaleFactor: 2 });
}

/** How much of a pixel lies inside an edge that is so far away, on the grid of 20. */
const cover = (inside: number): number => Math.min(1, Math.max(0, (inside * SIZE) / 20 + 0.5));

function distanceToLine(p: { x: number; y: number }): number {
  let least = Infinity;
  for (let i = 1; i < LINE.length; i++) {
    const [[x1, y1], [x2, y2]] = [LINE[i - 1]!, LINE[i]!];
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.min(1, Math.max(0, ((p.x - x1) * dx + (p.y - y1) * dy) / (dx * dx + dy * dy)));
    least = Math.min(least, Math.hypot(p.x - x1 - along * dx, p.y - y1 - along * dy));
  }
  return least;
}
