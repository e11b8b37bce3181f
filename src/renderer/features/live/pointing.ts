import type { MarkFact, HitArea } from '../../timeline/marks.ts';

/** What somebody points at: with the mouse, with the keyboard, or pinned by either. */
export interface Pointing {
  /** A lane's id, or `head`. */
  row: string;
  at: number;
  y: number;
  fact: MarkFact;
  by: 'mouse' | 'keys';
  pinned: boolean;
}

export const pointAt = (row: string, spot: HitArea, by: Pointing['by'], pinned = false): Pointing => ({
  row,
  at: spot.at,
  y: spot.y,
  fact: spot.fact,
  by,
  pinned,
});

export const WINDOW_MS = { min: 15_000, usual: 60_000, max: 600_000 };

/** A young run fills the ribbon in steps, rather than begin as a sliver at its right; a window once chosen stays. */
export function effectiveWindow(chosenMs: number, ageMs: number): number {
  if (chosenMs !== WINDOW_MS.usual) return chosenMs;
  return [15_000, 30_000].find((ms) => ageMs <= ms) ?? chosenMs;
}

/** Wheel or pinch: one notch changes the window by about a sixth. */
export function zoomed(windowMs: number, delta: number): number {
  const factor = Math.exp(Math.max(-1, Math.min(1, delta * 0.0015)));
  return Math.round(Math.max(WINDOW_MS.min, Math.min(WINDOW_MS.max, windowMs * factor)));
}
