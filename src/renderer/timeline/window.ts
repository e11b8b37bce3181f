/** How much time is in sight. */
export const WINDOW_MS = { least: 500, min: 15_000, usual: 60_000, max: 600_000, most: 86_400_000 };

/** A young run fills the ribbon in steps, rather than begin as a sliver at its right; a window once chosen stays. */
export function effectiveWindow(chosenMs: number, ageMs: number): number {
  if (chosenMs !== WINDOW_MS.usual) return chosenMs;
  return [15_000, 30_000].find((ms) => ageMs <= ms) ?? chosenMs;
}

/** Wheel or pinch: one notch changes the window by about a sixth. */
export function zoomed(windowMs: number, delta: number): number {
  const factor = Math.exp(Math.max(-1, Math.min(1, delta * 0.0015)));
  return Math.round(Math.max(WINDOW_MS.least, Math.min(WINDOW_MS.most, windowMs * factor)));
}
