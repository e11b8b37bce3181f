/** Which proxy leads to a target. */
import { urlParts } from '../url-parts.ts';

/** Words that stand for a proxy, or for none. */
const PROXY_WORDS: readonly string[] = ['none', 'env', 'system'];
const PROXY_SCHEMES: readonly string[] = ['http:', 'socks5:', 'socks5h:'];

/** Whether a proxy may be given so. */
export function isProxySetting(text: string): boolean {
  if (PROXY_WORDS.includes(text)) return true;
  const parts = urlParts(text);
  return parts !== null && PROXY_SCHEMES.includes(parts.scheme) && /^[/?#]?$/.test(parts.rest);
}
