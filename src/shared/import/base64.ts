const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The text behind base64; null where it is none, or no UTF-8. */
export function fromBase64(text: string): string | null {
  let bits = 0;
  let word = 0;
  let bytes = '';
  for (const char of text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += `%${((word >> bits) & 255).toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(bytes);
  } catch {
    return null;
  }
}
