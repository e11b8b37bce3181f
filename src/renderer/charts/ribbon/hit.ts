import type { Spot } from './marks.ts';

const NEAR = 14;

/** The mark a pointer means: the nearest, and among those as near the weightiest. Null when none is close. */
export function hit(spots: readonly Spot[], x: number, y: number): Spot | null {
  let best: Spot | null = null;
  let bestScore = Infinity;
  for (const spot of spots) {
    if (Math.abs(spot.y - y) > spot.reach + 4) continue;
    const dx = Math.max(0, Math.abs(spot.x - x) - spot.half);
    if (dx > NEAR) continue;
    const score = dx - spot.weight * 1.2;
    if (score < bestScore) {
      best = spot;
      bestScore = score;
    }
  }
  return best;
}

/** The next mark in time from where one is, for the keyboard. `step` is 1 or -1. */
export function neighbour(spots: readonly Spot[], from: number | null, step: 1 | -1): Spot | null {
  const worth = spots.filter((s) => s.weight >= 2);
  let best: Spot | null = null;
  for (const spot of worth) {
    if (from === null) {
      if (!best || spot.at > best.at) best = spot; // enter at the newest
    } else if (step === 1 ? spot.at > from : spot.at < from) {
      if (!best || (step === 1 ? spot.at < best.at : spot.at > best.at)) best = spot;
    }
  }
  return best;
}
