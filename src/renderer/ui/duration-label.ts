import { limit } from './format.ts';

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** A limit in the unit it is meant in: `10 s`, `350 s`, `4 min`, `5 d`. */
export function durationLabel(ms: number): string {
  const [size, unit] = ms > 60_000 ? (UNITS.find(([size]) => ms % size === 0) ?? []) : [];
  return size === undefined ? limit(ms) : `${ms / size} ${unit}`;
}
