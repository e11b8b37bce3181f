import type { Method } from '../../../shared/catalog.ts';
import { templatesIn, type TemplateValues } from '../../../shared/dialect/template.ts';
import type { RemoteTarget } from '../../../shared/target.ts';
import type { Attempt, MaybePromise } from './attempt.ts';
import { compose, httpMethodOf, isSafeMethod, requestOf } from './compose.ts';
import { Cookies, type SetCookie } from './cookies.ts';
import { fillMessage } from './fill.ts';
import type { TokenSource } from './token-source.ts';

export interface EndpointClientOptions {
  target: RemoteTarget;
  method: Method;
  /** A token that stays the same, or where the next one comes from; null: there is none. */
  token: string | TokenSource | null;
  /** `var.NAME`, `secret.NAME`, `channel`, `base`. */
  values: TemplateValues;
  /** The dialect has a place for the token. */
  dialectHasToken: boolean;
  onCookie?: (cookie: SetCookie) => void;
}

/** Who asks with these headers, and nothing else. */
export const plainEndpoint = (method: Method, headers: Record<string, string> = {}): EndpointClient =>
  new EndpointClient({
    target: { kind: 'remote', name: '', base: null, urls: {}, channel: '', dialect: '', headers, cookies: false },
    method,
    token: null,
    values: () => null,
    dialectHasToken: false,
  });

/** One lane's way of asking its endpoint: who it is, what it sends beside the dialect, the cookies it was given. */
export class EndpointClient {
  readonly #o: EndpointClientOptions;
  readonly #request: ReturnType<typeof requestOf>;
  readonly #cookies: Cookies | null;
  readonly #tokenPlaced: boolean;
  #sentToken: string | null = null;

  constructor(o: EndpointClientOptions) {
    this.#o = o;
    this.#request = requestOf(o.target, o.method);
    this.#cookies = o.target.cookies === false ? null : new Cookies();
    const { headers, query = {}, body = '', open = [], subprotocols = [] } = this.#request;
    const url = o.target.urls[o.method] ?? '';
    const texts = [headers, query, body, open, subprotocols, url];
    this.#tokenPlaced =
      o.dialectHasToken || texts.some((text) => templatesIn(text).some(({ name }) => name === 'token'));
  }

  /** Whether a request may be sent again by itself, where the dialect says nothing of its method. */
  get repeatable(): boolean {
    return this.#o.method === 'websocket' || isSafeMethod(httpMethodOf(this.#request));
  }

  /** Whether another token can be had where one is refused. */
  get refreshable(): boolean {
    return typeof this.#o.token === 'object' && this.#o.token !== null && this.#o.token.refreshable;
  }

  /** What the next request, or connection, is made with. @throws Failure `no-token`; rejects with it */
  attempt(): MaybePromise<Attempt> {
    const { token } = this.#o;
    if (token === null || typeof token === 'string') return this.#attemptWith(token);
    const held = token.get();
    return held instanceof Promise ? held.then((one) => this.#attemptWith(one)) : this.#attemptWith(held);
  }

  /** The token that went out last was refused: another is asked for. */
  tokenRefused(): void {
    if (typeof this.#o.token === 'object') this.#o.token?.refused(this.#sentToken);
  }

  /** What a request to this URL carries of the cookies that were set. */
  cookieFor(url: string): string | null {
    return this.#cookies?.for(url) ?? null;
  }

  /** An answer came, whatever it was. */
  answered(url: string, setCookies: readonly string[] | undefined): void {
    if (!this.#cookies || !setCookies) return;
    for (const cookie of this.#cookies.take(url, setCookies)) this.#o.onCookie?.(cookie);
  }

  #attemptWith(token: string | null): Attempt {
    this.#sentToken = token;
    const values: TemplateValues = (name) => (name === 'token' ? token : this.#o.values(name));
    const withCursor =
      (cursor: string | null): TemplateValues =>
      (name) =>
        name === 'cursor' ? cursor : values(name);
    const { auth } = this.#o.target;
    const { subprotocols = [], open = [] } = this.#request;
    return {
      values,
      request: (plan, accept, cursor) =>
        compose(plan, {
          request: this.#request,
          auth,
          tokenPlaced: this.#tokenPlaced,
          values: withCursor(cursor),
          accept,
          cookie: this.cookieFor(plan.url),
        }),
      subprotocols: () => subprotocols.map((one) => fillMessage(one, values)),
      open: (cursor) => open.map((one) => fillMessage(one, withCursor(cursor))),
    };
  }
}
