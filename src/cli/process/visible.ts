/* eslint-disable no-control-regex -- control characters are what this is about */

/** Colours as `paint` writes them. */
const OWN_COLOUR = /\x1b\[(?:[12]|22|3[1236]|39)m/y;

/**
 * Text that may be written to a terminal: what came over a wire or stands in a file may hold what moves a cursor, renames
 * a window or clears a screen. It is shown, not obeyed. Line feeds and tabs stay.
 * @param colour whether our own colours stay too
 */
export function visible(text: string, colour = false): string {
  return text.replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, (char, at: number) => {
    OWN_COLOUR.lastIndex = at;
    return colour && char === '\x1b' && OWN_COLOUR.test(text) ? char : '\ufffd';
  });
}

/** The same for JSON: it says what it said, but no character of it is a control character. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\x7f-\x9f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
