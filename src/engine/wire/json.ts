/** JSON that somebody else wrote. */
import { isRecord } from '../../shared/guards.ts';

/** More digits than a double holds exactly. */
const LONG_NUMBER = /\d{16}/;

/** Nobody nests deeper; text that does would take a hundred times its size to read. */
export const MAX_DEPTH = 1000;
/** Text that is too short to do harm is not looked through. */
const HARMLESS_LENGTH = 64 * 1024;

/**
 * A whole number that a double would round is kept as it was written:
 * two ids must not become one.
 * @returns undefined where it is not JSON, or nested too deeply
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return LONG_NUMBER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether arrays and objects stand in one another more than `MAX_DEPTH` deep. */
export function isTooDeep(text: string): boolean {
  if (text.length <= HARMLESS_LENGTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '[' || char === '{') {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === ']' || char === '}') depth--;
  }
  return false;
}

/** @param start of its opening quote @returns where its closing quote stands, or the end of the text */
function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
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
