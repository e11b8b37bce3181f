/** Arithmetic that several probes share. Milliseconds. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The largest group of values that lie within a share, or so many ms, of each other. */
export function agreeing(values: readonly number[], share: number, leastMs: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  let best: number[] = [];
  for (let from = 0; from < sorted.length; from++) {
    const room = Math.max(leastMs, sorted[from]! * share);
    let to = from;
    while (to < sorted.length && sorted[to]! - sorted[from]! <= room) to++;
    if (to - from > best.length) best = sorted.slice(from, to);
  }
  return best;
}

/** `310 ms`, `2.5 s`, `60 s`, `5 min`. */
export function msText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  if (ms < 180_000) return `${Math.round(ms / 1000)} s`;
  return `${(ms / 60_000).toFixed(1).replace(/\.0$/, '')} min`;
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

export const rangeOf = (min: number, max: number): [number, number] => [Math.round(min), Math.round(max)];
