import { Failure } from './failure.ts';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, kB: 1000, MB: 1e6, GB: 1e9 };

/** Eleven days: a longer wait is a typing error, and no timer holds it. */
export const MAX_DURATION_MS = 1e9;

/** `250ms`, `10s`, `1.5m` → milliseconds. @throws Failure `bad-duration` naming `place`. */
export function parseDuration(text: string, place?: string): number {
  const m = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (!m) {
    throw new Failure({
      code: 'bad-duration',
      message: `"${text}" is not a duration.`,
      hint: 'Write a number with a unit: 250ms, 10s or 5m.',
      exit: 2,
      ...(place === undefined ? {} : { place }),
    });
  }
  // to the microsecond: 525985.3 × 1000 is 525985300.00000006
  return Math.round(Number(m[1]) * UNITS[m[2]!]! * 1000) / 1000;
}

/** Milliseconds → the shortest exact spelling: 250 → `250ms`, 10000 → `10s`, 90000 → `90s`, 300000 → `5m`. */
export function formatDuration(ms: number): string {
  if (ms !== 0 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms !== 0 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  if (ms % 1000 === 0) return `${ms / 1000}s`;
  if (ms >= 1000 && ms % 100 === 0) return `${ms / 1000}s`;
  return `${Math.round(ms * 1000) / 1000}ms`;
}

/** `64KiB`, `512B`, `1MiB`, or a bare number of bytes → bytes. @throws Failure `bad-size` naming `place`. */
export function parseSize(text: string, place?: string): number {
  const m = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|kB|MB|GB)?$/.exec(text.trim());
  if (!m) {
    throw new Failure({
      code: 'bad-size',
      message: `"${text}" is not a size.`,
      hint: 'Write bytes with a unit: 512B, 64KiB or 1MiB.',
      exit: 2,
      ...(place === undefined ? {} : { place }),
    });
  }
  return Math.round(Number(m[1]) * (m[2] ? SIZES[m[2]]! : 1));
}

/** Bytes → `512B`, `64KiB`, `1.5MiB`. */
export function formatSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    const n = SIZES[unit]!;
    if (bytes >= n && (bytes * 100) % n === 0) return `${bytes / n}${unit}`;
  }
  return `${bytes}B`;
}

/** `5/s`, `30/m`, or a bare number a second → events a second. @throws Failure `bad-rate` naming `place`. */
export function parseRate(text: string, place?: string): number {
  const m = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text.trim());
  if (!m) {
    throw new Failure({
      code: 'bad-rate',
      message: `"${text}" is not a rate.`,
      hint: 'Write 5/s or 30/m.',
      exit: 2,
      ...(place === undefined ? {} : { place }),
    });
  }
  return (Number(m[1]) * 1000) / UNITS[m[2] ?? 's']!;
}
