import { adviceOf, adviceOfDigits } from '../../wire/numbers.ts';

/** `Retry-After` (RFC 9110, 10.2.3) as ms from now: seconds, or an HTTP date; null when it is neither. At most an hour. */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  if (/^\d+$/.test(text)) return adviceOfDigits(text, 1000);
  const date = Date.parse(text);
  return adviceOf(Math.round(Math.max(0, date - now)));
}
