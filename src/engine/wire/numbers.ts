/** Numbers a server gives: what it says is taken only where it can be meant. */

/** No advice keeps a lane away for longer than an hour. */
const MAX_ADVICE_MS = 3_600_000;
/** The last moment a date can name (ECMA-262, 21.4.1.1). */
const MAX_TIMESTAMP = 8.64e15;

/** A number of things, or of ms without a limit; null for what is no whole number from 0 on. */
export const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** How long to stay away, ms; at most an hour. */
export function adviceOf(value: unknown): number | null {
  const ms = countOf(value);
  return ms === null ? null : Math.min(ms, MAX_ADVICE_MS);
}

/** The same from decimal digits: more of them than a number holds still mean long. */
export const adviceOfDigits = (digits: string, unitMs = 1): number => Math.min(Number(digits) * unitMs, MAX_ADVICE_MS);

/** Unix ms. */
export const timestampOf = (value: unknown): number | null =>
  typeof value === 'number' && Math.abs(value) <= MAX_TIMESTAMP ? value : null;
