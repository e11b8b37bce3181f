import { parseJson } from '../../wire/json.ts';

/** Whether a message is the expected answer to a beat: the same text, or JSON that has at least what was expected. */
export function matches(text: string, expected: string): boolean {
  if (text === expected) return true;
  const pattern = parseJson(expected);
  return typeof pattern === 'object' && pattern !== null && contains(parseJson(text), pattern);
}

function contains(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(
    ([key, inner]) => Object.hasOwn(value, key) && contains(Reflect.get(value, key), inner),
  );
}
