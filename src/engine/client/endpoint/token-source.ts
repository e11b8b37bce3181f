import type { Clock } from '../../../shared/clock.ts';

/** A token as it was handed out. */
export interface MintedToken {
  token: string;
  /** Unix ms; null: nobody said. */
  expiresAt: number | null;
}

/** A token of which nobody knows how long it holds is handed to those that ask in the same moment, and not later. */
const UNDATED_MS = 1000;
const MAX_MARGIN_MS = 30_000;

/**
 * The token of one target, for all of its lanes: asked for anew where the last one is about to expire, was refused, or says
 * nothing of how long it holds. Those that ask at the same time wait for the same one.
 */
export class TokenSource {
  readonly #mint: () => Promise<MintedToken>;
  readonly #clock: Clock;
  readonly #onMinted: (token: string) => void;
  /** Whether another one can be had at all. */
  readonly refreshable: boolean;
  #held: { minted: MintedToken; until: number } | null = null;
  #asking: Promise<MintedToken> | null = null;

  constructor(o: {
    mint: () => Promise<MintedToken>;
    clock: Clock;
    onMinted: (token: string) => void;
    refreshable: boolean;
  }) {
    this.#mint = o.mint;
    this.#clock = o.clock;
    this.#onMinted = o.onMinted;
    this.refreshable = o.refreshable;
  }

  /** One that holds; at once where it is there. @throws Failure `no-token` */
  get(): string | Promise<string> {
    if (this.#held && this.#clock.unixTime() < this.#held.until) return this.#held.minted.token;
    this.#asking ??= this.#ask();
    return this.#asking.then(({ token }) => token);
  }

  /** The one that was sent is refused: it is not sent again. */
  refused(token: string | null): void {
    if (token === null || this.#held?.minted.token === token) this.#held = null;
  }

  async #ask(): Promise<MintedToken> {
    try {
      const minted = await this.#mint();
      this.#onMinted(minted.token);
      this.#held = { minted, until: this.#usableUntil(minted) };
      return minted;
    } finally {
      this.#asking = null;
    }
  }

  /** Some time before it expires, since a request takes time to arrive. */
  #usableUntil({ token, expiresAt }: MintedToken): number {
    const now = this.#clock.unixTime();
    if (!this.refreshable) return Infinity;
    const expires = expiresAt ?? expiryOfJwt(token);
    if (expires === null) return now + UNDATED_MS;
    const lifetime = Math.max(0, expires - now);
    return expires - Math.min(MAX_MARGIN_MS, Math.max(1000, lifetime / 10), lifetime / 2);
  }
}

/** `exp` of a JSON Web Token (RFC 7519, 4.1.4) as Unix ms; null where there is none. */
function expiryOfJwt(token: string): number | null {
  const [, payload = ''] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token) ?? [];
  if (payload === '') return null;
  try {
    // cast: it may be anything
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : null;
  } catch {
    return null;
  }
}
