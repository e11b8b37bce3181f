/** The ruler of a storyboard: where ticks stand, how far a step is moved at a time, how wide it all is. Milliseconds. */

const STEPS = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000]; // prettier-ignore

/** Distance of ticks that leave room for their words. */
function tickStep(msPerPx: number, leastPx = 64): number {
  return STEPS.find((step) => step >= msPerPx * leastPx) ?? STEPS.at(-1)!;
}

/** Words stand at these; `minor` is the distance of the lines between them. */
export function ticksTo(endMs: number, msPerPx: number): { at: number[]; minor: number } {
  const step = tickStep(msPerPx);
  const at = Array.from({ length: Math.floor(endMs / step + 1e-9) + 1 }, (_, i) => i * step);
  const parts = [10, 5, 4, 2].find((n) => step / n / msPerPx >= 14 && step % n === 0) ?? 1;
  return { at, minor: step / parts };
}

const SNAPS = [100, 500, 1000, 5000, 10_000];

/** How far a step moves at a time: what a hand can aim at. */
export function snapOf(msPerPx: number): number {
  return SNAPS.find((snap) => snap >= msPerPx * 4) ?? SNAPS.at(-1)!;
}

/** On the grid; without a grid to the nearest 10 ms, so that what is written stays readable. */
export function snapped(ms: number, snap: number | null): number {
  const grid = snap ?? 10;
  return Math.max(0, Math.round(Math.round(ms / grid) * grid));
}
