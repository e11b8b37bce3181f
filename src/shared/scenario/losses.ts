import type { Observation } from '../observation.ts';

/** How a lane lost its connection and its place, counted by name. Plain data. */
export interface LossCounts {
  /** By evidence and by cause; a drop counts once for each name it bears. */
  drops: Record<string, number>;
  /** By reason. */
  gaps: Record<string, number>;
  gapCount: number;
}

export const newLossCounts = (): LossCounts => ({ drops: {}, gaps: {}, gapCount: 0 });

export function foldLossCounts(counts: LossCounts, o: Observation): void {
  if (o.type === 'drop') {
    for (const name of new Set<string>([o.evidence, ...(o.cause ? [o.cause] : [])])) {
      counts.drops[name] = (counts.drops[name] ?? 0) + 1;
    }
  } else if (o.type === 'gap') {
    counts.gapCount++;
    counts.gaps[o.reason] = (counts.gaps[o.reason] ?? 0) + 1;
  }
}
