/** JSON that somebody else wrote. */
import { isRecord } from '../../shared/guards.ts';

/** More digits than a double holds exactly. */
const LONG_NUMBER = /\d{16}/;

/**
 * A whole number that a double would round is kept as it was written:
 * two ids must not become one.
 * @returns undefined where it is not JSON
 */
export function parseJson(text: string): unknown {
  try {
    return LONG_NUMBER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns null where it is not a JSON object */
export function parseJsonObject(text: string): Record<string, unknown> | null {
  const value = parseJson(text);
  return isRecord(value) ? value : null;
}

/** A number as it was written, which `JSON.stringify` writes in the same way again. */
interface RawJson {
  readonly rawJSON: string;
}
// cast: ECMAScript's JSON.parse source text access, which TypeScript does not know yet
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};

function keepExact(_key: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  const rounded = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
  return rounded ? rawJSON(source) : value;
}

/** The digits of a number that was kept as written; null for any other value. */
export const exactDigits = (value: unknown): string | null => (isRawJSON(value) ? value.rawJSON : null);
