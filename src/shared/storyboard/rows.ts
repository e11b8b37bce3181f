/** Puts bars that overlap under each other: each takes the first row that is free when it begins. @returns how many rows */
export function assignRows(
  items: { at: number; end: number | null; row: number }[],
  minMs: number,
  firstRow = 0,
): number {
  const ends: number[] = [];
  for (const item of items.toSorted((a, b) => a.at - b.at)) {
    const free = ends.findIndex((end) => end <= item.at);
    const row = free < 0 ? ends.length : free;
    ends[row] = Math.max(item.end ?? item.at, item.at + minMs);
    item.row = firstRow + row;
  }
  return firstRow + ends.length;
}
