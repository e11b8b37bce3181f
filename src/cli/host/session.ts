import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const secret = (): string => randomBytes(32).toString('base64url');

/** What a WebSocket offers beside the key, and what is agreed on: the key itself is not said back. */
export const SUBPROTOCOL = 'heartline';
const KEY_PREFIX = 'key.';

/**
 * Who may use the page. A one-time token in the printed address lets one browser in. It is given a cookie, and, in that
 * same answer, a key. The cookie alone opens nothing but the page's own files: cookies know no ports (RFC
 * 6265, section 8.5), so whatever else listens on 127.0.0.1 and is visited by this browser is sent it too. The key is
 * kept by the page's origin, which has the port in it, and is shown when the page connects.
 */
export class Session {
  readonly #cookie = secret();
  readonly #key = secret();
  #token = secret();
  #cookieName = '';

  /** Cookies are per host, so the name says which port it is for. */
  listensOn(port: number): void {
    this.#cookieName = `heartline_${port}`;
  }

  /** The one that lets the next browser in. */
  get token(): string {
    return this.#token;
  }

  isToken(given: string): boolean {
    return constantTimeEqual(given, this.#token);
  }

  renewToken(): void {
    this.#token = secret();
  }

  get setCookie(): string {
    return `${this.#cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  hasCookie(req: IncomingMessage): boolean {
    return (req.headers.cookie ?? '').split(/; */).some((pair) => {
      const at = pair.indexOf('=');
      return pair.slice(0, at) === this.#cookieName && constantTimeEqual(pair.slice(at + 1), this.#cookie);
    });
  }

  /** A browser cannot add a header to a WebSocket; but it can offer subprotocols, and no address shows them. */
  hasKey(req: IncomingMessage): boolean {
    const offered = (req.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    return offered.some(
      (one) => one.startsWith(KEY_PREFIX) && constantTimeEqual(one.slice(KEY_PREFIX.length), this.#key),
    );
  }

  /** The key as the end of an address. */
  get keyFragment(): string {
    return `#key=${this.#key}`;
  }

  /** The page with the key in it. */
  withKey(html: string): string {
    const meta = `<meta name="heartline-key" content="${this.#key}" />`;
    return /<head>/i.test(html) ? html.replace(/<head>/i, (head) => `${head}\n    ${meta}`) : `${html}${meta}`;
  }
}

/** Compares in constant time, whatever the lengths. */
function constantTimeEqual(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
