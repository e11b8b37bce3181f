import type { Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { PublishKey, Receipt } from './broker.ts';

const MAX_KEYS = 20_000;

/** Receipts by idempotency key, so that a publisher may safely retry. */
export class IdempotencyCache {
  #clock: Clock;
  #receipts = new Map<string, { receipt: Receipt; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(key: string): Receipt | null {
    this.#evictExpired();
    return this.#receipts.get(key)?.receipt ?? null;
  }

  /** Without its data, which may be large and is in the log. */
  store(key: string, { cursor, seq, type, time }: Receipt): void {
    this.#receipts.set(key, { receipt: { cursor, seq, type, time }, at: this.#clock.now() });
    if (this.#receipts.size > MAX_KEYS) this.#receipts.delete(this.#receipts.keys().next().value!);
  }

  /** The log has a new epoch: the cursors are void. */
  clear(): void {
    this.#receipts.clear();
  }

  /** Oldest first, as Map keeps them. */
  #evictExpired(): void {
    const limit = this.#clock.now() - DEFAULTS.idempotencyMs;
    for (const [key, { at }] of this.#receipts) {
      if (at > limit) return;
      this.#receipts.delete(key);
    }
  }
}

/** The two kinds of keys never collide, whatever is in them. */
export function idempotencyKeyOf(channelName: string, key: PublishKey): string {
  if (typeof key === 'string') return `${channelName}\nkey ${key}`;
  return `${channelName}\nref ${key.connection} ${key.ref}`;
}
