/** JSON that somebody else wrote. */

/** @returns undefined where it is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns null where it is not a JSON object */
export function parseJsonObject(text: string): Record<string, unknown> | null {
  const value = parseJson(text);
  return isJsonObject(value) ? value : null;
}

const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
