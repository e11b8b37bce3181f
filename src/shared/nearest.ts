/** The closest of some names, for "did you mean"; null when nothing is near. */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestScore = Math.max(2, Math.floor(name.length / 2)) + 1;
  for (const candidate of names) {
    const d = distance(name, candidate);
    if (d < bestScore) {
      best = candidate;
      bestScore = d;
    }
  }
  return best;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
