import { CookieJar } from 'tough-cookie';

/** A cookie that a server set, as far as it may be told. */
export interface SetCookie {
  name: string;
  value: string;
  domain: string;
  path: string;
  /** Unix ms; null: with the lane. */
  until: number | null;
}

/** What one lane keeps of the cookies its server sets (RFC 6265), as a browser's page would: sticky sessions live on it. */
export class Cookies {
  readonly #jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });

  /** What a request to this URL carries; null: nothing. */
  for(url: string): string | null {
    return this.#jar.getCookieStringSync(httpUrl(url)) || null;
  }

  /** @returns those that were kept */
  take(url: string, setCookies: readonly string[]): SetCookie[] {
    return setCookies.flatMap((line): SetCookie[] => {
      const cookie = this.#jar.setCookieSync(line, httpUrl(url), { ignoreError: true });
      if (!cookie) return [];
      const { key: name, value, domain, path, expires } = cookie;
      const until = cookie.expiryTime();
      const ends = expires === 'Infinity' && cookie.maxAge === null ? null : (until ?? null);
      return [{ name, value, domain: domain ?? '', path: path ?? '/', until: Number.isFinite(ends) ? ends : null }];
    });
  }
}

const httpUrl = (url: string): string => url.replace(/^ws(s?):/i, 'http$1:');
