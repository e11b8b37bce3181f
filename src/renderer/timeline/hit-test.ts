import type { HitArea } from './marks.ts';

const MAX_DISTANCE = 14;

/** The mark a pointer means: the nearest, and among those as near the weightiest. Null when none is close. */
export function hitTest(areas: readonly HitArea[], x: number, y: number): HitArea | null {
  let best: HitArea | null = null;
  let bestScore = Infinity;
  for (const area of areas) {
    if (Math.abs(area.y - y) > area.halfHeight + 4) continue;
    const dx = Math.max(0, Math.abs(area.x - x) - area.halfWidth);
    if (dx > MAX_DISTANCE) continue;
    const score = dx - area.priority * 1.2;
    if (score < bestScore) {
      best = area;
      bestScore = score;
    }
  }
  return best;
}

/** The next mark in time from where one is, for the keyboard. `step` is 1 or -1. */
export function nextMark(areas: readonly HitArea[], from: number | null, step: 1 | -1): HitArea | null {
  const candidates = areas.filter((s) => s.priority >= 2);
  let best: HitArea | null = null;
  for (const spot of candidates) {
    if (from === null) {
      if (!best || spot.at > best.at) best = spot; // enter at the newest
    } else if (step === 1 ? spot.at > from : spot.at < from) {
      if (!best || (step === 1 ? spot.at < best.at : spot.at > best.at)) best = spot;
    }
  }
  return best;
}
