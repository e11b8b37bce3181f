import { formatDuration } from '../../shared/duration.ts';

/** Numbers for people: units always, at most three significant digits, `–` for what is not known and never 0 for it. */
export const UNKNOWN = '–';

/** `3 ms`, `9.99 s`, `12.4 s`, `4 min 10 s` … ms below 10 s. */
export function ms(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value < 10_000) return `${Math.round(Number(value.toPrecision(3)))} ms`;
  if (value < 100_000) return `${(value / 1000).toFixed(1)} s`;
  const s = Math.round(value / 1000);
  return s < 6000
    ? `${Math.floor(s / 60)} min ${s % 60} s`
    : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** A duration somebody set, as exact as it was set: `250 ms`, `5 s`, `90 s`, `5 min`. */
export const span = (value: number): string =>
  formatDuration(value)
    .replace(/(?<=\d)(?=[a-z])/, ' ')
    .replace(/ m$/, ' min');

/** `down for 5000ms` → `down for 5 s`: what records say exactly, as people say it. */
export const humanDurations = (text: string): string =>
  text.replaceAll(/\b(\d{4,})ms\b/g, (_, n: string) => span(Number(n)));

/** `84 B`, `1.21 KiB`, `340 KiB` … */
export function bytes(value: number | null): string {
  if (value === null) return UNKNOWN;
  let n = value;
  for (const unit of ['B', 'KiB', 'MiB']) {
    if (n < 1000) return `${threeDigits(n)} ${unit}`;
    n /= 1024;
  }
  return `${threeDigits(n)} GiB`;
}

export const number = (value: number | null): string =>
  value === null ? UNKNOWN : value.toLocaleString('en-US', { maximumFractionDigits: 1 });

/** `n` of `of` as a percentage. */
export const share = (n: number, of: number): string => (of === 0 ? UNKNOWN : `${threeDigits((n / of) * 100)} %`);

function threeDigits(n: number): string {
  if (Number.isInteger(n) || n >= 100) return String(Math.round(n));
  return String(Number(n.toPrecision(3)));
}
