/** Values as a person would spell them in a scenario file, on one line. */
import { parse, stringify } from 'yaml';

/** `{ at: 10s, do: cut }`, `[nginx-tuned]`, `'a: b'`: what stands behind a key or a dash, within braces as well. */
export function formatYamlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatYamlValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${formatYamlValue(key)}: ${formatYamlValue(inner)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  return typeof value === 'string' ? formatYamlText(value) : stringify(value).trimEnd();
}

function formatYamlText(text: string): string {
  if (parsesAs(text, text)) return text;
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return parsesAs(quoted, text) ? quoted : JSON.stringify(text);
}

/** Whether this spelling is read as that text wherever it may stand. */
function parsesAs(candidate: string, text: string): boolean {
  if (candidate === '' || /[\n\r\t]/.test(candidate)) return false;
  try {
    const read: unknown = parse(`{ k: ${candidate} }`, { logLevel: 'silent' });
    const listed: unknown = parse(`[${candidate}, 1]`, { logLevel: 'silent' });
    return sameValue(read, { k: text }) && sameValue(listed, [text, 1]);
  } catch {
    return false;
  }
}

/** Plain data that says the same; the order of keys says nothing. */
export const sameValue = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string =>
  value === undefined
    ? 'undefined'
    : JSON.stringify(value, (_, inner: unknown) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
          : inner,
      );
