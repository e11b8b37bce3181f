/**
 * How numbers are written: units always, at most three significant digits, `–` for unknown, never 0 for unknown.
 * What was measured is `span`: milliseconds under 10 s. What is set, counted down or held against a limit is in seconds
 * (`limit`, `seconds`). Sizes are binary (`bytes`).
 */
export const UNKNOWN = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Three significant digits, thousands grouped: 1037 → `1,040`, 7.26 → `7.3`. */
function threeDigits(value: number): string {
  if (value >= 1000) {
    const step = 10 ** (Math.floor(Math.log10(value)) - 2);
    return grouped.format(Math.round(value / step) * step);
  }
  if (value >= 100) return String(Math.round(value));
  if (value >= 10) return fixed(value, 1);
  return fixed(value, 2);
}

const fixed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** A measured span: `9 ms`, `1,040 ms`, `12.4 s`, `3.5 min`, `2.1 h`. */
export function span(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  const value = Math.max(0, ms);
  if (value < 10) return `${fixed(value, 1)} ms`;
  if (value < 9995) return `${threeDigits(Math.round(value))} ms`;
  if (value < 99_950) return `${(value / 1000).toFixed(1)} s`;
  if (value < 600_000) return `${Math.round(value / 1000)} s`;
  if (value < 5_400_000) return `${threeDigits(value / 60_000)} min`;
  return `${threeDigits(value / 3_600_000)} h`;
}

/** A countdown or a limit, in seconds with one decimal: `4.2 s`. */
export function seconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}

/** A limit as one would say it: `10 s`, `2.5 s`, `1 min`. */
export function limit(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${fixed(ms / 1000, 1)} s`;
}

const BYTE_UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `612 B`, `1.2 KiB`: by 1024, as sizes are typed and as the command line prints them. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  if (value < 1000) return `${fixed(value, value < 10 ? 1 : 0)} B`;
  let scaled = value;
  for (const unit of BYTE_UNITS) {
    scaled /= 1024;
    if (scaled < 999.5 || unit === 'TiB') return `${threeDigits(scaled)} ${unit}`;
  }
  return UNKNOWN;
}

/** A count stays exact: `12,400`. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? UNKNOWN : grouped.format(value);
}

/** `1.36`; used with its own word (`1.36 req`). */
export function ratio(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  if (value > 0 && value < 0.005) return '<0.01';
  return value >= 1000 ? threeDigits(value) : fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Events a second, or a minute where that is slower than one a second: `5/s`, `12/min`. */
export const rateLabel = (perSecond: number): string =>
  perSecond >= 1 ? `${ratio(perSecond)}/s` : `${ratio(perSecond * 60)}/min`;

/** One word for many: `1 event`, `3 events`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** Run time to the second, for the axis: `1:08`, `1:02:03`. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const s = String(total % 60).padStart(2, '0');
  const m = Math.floor(total / 60) % 60;
  const h = Math.floor(total / 3600);
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** Run time with tenths (`1:08.0`) or hundredths (`1:07.21`). */
export function clockFine(ms: number, digits: 1 | 2): string {
  const unit = digits === 1 ? 100 : 10;
  const whole = Math.floor(Math.max(0, ms) / unit + 1e-6);
  const perSecond = 1000 / unit;
  return `${clock(Math.floor(whole / perSecond) * 1000)}.${String(whole % perSecond).padStart(digits, '0')}`;
}
